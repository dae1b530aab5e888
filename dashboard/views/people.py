"""The owner's people: members and roles, invitations, supervision. No clinical content."""

import uuid
from typing import TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.forms.people import EndForm, InviteForm, MemberForm, SupervisionForm
from dashboard.gates import member
from dashboard.queries import people as query
from practice import audit
from practice.actions import people as actions
from practice.errors import Denied, Refused
from practice.grants import Permission
from practice.models import Invitation, Membership, Supervision
from practice.requests import MemberRequest

Row = TypeVar("Row", bound=Model)

owner_page = require_http_methods(["GET", "HEAD", "POST"])


def own(request: MemberRequest, rows: QuerySet[Row], pk: uuid.UUID) -> Row:
    """A row of the practice that one acts for now, or ``Denied``."""
    row = rows.filter(practice=request.membership.practice_id, pk=pk).first()
    if row is None:
        raise Denied(rows.model._meta.model_name or "", pk)
    return row


@require_safe
@member(Permission.MANAGE_PRACTICE)
def people(request: MemberRequest) -> HttpResponse:
    practice = request.membership.practice
    persons, page = query.people(practice, practice.today(), request.GET.get("after", ""))
    invited = query.invitations(practice, timezone.now())
    audit.write("opened-list", by=request.user, practice=practice.pk, subject="people")
    return render(request, "dashboard/people/people.html", {"persons": persons, "page": page, "invited": invited})


@owner_page
@member(Permission.MANAGE_PRACTICE)
def invite(request: MemberRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.invite(by=request.user, practice=request.membership.practice, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("dashboard:people")
    return render(request, "dashboard/people/invite.html", {"form": form, "section": "people"})


@require_POST
@member(Permission.MANAGE_PRACTICE)
def invitation_renew(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    invitation = own(request, Invitation.objects.all(), pk)
    try:
        actions.renew_invitation(by=request.user, invitation=invitation)
        messages.success(request, _("A new link is on its way; the earlier one no longer works."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("dashboard:people")


@require_POST
@member(Permission.MANAGE_PRACTICE)
def invitation_revoke(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    invitation = own(request, Invitation.objects.all(), pk)
    try:
        actions.revoke_invitation(by=request.user, invitation=invitation)
        messages.success(request, _("The invitation was taken back; its link no longer works."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("dashboard:people")


@owner_page
@member(Permission.MANAGE_PRACTICE)
def person(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """One member: roles, title, last day; their supervision links."""
    membership = own(request, Membership.objects.select_related("user", "practice"), pk)
    today = membership.practice.today()
    form = MemberForm(request.POST or None, membership=membership)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_member(by=request.user, membership=membership, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("dashboard:people")
    if request.method != "POST":
        audit.write("opened", by=request.user, record=membership, page="member")
    context = {
        "form": form,
        "person": membership,
        "links": query.supervisions(membership, today),
        "in_care": query.clients_in_care(membership, today),
        "section": "people",
    }
    return render(request, "dashboard/people/member.html", context)


@owner_page
@member(Permission.MANAGE_PRACTICE)
def supervision_add(request: MemberRequest) -> HttpResponse:
    practice = request.membership.practice
    form = SupervisionForm(request.POST or None, practice=practice, today=practice.today())
    if request.method == "POST" and form.is_valid():
        try:
            actions.start_supervision(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Supervision starts."))
            return redirect("dashboard:people")
    return render(request, "dashboard/people/supervision_add.html", {"form": form, "section": "people"})


@owner_page
@member(Permission.MANAGE_PRACTICE)
def supervision_end(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    rows = Supervision.objects.select_related("supervisor__user", "supervisee__user", "practice")
    link = own(request, rows, pk)
    form = EndForm(request.POST or None, initial={"ends_on": link.practice.today()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_supervision(by=request.user, supervision=link, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            over = form.cleaned_data["ends_on"] < link.practice.today()
            messages.success(request, _("Supervision has ended.") if over else _("Supervision ends on that day."))
            return redirect("dashboard:member", pk=link.supervisee_id)
    return render(request, "dashboard/people/supervision_end.html", {"form": form, "link": link, "section": "people"})
