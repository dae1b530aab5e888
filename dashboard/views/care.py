"""The care team, the couple link, discharge and return, focus and life events."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.queries.asked import open_assignments
from clients.access import clients_for, get_child
from clients.actions.beginnings import move_beginning
from clients.actions.care import assign_care, end_care, end_couple, link_couple
from clients.actions.course import (
    add_life_event,
    decide_focus,
    discharge,
    restore_life_event,
    start_episode,
    withdraw_life_event,
)
from clients.barriers import BARRIERS, BY_CODE
from clients.models import CareAssignment, Client, LifeEvent, TherapySession
from clients.queries import course
from clients.queries.care import past_care, place_in_couple
from dashboard.forms.care import BeginningForm, DischargeForm, EventForm, FocusForm, ReturnForm
from dashboard.forms.clients import CareForm, CoupleForm, EndForm
from dashboard.frames import frame
from dashboard.opening import record
from dashboard.requests import StaffRequest
from practice.errors import Refused
from practice.grants import Permission
from practice.queries import memberships_of

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])
ARRANGE = (Permission.CHANGE_IDENTITY, Permission.CHANGE_ADMINISTRATIVE)


@READ_WRITE
@record(*ARRANGE)
def client_care(request: StaffRequest, client: Client) -> HttpResponse:
    """Who cares for the client, from and to. For the owner too, who sees nothing else of the record."""
    form = CareForm(request.POST or None, client=client)
    if request.method == "POST" and form.is_valid():
        try:
            row = assign_care(by=request.user, client=client, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _care_words(client, row, sessions=form.cleaned_data["sessions"]))
            return _after_care(request, client)
    context: dict[str, Any] = {"form": form, "past": past_care(client, client.practice.today())[:50]}
    return render(request, "dashboard/clients/care.html", frame(request, client, "client_care", **context))


def _care_words(client: Client, row: CareAssignment, *, sessions: bool) -> str:
    """What has changed: who is handed over to whom, and what becomes of what is planned."""
    if row.role != CareAssignment.Role.PRIMARY:
        return _("The care team is changed.")
    words = {"client": client.full_name, "clinician": row.clinician, "day": date_format(row.starts_on, "j M Y")}
    taken = _("%(clinician)s is the primary clinician of %(client)s from %(day)s on.") % words
    if sessions:
        return taken + " " + _("Sessions that the former one planned from that day on move too.")
    return taken + " " + _("Sessions that are planned stay as they are.")


def _after_care(request: StaffRequest, client: Client) -> HttpResponse:
    """Back to the page, unless the reader has just handed the client over."""
    if any(clients_for(request.user, permission).filter(pk=client.pk).exists() for permission in ARRANGE):
        return redirect("dashboard:client_care", client.pk)
    return redirect("home")


@READ_WRITE
@record(*ARRANGE)
def client_care_end(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    assignment = get_child(CareAssignment.objects.select_related("clinician__user"), client, row)
    today = client.practice.today()
    begun = assignment.starts_on <= today
    submit = _("Set the last day") if begun else _("Take it back")
    form = EndForm(request.POST or None, today=today, submit=submit, help_text=_("Access ends after this day."))
    if request.method == "POST" and form.is_valid():
        try:
            end_care(by=request.user, assignment=assignment, ends_on=form.cleaned_data["ends_on"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The care team is changed."))
            return _after_care(request, client)
    context: dict[str, Any] = {"form": form, "assignment": assignment, "begun": begun}
    return render(request, "dashboard/clients/care_end.html", frame(request, client, **context))


@READ_WRITE
@record(Permission.CHANGE_IDENTITY)
def client_couple(request: StaffRequest, client: Client) -> HttpResponse:
    """Link to another client in one's care, or end the link. A refusal is for the clinician's eyes only."""
    place = place_in_couple(client)
    form: Any
    if place:
        form = EndForm(request.POST or None, today=client.practice.today(), submit=_("End the link"))
    else:
        form = CoupleForm(request.POST or None, by=request.user, client=client)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if place:
                end_couple(by=request.user, couple=place.couple, ends_on=data["ends_on"])
            else:
                link_couple(by=request.user, first=client, second=data["partner"], starts_on=data["starts_on"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The link has ended.") if place else _("They are linked as a couple."))
            return redirect("dashboard:client", client.pk)
    return render(request, "dashboard/clients/couple.html", frame(request, client, form=form, place=place))


@READ_WRITE
@record(Permission.WORK)
def client_discharge(request: StaffRequest, client: Client) -> HttpResponse:
    form = DischargeForm(request.POST or None, today=client.practice.today())
    if request.method == "POST" and form.is_valid():
        try:
            discharge(by=request.user, client=client, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(name)s is discharged. The record stays.") % {"name": client.full_name})
            return redirect("dashboard:client", client.pk)
    waiting: dict[str, Any] = {
        "asked": open_assignments(client),
        "planned": course.planned_after(client, timezone.now()),
    }
    return render(request, "dashboard/clients/discharge.html", frame(request, client, form=form, **waiting))


@READ_WRITE
@record(Permission.WORK)
def client_return(request: StaffRequest, client: Client) -> HttpResponse:
    form = ReturnForm(request.POST or None, today=client.practice.today())
    if request.method == "POST" and form.is_valid():
        try:
            start_episode(by=request.user, client=client, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(name)s is in care again.") % {"name": client.full_name})
            return redirect("dashboard:client", client.pk)
    return render(request, "dashboard/clients/return.html", frame(request, client, form=form))


@READ_WRITE
@record(Permission.WORK)
def client_beginning(request: StaffRequest, client: Client) -> HttpResponse:
    """The first day of the latest episode was earlier: what came before can be brought then."""
    form = BeginningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            move_beginning(by=request.user, client=client, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The episode begins earlier now."))
            return redirect("dashboard:client", client.pk)
    return render(request, "dashboard/clients/beginning.html", frame(request, client, form=form))


@READ_WRITE
@record(Permission.WORK)
def client_focus(request: StaffRequest, client: Client) -> HttpResponse:
    """The client's proposals are shown, the clinician decides: none to three barriers."""
    active = course.focus(client)
    initial = {"barriers": [BY_CODE[row.barrier].opaque for row in active]}
    form = FocusForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            decide_focus(by=request.user, client=client, barriers=form.cleaned_data["barriers"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The focus is set."))
            return redirect("dashboard:client", client.pk)
    proposed = {row.barrier: row for row in course.proposals(client)}
    chosen = set(form["barriers"].value() or [])
    rows = [(barrier, barrier.opaque in chosen, proposed.get(barrier.code)) for barrier in BARRIERS]
    return render(request, "dashboard/clients/focus.html", frame(request, client, form=form, rows=rows))


@READ_WRITE
@record(Permission.WORK)
def client_event_add(request: StaffRequest, client: Client) -> HttpResponse:
    """A life event, told in a session where the address says which (``?session=``)."""
    session = session_named(client, request.GET.get("session", ""))
    form = EventForm(request.POST or None, today=client.practice.today())
    if request.method == "POST" and form.is_valid():
        try:
            add_life_event(by=request.user, client=client, session=session, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The life event is on the map."))
            if session:
                return redirect("dashboard:session", client.pk, session.pk)
            return redirect("dashboard:client", client.pk)
    events = course.life_events(client).order_by("-happened_on", "-id")[:50]
    context = frame(request, client, form=form, session=session, events=events)
    return render(request, "dashboard/clients/event.html", context)


def session_named(client: Client, text: str) -> TherapySession | None:
    """The session that an address names; one of another client is ``Denied``, no id at all is none."""
    if not text:
        return None
    try:
        pk = uuid.UUID(text)
    except ValueError:
        return None
    return get_child(TherapySession.objects.all(), client, pk)


@require_POST
@record(Permission.WORK)
def client_event_withdraw(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    event = get_child(LifeEvent.objects.select_related("client"), client, row)
    withdraw_life_event(by=request.user, event=event)
    undo = reverse("dashboard:client_event_restore", args=[client.pk, event.pk])
    messages.success(request, _("The life event is taken off the map."), extra_tags=f"undo:{undo}")
    return redirect("dashboard:client_event_add", client.pk)


@require_POST
@record(Permission.WORK)
def client_event_restore(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    event = get_child(LifeEvent.objects.select_related("client"), client, row)
    restore_life_event(by=request.user, event=event)
    messages.success(request, _("The life event is on the map again."))
    return redirect("dashboard:client_event_add", client.pk)


def own_membership(request: StaffRequest, client: Client) -> Any:
    """The reader's membership in the client's practice, if any."""
    return next((row for row in memberships_of(request.user) if row.practice_id == client.practice_id), None)
