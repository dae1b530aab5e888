"""Sessions: the tab with notes, adding one. And safety flags."""

import dataclasses
import uuid
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments.queries.responses import where_sent
from clients import access
from clients.actions.safety import acknowledge_flag, close_flag
from clients.actions.sessions import add_session
from clients.models import Client, SafetyFlag
from clients.queries import course
from clients.queries.care import partner_of
from dashboard.forms.care import FlagForm
from dashboard.forms.sessions import SessionForm
from dashboard.frames import frame
from dashboard.opening import record
from dashboard.queries.clients import flag_with_people
from dashboard.requests import StaffRequest
from dashboard.views.care import own_membership
from dashboard.views.day import hint_at_others
from practice import audit, paging
from practice.errors import Refused
from practice.grants import Permission

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])
SESSIONS_PAGE = 20


@require_safe
@record(Permission.SEE_CLINICAL)
def client_sessions(request: StaffRequest, client: Client) -> HttpResponse:
    """All sessions with their notes, latest first."""
    page = paging.page(course.sessions(client), ("-starts_at", "-id"), request.GET.get("after", ""), size=SESSIONS_PAGE)
    events = course.events_of(page.rows)
    rows = [(session, events.get(session.pk, [])) for session in page.rows]
    context = frame(request, client, "client_sessions", rows=rows, page=page, now=timezone.now())
    own = Permission.PRIVATE_NOTES in context["frame"].permissions
    context["reads_private"] = own or bool(access.private_note_authors(request.user, client))
    return render(request, "dashboard/clients/sessions.html", context)


@READ_WRITE
@record(Permission.WORK)
def session_add(request: StaffRequest, client: Client) -> HttpResponse:
    place = partner_of(client)
    both = place is not None and access.can(request.user, Permission.WORK, place.client)
    form = SessionForm(
        request.POST or None,
        client=client,
        membership=own_membership(request, client),
        partner=both,
        start=_start(request.GET.get("day", "")),
    )
    if request.method == "POST" and form.is_valid():
        try:
            session = add_session(by=request.user, client=client, **form.fields_for_action())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The session is added."))
            hint_at_others(request, session)
            return redirect("dashboard:session", client.pk, session.pk)
    return render(request, "dashboard/clients/session_add.html", frame(request, client, form=form))


def _start(text: str) -> dict[str, date]:
    """The day that the address names (``?day=2026-11-30``), where it is one."""
    try:
        return {"day": date.fromisoformat(text)} if text else {}
    except ValueError:
        return {}


@READ_WRITE
def flag(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """A safety flag: see it, acknowledge it with what was done, close it with the action taken."""
    stored = access.get_row(SafetyFlag.objects.all(), request.user, pk, Permission.SEE_SAFETY)
    stored = flag_with_people(stored.pk)
    client = stored.client
    request.relationships = access.relationships(request.user, client)
    request.basis = request.relationships[0]
    may_act = access.can(request.user, Permission.WORK, client)
    if request.method == "POST" and not may_act:
        raise PermissionDenied
    closing = stored.state == SafetyFlag.State.ACKNOWLEDGED
    form = FlagForm(request.POST or None, closing=closing)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        try:
            if closing:
                close_flag(by=request.user, flag=stored, action=text)
            else:
                acknowledge_flag(by=request.user, flag=stored, done=text)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The flag is closed.") if closing else _("The flag is acknowledged."))
            return redirect("dashboard:flag", stored.pk)
    if request.method != "POST":
        audit.write("opened", by=request.user, record=stored, basis=str(request.basis), page="flag")
    with timezone.override(client.practice.zone):
        sent = where_sent(client, stored.response_id)
        context = frame(request, client, form=form, flag=stored, may_act=may_act, sent=sent)
        others = [row for row in context["frame"].flags if row.pk != stored.pk]
        context["frame"] = dataclasses.replace(context["frame"], every_flag=others)
        return render(request, "dashboard/clients/flag.html", context)
