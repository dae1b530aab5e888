"""The caseload, and a supervisor's team with each supervisee's caseload."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients.access import Denied, clients_for
from dashboard.caseload_table import case_rows
from dashboard.gates import member
from dashboard.queries import alerts, closed
from dashboard.queries import caseload as query
from dashboard.queries import team as team_query
from practice import audit
from practice.grants import Permission
from practice.requests import MemberRequest


@require_safe
@member(Permission.WORK)
def caseload(request: MemberRequest) -> HttpResponse:
    """One's own clients in care; ``?s=`` gives the discharged, or everybody. Alerts are of all, on every tab."""
    membership, code = request.membership, request.GET.get("s", closed.IN_CARE)
    work = clients_for(request.user, Permission.WORK).filter(practice=membership.practice_id)
    flags = alerts.open_flags(work)
    context: dict[str, Any] = {
        "tabs": _tabs(code),
        "flags": flags,
        "emergencies": alerts.emergencies(work, timezone.now()),
    }
    clients, after = closed.chosen(work, code), request.GET.get("after", "")
    audit.write("opened-list", by=request.user, practice=membership.practice_id, subject="caseload")
    if code in (closed.DISCHARGED, closed.EVERYBODY):
        context["entries"], page = closed.entries(clients, after)
        context |= {"page": page, "code": code, "next": page.next_query.replace("?", f"?s={code}&")}
        context["first"] = f"{reverse('dashboard:caseload')}?s={code}" if page.is_later else ""
        return render(request, "dashboard/caseload/closed.html", context)
    found = query.read(clients, membership=membership, after=after, flags=flags)
    context |= {"page": found, "rows": case_rows(found.cases)}
    return render(request, "dashboard/caseload/caseload.html", context)


def _tabs(code: str) -> list[dict[str, Any]]:
    known = code if code in (closed.DISCHARGED, closed.EVERYBODY) else closed.IN_CARE
    start = reverse("dashboard:caseload")
    return [
        {"label": label, "url": start if one == closed.IN_CARE else f"{start}?s={one}", "current": one == known}
        for one, label in closed.TABS
    ]


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
    clients = team_query.clients_of(request.user, link)
    page = query.read(clients, membership=membership, after=request.GET.get("after", ""))
    audit.write("opened-list", by=request.user, record=link, basis="supervisor")
    context = {"page": page, "rows": case_rows(page.cases), "link": link}
    return render(request, "dashboard/caseload/team_member.html", context)
