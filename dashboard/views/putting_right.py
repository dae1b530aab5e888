"""Putting right: answers, whether they count, whose they are, what they are about; a session; two records."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments.actions.corrections import (
    correct,
    may_be_about,
    restore_response,
    say_about,
    withdraw_response,
)
from assessments.actions.mistaken import is_mistaken, mistaken_session
from assessments.actions.moving import move
from assessments.models import Response
from assessments.queries.answers import answers_of
from assessments.queries.responses import readable_answers
from clients import access
from clients.models import Client, Relationship, TherapySession
from dashboard.forms.putting_right import AboutForm, AnswersForm, MoveForm, WhyForm
from dashboard.frames import frame, permissions
from dashboard.opening import record
from dashboard.queries.putting_right import put_right
from dashboard.requests import StaffRequest
from practice.errors import Clash, Refused
from practice.forms.base import CrispyForm
from practice.grants import Permission

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])
State = Response.State


@READ_WRITE
@record(Permission.WORK)
def response_correct(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """All questions with their stored answers; what differs is put right. A clash keeps what was typed."""
    stored = _sent(request, client, row)
    if stored.state != State.SUBMITTED or stored.respondent == Response.Respondent.CLINICIAN:
        return redirect("dashboard:response", client.pk, row)
    form = AnswersForm(request.POST or None, sheet=answers_of(stored))
    clash = False
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = {"answers": form.answers(), "reason": form.cleaned_data["reason"]}
        try:
            made = correct(by=request.user, response=stored, seen=form.seen_revision(), **data)
        except Refused as refusal:
            form.refuse(refusal)
            clash = isinstance(refusal, Clash)
            if clash:
                form.rebase()
        else:
            messages.success(request, _("The answers are put right. What stood there before is kept below."))
            if made.flagged:
                messages.warning(request, _("An answer now tells of a risk: a safety flag is open."))
            return redirect("dashboard:response", client.pk, row)
    context: dict[str, Any] = {"form": form, "response": stored, "clash": clash}
    return render(request, "dashboard/putting_right/correct.html", frame(request, client, **context))


@READ_WRITE
@record(Permission.WORK)
def response_withdraw(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    stored = _sent(request, client, row)
    form = WhyForm(request.POST or None, submit=_("Take it out of the record"))
    done = _("It is taken out of the record and counts no longer. You can put it back.")
    return _reasoned(request, client, stored, form, withdraw_response, done, "withdraw")


@READ_WRITE
@record(Permission.WORK)
def response_restore(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    stored = _sent(request, client, row)
    form = WhyForm(request.POST or None, submit=_("Put it back"))
    return _reasoned(request, client, stored, form, restore_response, _("It counts again, where it stood."), "restore")


@READ_WRITE
@record(Permission.WORK)
def response_about(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """Which relationship sent answers are about."""
    stored = _sent(request, client, row)
    if not may_be_about(stored):
        return redirect("dashboard:response", client.pk, row)
    known = sorted(one.words for one in Relationship.objects.filter(practice=client.practice_id, client=client))
    initial = {"relationship": stored.relationship.words if stored.relationship else ""}
    form = AboutForm(request.POST or None, known=known, initial=initial)
    done = _("Saved. Each relationship has a baseline of its own.")
    return _reasoned(request, client, stored, form, say_about, done, "about")


def _reasoned(
    request: StaffRequest,
    client: Client,
    stored: Response,
    form: CrispyForm,
    action: Callable[..., object],
    done: str,
    what: str,
) -> HttpResponse:
    """A form whose fields are the action's; then back to the submission."""
    if request.method == "POST" and form.is_valid():
        try:
            action(by=request.user, response=stored, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, done)
            return redirect("dashboard:response", client.pk, stored.pk)
    context = frame(request, client, form=form, response=stored, what=what)
    return render(request, "dashboard/putting_right/reasoned.html", context)


@READ_WRITE
@record(Permission.WORK)
def response_move(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """To another client in the reader's care."""
    stored = _sent(request, client, row)
    stored.client = client
    form = MoveForm(request.POST or None, by=request.user, client=client)
    if request.method == "POST" and form.is_valid():
        try:
            moved = move(by=request.user, response=stored, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            words = {"name": moved.client.full_name}
            messages.success(request, _("It is moved. You are in the record of %(name)s now.") % words)
            return redirect("dashboard:response", moved.client_id, moved.pk)
    context = frame(request, client, form=form, response=stored, what="move")
    return render(request, "dashboard/putting_right/reasoned.html", context)


@READ_WRITE
@record(Permission.WORK)
def session_mistaken(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """A session of this record that was entered by mistake."""
    stored = access.get_child(TherapySession.objects.select_related("clinician__user"), client, row)
    if is_mistaken(stored):
        messages.info(request, _("This session is marked as entered by mistake already."))
        return redirect("dashboard:session", client.pk, row)
    form = WhyForm(request.POST or None, submit=_("Mark it as entered by mistake"))
    if request.method == "POST" and form.is_valid():
        try:
            mistaken_session(by=request.user, session=stored, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The session no longer counts. Its note is kept in the history."))
            return redirect("dashboard:client_corrections", client.pk)
    context = frame(request, client, form=form, session=stored)
    return render(request, "dashboard/putting_right/session.html", context)


@require_safe
@record(Permission.SEE_CLINICAL)
def client_corrections(request: StaffRequest, client: Client) -> HttpResponse:
    """Everything that was put right in this record."""
    sees_safety = Permission.SEE_SAFETY in permissions(request)
    lines, page = put_right(request.user, client, sees_safety=sees_safety, after=request.GET.get("after", ""))
    context = frame(request, client, lines=lines, page=page)
    return render(request, "dashboard/putting_right/history.html", context)


def _sent(request: StaffRequest, client: Client, row: uuid.UUID) -> Response:
    """The submission; what is asked in the room only needs the right to see safety."""
    found = access.get_child(readable_answers(client).select_related("relationship"), client, row)
    if found.version.definition.in_room_only and Permission.SEE_SAFETY not in permissions(request):
        raise access.Denied("response", row)
    found.client = client
    return found
