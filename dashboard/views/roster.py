"""The roster (administrative only) and an owner's emergency access to one client."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clients import access
from clients.actions.care import end_emergency, open_emergency
from clients.models import EmergencyAccess
from dashboard.forms.people import EmergencyForm
from dashboard.gates import member
from dashboard.queries import roster as query
from dashboard.views.people import own, owner_page
from practice import audit
from practice.errors import Refused
from practice.grants import Permission
from practice.queries import memberships_of
from practice.requests import MemberRequest


@require_safe
@member(Permission.SEE_ROSTER)
def roster(request: MemberRequest) -> HttpResponse:
    practice = request.membership.practice
    clients = access.clients_for(request.user, Permission.SEE_ROSTER).filter(practice=practice)
    entries, page = query.roster(clients, practice.today(), request.GET.get("after", ""))
    audit.write("opened-list", by=request.user, practice=practice.pk, subject="roster")
    context = {"entries": entries, "page": page, "emergencies": query.open_emergencies(practice, timezone.now())}
    return render(request, "dashboard/people/roster.html", context)


@owner_page
@member(Permission.OPEN_EMERGENCY)
def emergency(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Say why and for how long; then the record opens, and the care team is told."""
    client = access.get_client(request.user, pk, Permission.OPEN_EMERGENCY)
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        membership = query.membership_in(memberships_of(request.user), client.practice)
        try:
            open_emergency(by=request.user, membership=membership, client=client, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.warning(request, _("Emergency access is open. What you open is recorded."))
            return redirect("dashboard:client", pk=client.pk)
    if request.method != "POST":
        audit.write("opened", by=request.user, record=client, client=client.pk, basis="owner", page="emergency")
    context = {"form": form, "client": client, "rows": query.emergencies_of(client), "section": "roster"}
    return render(request, "dashboard/people/emergency.html", context)


@require_POST
@member(Permission.OPEN_EMERGENCY)
def emergency_end(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    row = own(request, EmergencyAccess.objects.all(), pk)
    end_emergency(by=request.user, emergency=row)
    messages.success(request, _("Emergency access has ended."))
    return redirect("dashboard:roster")
