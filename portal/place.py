"""Where somebody answers: signed in to the portal, or with the pass of a link or of the room.

The answering views take an ``AnswerPlace`` and know nothing else: it gives the addresses, who answers, and the look.
"""

import functools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessments import passcookie
from assessments.errors import ConsentNeeded, LateDraft, NotAsked
from assessments.models import Assignment, AssignmentLink, Response
from clients import access
from clients.models import Client
from clients.queries.joining import missing_consent
from portal import pages
from practice.grants import Permission, Relationship, grants
from practice.models import PrivacyNotice, User

WELCOME_KEY = "welcome-then"


@dataclass(frozen=True)
class AnswerPlace:
    """One assignment in one place. ``by`` is the signed-in client, or nothing for the bearer of a pass."""

    assignment: Assignment
    by: User | None

    @property
    def signed_in(self) -> bool:
        return self.by is not None

    @property
    def in_room(self) -> bool:
        return self.assignment.channel == Assignment.Channel.ROOM

    @property
    def client(self) -> Client:
        return self.assignment.client

    @functools.cached_property
    def response(self) -> Response | None:
        """What was begun, if anything was, with the assignment, client and version that are loaded already."""
        response = getattr(self.assignment, "response", None)
        if response is not None:
            response.client, response.version = self.assignment.client, self.assignment.version
        return response

    @property
    def asked(self) -> bool:
        """Whether it is still asked. The server's clock decides."""
        return self.assignment.state == Assignment.State.OPEN and not self.assignment.has_expired(timezone.now())

    def missing_consent(self) -> PrivacyNotice | None:
        """The notice to agree to before the next answer."""
        return missing_consent(self.client)

    def url(self, step: str = "answer", **kwargs: Any) -> str:
        """The address of a step: answer, page, save, review, submit or done."""
        if self.signed_in:
            name = "answer" if step == "answer" else f"answer_{step}"
            return reverse(f"portal:{name}", kwargs={"pk": self.assignment.pk, **kwargs})
        return reverse("portal:link_answer" if step == "answer" else f"portal:link_{step}", kwargs=kwargs)


READ, WRITE = ("GET", "HEAD"), ("POST",)
BOTH = (*READ, *WRITE)

AnswerView = Callable[..., HttpResponse]


class NotBegun(Exception):
    """There is no draft yet: the introduction comes first."""


def in_portal(view: AnswerView, methods: Sequence[str]) -> AnswerView:
    """The view for the signed-in client; the route's ``pk`` is the assignment. Others, and what is hidden: 404."""

    @require_http_methods(methods)
    @functools.wraps(view)
    def opened(request: HttpRequest, pk: uuid.UUID, **kwargs: Any) -> HttpResponse:
        rows = Assignment.objects.filter(channel=Assignment.Channel.PORTAL).select_related(
            "client__practice", "version__instrument", "response"
        )
        assignment = access.get_row(rows, pages.me(request), pk, Permission.ANSWER)
        if assignment.version.definition.hidden_from_portal:
            raise access.Denied("assignment", pk)
        return _answer(view, request, AnswerPlace(assignment, pages.me(request)), **kwargs)

    return opened


def by_pass(view: AnswerView, methods: Sequence[str]) -> AnswerView:
    """The view for the device that holds a live pass; others get the page that says what to do (410)."""

    @login_not_required
    @require_http_methods(methods)
    @functools.wraps(view)
    def opened(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        link = passcookie.link_of(request)
        if link is None or not grants(Relationship.LINK, Permission.ANSWER):
            return _gone(request, None, "link")
        refuse_others(request, link)
        return _answer(view, request, AnswerPlace(link.assignment, None), **kwargs)

    return opened


def refuse_others(request: HttpRequest, link: AssignmentLink) -> None:
    """Whoever is signed in as somebody else has no business with this link: a partner on a shared device, say."""
    if request.user.is_authenticated and link.assignment.client.user_id != request.user.pk:
        raise access.Denied("assignmentlink", link.pk)


def _answer(view: AnswerView, request: HttpRequest, place: AnswerPlace, **kwargs: Any) -> HttpResponse:
    """In the practice's zone; what the actions refuse becomes a page or, for the autosave, JSON."""
    with timezone.override(place.client.practice.zone):
        try:
            return view(request, place, **kwargs)
        except LateDraft as late:
            if pages.wants_json(request):
                return JsonResponse({"late": True, "message": str(late), "done": place.url("done")}, status=409)
            context = {"place": place, "done_url": place.url("done")}
            return pages.show(request, "portal/answer/late.html", place.client.practice, context, status=409)
        except NotAsked:
            return _gone(request, place, "asked")
        except ConsentNeeded as needed:
            if pages.wants_json(request):
                return JsonResponse({"consent": True, "message": str(needed)}, status=403)
            return to_consent(request, place)
        except NotBegun:
            if pages.wants_json(request):
                return JsonResponse({"gone": True}, status=410)
            return redirect(place.url())


def to_consent(request: HttpRequest, place: AnswerPlace) -> HttpResponse:
    """Where the privacy notice is agreed to: a page of the portal, or the introduction of a link."""
    if not place.signed_in:
        return redirect(place.url())
    request.session[WELCOME_KEY] = str(place.assignment.pk)
    return redirect("portal:welcome")


def _gone(request: HttpRequest, place: AnswerPlace | None, what: str) -> HttpResponse:
    if pages.wants_json(request):
        return JsonResponse({"gone": True}, status=410)
    practice = place.client.practice if place else None
    base = "base_client.html" if place and place.signed_in else "base_link.html"
    return pages.show(request, "portal/gone.html", practice, {"what": what, "base": base}, status=410)
