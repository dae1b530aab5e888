"""Mine: what I agreed to, how I may be reached, how I sign in; and leaving at once."""

import uuid

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import passcookie
from clients import access
from clients.actions.clients import change_client
from clients.actions.joining import withdraw_consent
from clients.models import Client, Consent
from clients.queries.joining import missing_consent
from portal import actions, pages, queries
from portal.forms import ContactForm
from portal.gates import own
from practice.errors import Refused
from practice.grants import Permission

NEUTRAL_PAGE = "https://www.bbc.com/weather"


@require_safe
@own
def mine(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    client = clients[0]
    pages.record_opened(request, clients, "mine")
    context = {
        "clients": clients,
        "consents": queries.consents(clients),
        "notice_waits": missing_consent(client) is not None,
        "several": len(clients) > 1,
    }
    return pages.show(request, "portal/mine.html", client.practice, context)


@require_POST
def consent_withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    consent = access.get_row(Consent.objects.all(), pages.me(request), pk, Permission.ANSWER)
    withdraw_consent(by=pages.me(request), consent=consent)
    messages.success(
        request,
        _("Your agreement is taken back. Nothing new is asked until you agree again."),
    )
    return redirect("portal:mine")


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Safe contact. The address of messages is not the sign-in name, which stays as it is."""
    client = access.get_client(pages.me(request), pk, Permission.ANSWER)
    form = ContactForm(request.POST if request.method == "POST" else None, instance=client)
    if request.method == "POST" and form.is_valid():
        try:
            change_client(by=pages.me(request), client=client, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("Saved. Your practice will keep to this."))
            return redirect("portal:mine")
    if request.method != "POST":
        pages.record_opened(request, [client], "contact")
    context = {"form": form, "section": "mine"}
    return pages.show(request, "portal/contact.html", client.practice, context, status=400 if form.errors else 200)


@require_POST
@own
def sign_out_everywhere(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    """End every session of mine, this one too."""
    actions.end_sessions(by=pages.me(request), client=clients[0])
    logout(request)
    return redirect("account_login")


@login_not_required
@require_POST
def quick_exit(request: HttpRequest) -> HttpResponse:
    """Sign out, forget the pass of a link on this device, and go to a neutral page that takes this one's place.

    A plain redirect from a form to another site is stopped by ``form-action``: a page that refreshes itself is not, and
    browsers replace it in their history.
    """
    logout(request)
    response = render(request, "portal/leaving.html", {"to": NEUTRAL_PAGE})
    passcookie.drop(response)
    return response
