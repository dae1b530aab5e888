"""The caseload, and a supervisor's team with each supervisee's caseload."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients.access import Denied, clients_for
from dashboard.gates import member
from dashboard.queries import caseload as query
from dashboard.queries import team as team_query
from practice import audit
from practice.grants import Permission
from practice.requests import MemberRequest


@require_safe
@member("clinician")
def caseload(request: MemberRequest) -> HttpResponse:
    membership = request.membership
    clients = (
        clients_for(request.user, Permission.WORK).filter(practice=membership.practice_id).exclude(status="discharged")
    )
    page = query.read(clients, membership=membership, after=request.GET.get("after", ""))
    audit.write("opened-list", by=request.user, practice=membership.practice_id, subject="caseload")
    return render(request, "dashboard/caseload/caseload.html", {"page": page})


@require_safe
@member("supervisor")
def team(request: MemberRequest) -> HttpResponse:
    membership = request.membership
    supervisees = team_query.supervisees(membership)
    audit.write("opened-list", by=request.user, practice=membership.practice_id, subject="team")
    return render(request, "dashboard/caseload/team.html", {"supervisees": supervisees})


@require_safe
@member("supervisor")
def team_member(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """A supervisee's caseload through the supervision link; the opening is recorded with the link."""
    membership = request.membership
    link = team_query.current_link(membership, pk)
    if link is None:
        raise Denied("membership", pk)
    clients = team_query.clients_of(request.user, link)
    page = query.read(clients, membership=membership, after=request.GET.get("after", ""), with_flags=False)
    audit.write("opened-list", by=request.user, record=link, basis="supervisor")
    return render(request, "dashboard/caseload/team_member.html", {"page": page, "link": link})
