"""The link to answer without signing in: a button first, then the token becomes a cookie and leaves the address."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessments import passcookie
from assessments.actions.links import enter_link
from assessments.models import Assignment, AssignmentLink
from clients.access import Denied
from portal import pages
from portal.place import refuse_others
from practice import tokens
from practice.errors import Refused


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button only; POST consumes the link. The device that did so is led on when it comes again."""
    row = tokens.find(AssignmentLink, token)
    if row is None:
        raise Denied("assignmentlink", None)
    refuse_others(request, row)
    held = passcookie.link_of(request)
    if held is not None and held.pk == row.pk:
        return redirect("portal:link_answer")
    if not row.is_live(timezone.now()) or row.assignment.state != Assignment.State.OPEN:
        return _gone(request, row)
    if request.method == "POST":
        try:
            secret = enter_link(link=row)
        except Refused:
            return _gone(request, row)
        response = redirect("portal:link_answer")
        passcookie.put(response, secret, until=row.expires_at)
        return response
    context = {"practice": row.practice, "minutes": row.assignment.version.definition.minutes}
    return pages.show(request, "portal/link.html", row.practice, context)


def _gone(request: HttpRequest, row: AssignmentLink) -> HttpResponse:
    sent = row.used_at is not None and row.assignment.state == Assignment.State.SUBMITTED
    what = "sent" if sent else "used" if row.used_at is not None else "link"
    return pages.show(request, "portal/gone.html", row.practice, {"what": what, "base": "base_link.html"}, status=410)
