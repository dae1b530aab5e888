"""Adding, changing and inviting clients; why a supervisor opens a record; who opened it."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients import access
from clients.actions.clients import (
    add_client,
    change_client,
    invite_client,
    revoke_client_invitation,
    send_client_invitation,
)
from clients.models import Client
from clients.queries.contact import may_mail
from clients.queries.joining import latest_invitation, may_renew, suggest_sign_in
from dashboard import opening, qr
from dashboard.forms.clients import AddClientForm, ClientForm, ReasonForm
from dashboard.frames import frame, permissions
from dashboard.gates import member
from dashboard.queries.clients import access_log
from dashboard.queries.mails import mail_state
from dashboard.requests import StaffRequest
from practice import audit, tokens
from practice.errors import Refused
from practice.grants import REASON_NEEDED, Permission
from practice.mail import link_to

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])
SHOWN_KEY = "invitation-shown"


@READ_WRITE
@member(Permission.CHANGE_ADMINISTRATIVE, Permission.CHANGE_IDENTITY)
def client_add(request: StaffRequest) -> HttpResponse:
    form = AddClientForm(request.POST or None, by=request.user, membership=request.membership)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            client = add_client(
                by=request.user,
                clinician=data["clinician"],
                starts_on=data["starts_on"],
                **form.fields_for_action(),
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            name = {"name": client.full_name, "code": client.code}
            messages.success(request, _("%(name)s is added as %(code)s.") % name)
            mine = access.can(request.user, Permission.SEE_CLINICAL, client)
            return redirect("dashboard:client", client.pk) if mine else redirect("dashboard:roster")
    section = "caseload" if request.membership.is_clinician else "roster"
    return render(request, "dashboard/clients/add.html", {"form": form, "section": section})


@READ_WRITE
@opening.record(Permission.CHANGE_IDENTITY)
def client_edit(request: StaffRequest, client: Client) -> HttpResponse:
    form = ClientForm(request.POST or None, client=client)
    if request.method == "POST" and form.is_valid():
        try:
            change_client(by=request.user, client=client, **form.fields_for_action())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("dashboard:client", client.pk)
    return render(request, "dashboard/clients/edit.html", frame(request, client, form=form))


@READ_WRITE
@opening.record(Permission.CHANGE_IDENTITY)
def client_invite(request: StaffRequest, client: Client) -> HttpResponse:
    """Make, send, show, revoke the link. It stands on the page once after it was made or asked for again."""
    if request.method == "POST":
        try:
            _invite(request, client, request.POST.get("do", ""))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("dashboard:client_invite", client.pk)
    invitation = latest_invitation(client)
    live = invitation is not None and invitation.is_live(timezone.now())
    link = ""
    if invitation and live and request.session.pop(SHOWN_KEY, "") == str(invitation.pk):
        link = link_to("portal:client_join", token=tokens.token_for(invitation))
    context: dict[str, Any] = {
        "invitation": invitation,
        "live": live,
        "mail": mail_state(f"client-invitation:{invitation.pk}") if invitation else "",
        "link": link,
        "qr": qr.data_uri(link) if link else "",
        "sign_in": suggest_sign_in(client),
        "may_mail": may_mail(client),
        "may_renew": client.user_id is None or may_renew(client),
    }
    return render(request, "dashboard/clients/invite.html", frame(request, client, **context))


def _invite(request: StaffRequest, client: Client, what: str) -> None:
    """One of the buttons of the page; anything else does nothing."""
    if what in ("make", "send"):
        invitation = invite_client(by=request.user, client=client)
        if what == "make":
            request.session[SHOWN_KEY] = str(invitation.pk)
        else:
            send_client_invitation(by=request.user, invitation=invitation)
            messages.success(request, _("The link will be sent within the client’s hours for messages."))
    elif what == "show":
        request.session[SHOWN_KEY] = str(getattr(latest_invitation(client), "pk", ""))
        audit.write("client.invitation_shown", by=request.user, record=client, client=client.pk)
    elif what == "revoke":
        revoke_client_invitation(by=request.user, client=client)
        messages.success(request, _("The link works no longer."))


@READ_WRITE
def client_reason(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """A supervisor says why, once for some hours; the code of the reason goes into the audit trail."""
    client = access.get_client(request.user, pk, Permission.SEE_CLINICAL)
    if access.basis(request.user, client) not in REASON_NEEDED:
        return redirect("dashboard:client", client.pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        audit.write(
            "reason.given",
            by=request.user,
            record=client,
            client=client.pk,
            basis="supervisor",
            reason=form.cleaned_data["reason"],
        )
        opening.remember_reason(request, client, form.cleaned_data["reason"])
        return redirect("dashboard:client", client.pk)
    return render(request, "dashboard/clients/reason.html", {"form": form, "client": client, "section": "team"})


@require_safe
@opening.record(Permission.SEE_ACCESS)
def client_access(request: StaffRequest, client: Client) -> HttpResponse:
    sees_safety = Permission.SEE_SAFETY in permissions(request)
    lines, page = access_log(client, sees_safety=sees_safety, after=request.GET.get("after", ""))
    return render(
        request, "dashboard/clients/access.html", frame(request, client, "client_access", lines=lines, page=page)
    )
