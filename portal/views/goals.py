"""My goals: their words, my answers at check-ins, a goal in my own words, and my yes to my therapist's."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clients import access
from clients.actions.goals import MAX_WORDS, agree_goal, reword_goal, set_goal
from clients.models import Client, Goal
from clients.queries.joining import missing_consent
from portal import pages, queries
from portal.gates import own, own_clients
from practice.errors import Refused
from practice.grants import Permission


@require_safe
@own
def goals(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    pages.record_opened(request, clients, "goals")
    return _page(request, clients)


@require_POST
def goal_add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A goal in my own words, for the client record ``pk``."""
    client = access.get_client(pages.me(request), pk, Permission.ANSWER)
    if missing_consent(client) is not None:
        return redirect("portal:welcome")
    words = request.POST.get("words", "")
    try:
        set_goal(by=pages.me(request), client=client, words=words, by_client=True)
    except Refused as refused:
        return _page(request, own_clients(request), refused={client.pk: (words, str(refused))})
    messages.success(request, _("Your goal is here, and your therapist sees it. The next check-in asks about it."))
    return redirect("portal:goals")


@require_POST
def goal(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """I agree to the words, or say it in mine."""
    rows = Goal.objects.select_related("client__practice")
    stored = access.get_row(rows, pages.me(request), pk, Permission.ANSWER)
    if missing_consent(stored.client) is not None:
        return redirect("portal:welcome")
    words = request.POST.get("words", "")
    try:
        if request.POST.get("do") == "agree":
            agree_goal(by=pages.me(request), goal=stored)
            messages.success(request, _("Thank you. You and your therapist agree on these words."))
        else:
            reword_goal(by=pages.me(request), goal=stored, words=words, by_client=True)
            messages.success(request, _("Your words are kept, and your therapist sees them."))
    except Refused as refused:
        return _page(request, own_clients(request), refused={stored.pk: (words, str(refused))})
    return redirect("portal:goals")


def _page(
    request: HttpRequest, clients: list[Client], *, refused: Mapping[uuid.UUID, tuple[str, str]] | None = None
) -> HttpResponse:
    """``refused``: what was typed and why it was refused, by the id of the client record or of the goal."""
    groups = queries.own_goals(clients, refused or {})
    context: dict[str, Any] = {
        "groups": groups,
        "several": len(groups) > 1,
        "most": MAX_WORDS,
        "errors": [why for _words, why in (refused or {}).values()],
        "section": "mine",
    }
    status = 400 if refused else 200
    return pages.show(request, "portal/goals.html", clients[0].practice, context, status=status)
