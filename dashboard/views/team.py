"""A supervisor's team with each supervisee's caseload."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clients.access import Denied
from clients.queries.supervision import waiting_by_supervisee
from dashboard.caseload_table import case_rows, reasons, shared_words
from dashboard.cases import slider_names
from dashboard.choice import Choice
from dashboard.gates import member
from dashboard.queries import caseload as query
from dashboard.queries import caseload_page
from dashboard.queries import team as team_query
from practice import audit
from practice.grants import Permission
from practice.requests import MemberRequest


@require_safe
@member(Permission.SEE_TEAM)
def team(request: MemberRequest) -> HttpResponse:
    membership = request.membership
    supervisees = team_query.supervisees(membership)
    audit.write("opened-list", by=request.user, practice=membership.practice_id, subject="team")
    return render(request, "dashboard/caseload/team.html", {"supervisees": supervisees})


@require_safe
@member(Permission.SEE_TEAM)
def team_member(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """A supervisee's caseload through the supervision link; the opening is recorded with the link."""
    membership = request.membership
    link = team_query.current_link(membership, pk)
    if link is None:
        raise Denied("membership", pk)
    clients = list(team_query.clients_of(request.user, link).values_list("pk", flat=True))
    rows = query.everyone(clients, membership=membership)
    page = caseload_page.page(rows, Choice(), practice=membership.practice, after=request.GET.get("after", ""))
    audit.write("opened-list", by=request.user, record=link, basis="supervisor")
    start = reverse("dashboard:team_member", args=[pk])
    context = {
        "page": page,
        "rows": case_rows(page.cases),
        "reasons": reasons(page.cases),
        "shared": shared_words(page.cases),
        "sliders": slider_names().values(),
        "link": link,
        "waiting": waiting_by_supervisee(membership, [pk]).get(pk, 0),
        "next": start + Choice().query(after=page.after) if page.after else "",
        "first": start if page.is_later else "",
    }
    return render(request, "dashboard/caseload/team_member.html", context)
