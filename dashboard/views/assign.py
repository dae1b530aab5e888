"""Asking a client to answer: the assign screen, one assignment, its link, the room."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import passcookie
from assessments.actions.assigning import assign as ask
from assessments.actions.assigning import withdraw
from assessments.actions.links import make_link, revoke_link, start_room
from assessments.models import Assignment
from assessments.queries.asked import open_assignments
from assessments.queries.library import latest_versions
from clients import access
from clients.models import Client, TherapySession
from clients.queries.care import partner_of
from dashboard import qr
from dashboard.forms.assign import AssignForm
from dashboard.frames import frame
from dashboard.opening import record
from dashboard.queries.assign import AssignmentFacts, assignment_facts, measure_lines, preview
from dashboard.requests import StaffRequest
from dashboard.views.care import session_named
from practice import audit, tokens
from practice.errors import Refused
from practice.grants import Permission
from practice.mail import link_to

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])
SHOWN_KEY = "link-shown"
OPEN_SHOWN = 20


@READ_WRITE
@record(Permission.WORK)
def assign(request: StaffRequest, client: Client) -> HttpResponse:
    """Choose, see what would happen (a fragment, or the page again without script), ask.

    From a session's page (``?session=``), what the client alone is asked belongs to that session.
    """
    session = session_named(client, request.GET.get("session", ""))
    versions = latest_versions()
    form = AssignForm(
        request.POST or None,
        client=client,
        partner=_partner(request, client),
        versions=versions,
        initial={"versions": [str(one.pk) for one in versions if one.definition.start_pack and "start" in request.GET]},
    )
    previewing = request.POST.get("do") == "preview"
    if request.method == "POST" and not previewing and form.is_valid():
        try:
            fields = form.fields_for_action()
            made = ask(by=request.user, session=session if len(fields["clients"]) == 1 else None, **fields)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _asked(request, client, made, session)
    asked = form.asked()
    context: dict[str, Any] = {
        "form": form,
        "lines": measure_lines(versions, asked, form.chosen_ids()),
        "preview": preview(asked, form.chosen(), str(form["channel"].value())),
    }
    if previewing and "HX-Request" in request.headers:
        return render(request, "dashboard/assign/_preview.html", context)
    context["opened"] = open_assignments(client)[:OPEN_SHOWN]
    return render(request, "dashboard/assign/assign.html", frame(request, client, **context))


def _partner(request: StaffRequest, client: Client) -> Client | None:
    """The partner, when in the reader's care too."""
    place = partner_of(client)
    if place is None or not access.can(request.user, Permission.WORK, place.client):
        return None
    return access.get_client(request.user, place.client_id, Permission.WORK)


def _asked(
    request: StaffRequest, client: Client, made: list[Assignment], session: TherapySession | None
) -> HttpResponse:
    count = len(made)
    messages.success(
        request,
        ngettext("%(count)s measure is assigned.", "%(count)s measures are assigned.", count) % {"count": count},
    )
    own = [one for one in made if one.client_id == client.pk]
    first = next((one for one in own if one.channel != Assignment.Channel.PORTAL), None)
    if first is None and session is not None:
        return redirect("dashboard:session", client.pk, session.pk)
    if first is None:
        return redirect("dashboard:client", client.pk)
    if first.channel == Assignment.Channel.LINK:
        request.session[SHOWN_KEY] = str(first.pk)
    return redirect("dashboard:assignment", client.pk, first.pk)


@require_safe
@record(Permission.WORK)
def assignment(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """State and, once after it was made or asked for, the link to hand over."""
    facts = _facts(client, row)
    address = ""
    if facts.is_open and facts.link and facts.link.live and request.session.pop(SHOWN_KEY, "") == str(row):
        address = link_to("portal:link", token=tokens.token_for(facts.link.link))
    context: dict[str, Any] = {"facts": facts, "address": address, "qr": qr.data_uri(address) if address else ""}
    return render(request, "dashboard/assign/assignment.html", frame(request, client, **context))


def _facts(client: Client, row: uuid.UUID) -> AssignmentFacts:
    facts = assignment_facts(client, row)
    if facts is None:
        raise access.Denied("assignment", row)
    return facts


@require_POST
@record(Permission.WORK)
def assignment_link(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """Show, make (renew) or revoke the link; any other button does nothing."""
    facts = _facts(client, row)
    what = request.POST.get("do", "")
    try:
        if what == "make":
            make_link(by=request.user, assignment=facts.assignment)
            request.session[SHOWN_KEY] = str(row)
        elif what == "show" and facts.link and facts.link.live:
            audit.write("link.shown", by=request.user, record=facts.link.link, client=client.pk)
            request.session[SHOWN_KEY] = str(row)
        elif what == "revoke" and facts.link:
            revoke_link(by=request.user, link=facts.link.link)
            messages.success(request, _("The link works no longer."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("dashboard:assignment", client.pk, row)


@require_POST
@record(Permission.WORK)
def assignment_withdraw(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    assignment = access.get_child(Assignment.objects.all(), client, row)
    try:
        withdraw(by=request.user, assignment=assignment)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is asked no longer."))
    return redirect("dashboard:assignment", client.pk, row)


@require_POST
@record(Permission.WORK)
def assignment_room(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """Open it on this device for the client, and sign the clinician out here: the client must find nothing else."""
    assignment = access.get_child(Assignment.objects.all(), client, row)
    try:
        link, secret = start_room(by=request.user, assignment=assignment)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("dashboard:assignment", client.pk, row)
    logout(request)
    response = redirect("portal:link_answer")
    passcookie.put(response, secret, until=link.expires_at)
    return response
