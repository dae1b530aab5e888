"""Joining by a one-time link, and the privacy notice before the first answer."""

import uuid
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import Denied
from clients.actions.joining import accept_client_invitation, give_consent
from clients.models import Client, ClientInvitation
from clients.queries.joining import current_notice, missing_consent, suggest_sign_in
from portal import pages
from portal.forms import JoinForm
from portal.gates import own
from portal.place import WELCOME_KEY
from practice import limits, tokens
from practice.errors import Refused
from practice.models import PrivacyNotice, User

INVITATION_KEY = "invitation"
BACKEND = "practice.signin.SignInBackend"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button only, since mail scanners fetch links; POST keeps the invitation and leaves the address."""
    invitation = tokens.find(ClientInvitation, token)
    if invitation is None:
        raise Denied("invitation", None)
    if not invitation.is_live(timezone.now()):
        return _gone(request, invitation)
    if request.method == "POST":
        request.session[INVITATION_KEY] = str(invitation.pk)
        return redirect("portal:client_join_form")
    return pages.show(request, "portal/join.html", invitation.practice, {"practice": invitation.practice})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def join_form(request: HttpRequest) -> HttpResponse:
    """Choose a sign-in name and a password; a new password for a sign-in that exists does not sign in."""
    pk = request.session.get(INVITATION_KEY)
    rows = ClientInvitation.objects.select_related("client__practice", "client__user")
    invitation = rows.filter(pk=str(pk)).first() if pk else None
    if invitation is None or not invitation.is_live(timezone.now()):
        return _gone(request, invitation)
    client = invitation.client
    options: dict[str, Any] = {
        "initial": {"sign_in": suggest_sign_in(client)},
        "fixed_name": client.user_id is not None,
    }
    form = JoinForm(request.POST, **options) if request.method == "POST" else JoinForm(**options)
    if request.method == "POST" and limits.too_many(request, "join", key=str(invitation.pk)):
        return limits.refuse(request)
    if request.method == "POST" and form.is_valid():
        try:
            user = accept_client_invitation(
                invitation=invitation, sign_in=form.cleaned_data["sign_in"], password=form.cleaned_data["password"]
            )
        except Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            return _joined(request, user, renewed=client.user_id is not None)
    context = {"form": form, "practice": client.practice, "renewing": client.user_id is not None}
    return pages.show(request, "portal/join_form.html", client.practice, context, status=400 if form.errors else 200)


def _joined(request: HttpRequest, user: User, *, renewed: bool) -> HttpResponse:
    """A new sign-in is signed in. A renewed one signs in as always, so that its second step is still demanded."""
    if renewed:
        logout(request)  # whoever was signed in on this device
        messages.success(request, _("Your new password is set. You can sign in now."))
        return redirect("account_login")
    login(request, user, backend=BACKEND)
    UserSession.objects.create_from_request(request)  # as at sign-in, so that the device is listed
    request.session.pop(INVITATION_KEY, None)
    return redirect("portal:welcome")


@require_http_methods(["GET", "HEAD", "POST"])
@own
def welcome(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    """The privacy notice: agree, or not now. Without consent everything but answering works."""
    client, notice = _to_agree(clients)
    if request.method == "POST":
        return _answer(request, client, notice)
    context = {
        "client": client,
        "notice": notice or current_notice(client.practice),
        "agreed": notice is None,
        "waiting": WELCOME_KEY in request.session,
    }
    return pages.show(request, "portal/welcome.html", client.practice, context)


def _to_agree(clients: list[Client]) -> tuple[Client, PrivacyNotice | None]:
    """The client record with a notice to agree to, and that notice; else the first one."""
    for client in clients:
        notice = missing_consent(client)
        if notice is not None:
            return client, notice
    return clients[0], None


def _answer(request: HttpRequest, client: Client, notice: PrivacyNotice | None) -> HttpResponse:
    """Agreed to exactly the version that was shown; then on to what was about to be answered."""
    waiting = request.session.pop(WELCOME_KEY, None)
    if request.POST.get("choice") != "agree":
        messages.info(request, _("That is fine. You can read it again before you answer."))
        return redirect("portal:today")
    if notice is not None:
        if request.POST.get("notice") != str(notice.pk):
            messages.warning(request, _("There is a newer version of this notice. Please read this one."))
            if waiting:
                request.session[WELCOME_KEY] = waiting
            return redirect("portal:welcome")
        give_consent(by=pages.me(request), client=client, notice=notice)
    messages.success(request, _("Thank you. You can take your agreement back under “Mine” at any time."))
    if waiting:
        return redirect("portal:answer", pk=uuid.UUID(waiting))
    return redirect("portal:today")


def _gone(request: HttpRequest, invitation: ClientInvitation | None) -> HttpResponse:
    practice = invitation.practice if invitation else None
    context = {"what": "invitation", "base": "base_link.html"}
    return pages.show(request, "portal/gone.html", practice, context, status=410)
