"""What stands on the time line of a record, source by source. Nothing of a partner, and no private note."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from assessments.models import Correction, Response
from assessments.queries.responses import COUNTS
from clients.barriers import BY_CODE
from clients.models import CareAssignment, FocusBarrier, Goal, LifeEvent, TherapySession
from dashboard.queries.timeline import Entry, Reader, Source, day_moment
from homework.models import Proposal
from practice.grants import Permission
from reports.models import Report

KINDS: dict[str, Promise] = {
    "session": _("Sessions"),
    "answers": _("Submissions"),
    "rating": _("Clinician’s ratings"),
    "homework": _("Homework"),
    "event": _("Life events"),
    "focus": _("Focus and goals"),
    "care": _("Episodes and care team"),
    "report": _("Reports"),
    "correction": _("Corrections"),
    "flag": _("Safety flags"),
}
CODES: dict[str, str] = {f"t{number:02d}": kind for number, kind in enumerate(KINDS, 1)}
"""The kinds by the opaque codes of addresses."""


def offered(reader: Reader) -> list[tuple[str, Promise]]:
    """The kinds that this reader may filter by, by code."""
    hidden = set() if reader.may(Permission.SEE_SAFETY) else {"flag"}
    if not reader.may(Permission.ASK_REPORT):
        hidden.add("report")
    return [(code, KINDS[kind]) for code, kind in CODES.items() if kind not in hidden]


def _to(name: str, reader: Reader, *ids: Any) -> str:
    return reverse(f"dashboard:{name}", args=[reader.client.pk, *ids])


def _record(reader: Reader, name: str, needs: Permission = Permission.WORK) -> str:
    """A page that needs more than reading; the overview for whoever may not open it."""
    return _to(name if reader.may(needs) else "client", reader)


# --- sessions ------------------------------------------------------------------------------------------------------
PILLS = {"held": "pill-river", "planned": "pill-quiet"}


def _sessions(reader: Reader) -> QuerySet:
    return TherapySession.objects.filter(client=reader.client).select_related("clinician__user")


def _session(reader: Reader, row: TherapySession) -> Entry:
    return Entry(
        at=row.starts_at,
        pk=row.pk,
        kind="session",
        label=_("Session"),
        title=row.get_kind_display(),
        url=_to("session", reader, row.pk),
        pill=row.get_attendance_display(),
        pill_class=PILLS.get(row.attendance, "pill-larch"),
        meta=row.clinician.user.name,
        folded=row.note or "",
    )


# --- answers -------------------------------------------------------------------------------------------------------
def _sent(reader: Reader, respondent: str) -> QuerySet:
    """What was sent; what is for the room alone (the safety screen) only for whoever may see safety."""
    rows = Response.objects.filter(
        COUNTS,
        practice=reader.client.practice_id,
        client=reader.client,
        state=Response.State.SUBMITTED,
        respondent=respondent,
    )
    if not reader.may(Permission.SEE_SAFETY):
        rows = rows.filter(version__data__in_room_only=False)
    return rows.select_related("version__instrument", "submitted_by").defer("answers", "version__data")


def _answers(reader: Reader, row: Response) -> Entry:
    return Entry(
        at=row.submitted_at or row.changed_at,
        pk=row.pk,
        kind="answers",
        label=_("Submission"),
        title=row.version.instrument.title,
        url=_to("response", reader, row.pk),
        pill="" if row.entry == Response.Entry.OWN else row.get_entry_display(),
        pill_class="pill-quiet",
    )


def _rating(reader: Reader, row: Response) -> Entry:
    return Entry(
        at=row.submitted_at or row.changed_at,
        pk=row.pk,
        kind="rating",
        label=_("Clinician’s rating"),
        title=row.version.instrument.title,
        url=_to("response", reader, row.pk),
        meta=row.submitted_by.name if row.submitted_by else "",
        mark="is-clinician",
    )


# --- homework, events ----------------------------------------------------------------------------------------------
def _proposals(reader: Reader) -> QuerySet:
    return (
        Proposal.objects.filter(client=reader.client)
        .select_related("version__exercise", "proposed_by")
        .defer("version__data")
    )


def _proposal(reader: Reader, row: Proposal) -> Entry:
    return Entry(
        at=row.proposed_at,
        pk=row.pk,
        kind="homework",
        label=_("Exercise"),
        title=row.version.exercise.title,
        url=_to("client_homework", reader),
        pill=row.get_state_display(),
        pill_class="pill-quiet",
        meta=row.proposed_by.name,
        words=row.words or "",
        mark="is-done",
    )


def _events(reader: Reader) -> QuerySet:
    return LifeEvent.objects.filter(client=reader.client, withdrawn_at=None)


def _event(reader: Reader, row: LifeEvent) -> Entry:
    return Entry(
        at=day_moment(reader, row.happened_on),
        pk=row.pk,
        kind="event",
        label=_("Life event"),
        title=row.get_kind_display(),
        url=_to("session", reader, row.session_id) if row.session_id else _record(reader, "client_event_add"),
        words=row.note or "",
        mark="is-event",
        is_day=True,
    )


# --- focus, goals --------------------------------------------------------------------------------------------------
def _focus_starts(reader: Reader) -> QuerySet:
    return FocusBarrier.objects.filter(client=reader.client, starts_on__isnull=False)


def _focus_ends(reader: Reader) -> QuerySet:
    return _focus_starts(reader).filter(state=FocusBarrier.State.ENDED, ends_on__isnull=False)


def _focus(reader: Reader, row: FocusBarrier, *, ends: bool) -> Entry:
    barrier = BY_CODE[row.barrier]
    return Entry(
        at=day_moment(reader, row.ends_on if ends else row.starts_on, late=ends),  # type: ignore[arg-type]
        pk=row.pk,
        kind="focus",
        label=_("Left the focus") if ends else _("Into the focus"),
        title=barrier.name,
        url=_to("barrier", reader, barrier.opaque),
        is_day=True,
    )


def _goals_set(reader: Reader) -> QuerySet:
    return Goal.objects.filter(client=reader.client)


def _goal_set(reader: Reader, row: Goal) -> Entry:
    return Entry(row.set_at, row.pk, "focus", _("Goal"), row.words, _to("client_goals", reader))


def _goals_ended(reader: Reader) -> QuerySet:
    return Goal.objects.filter(client=reader.client, ended_on__isnull=False)


def _goal_ended(reader: Reader, row: Goal) -> Entry:
    return Entry(
        at=day_moment(reader, row.ended_on, late=True),  # type: ignore[arg-type]
        pk=row.pk,
        kind="focus",
        label=_("Goal"),
        title=row.words,
        url=_to("client_goals", reader),
        pill=row.get_state_display(),
        pill_class="pill-quiet",
        is_day=True,
    )


# --- care, reports, corrections ------------------------------------------------------------------------------------
def _care(reader: Reader) -> QuerySet:
    return CareAssignment.objects.filter(client=reader.client).select_related("clinician__user")


def _joins(reader: Reader, row: CareAssignment) -> Entry:
    until = date_format(row.ends_on, "j M Y") if row.ends_on else ""
    return Entry(
        at=day_moment(reader, row.starts_on),
        pk=row.pk,
        kind="care",
        label=row.get_role_display(),
        title=row.clinician.user.name,
        url=_record(reader, "client_care", Permission.CHANGE_IDENTITY),
        meta=_t("until %(day)s") % {"day": until} if until else "",
        is_day=True,
    )


def _reports(reader: Reader) -> QuerySet:
    rows = Report.objects.filter(client=reader.client, state=Report.State.READY, finished_at__isnull=False)
    return rows.select_related("asked_by")


def _report(_reader: Reader, row: Report) -> Entry:
    return Entry(
        at=row.finished_at,  # type: ignore[arg-type]
        pk=row.pk,
        kind="report",
        label=_("Report"),
        title=row.get_kind_display(),
        url=reverse("dashboard:report", args=[row.pk]),
        meta=row.asked_by.name,
    )


def _corrections(reader: Reader) -> QuerySet:
    rows = Correction.objects.filter(client=reader.client).select_related("made_by", "response__version__instrument")
    if not reader.may(Permission.SEE_SAFETY):
        rows = rows.filter(Q(response=None) | Q(response__version__data__in_room_only=False))
    return rows.defer("before", "reason", "response__answers", "response__version__data")


def _correction(reader: Reader, row: Correction) -> Entry:
    here = row.response is not None and row.response.client_id == reader.client.pk
    return Entry(
        at=row.made_at,
        pk=row.pk,
        kind="correction",
        label=row.get_kind_display(),
        title=row.response.version.instrument.title if row.response else _("The record"),
        url=_to("response", reader, row.response_id) if here else _to("client_corrections", reader),
        meta=row.made_by.name,
    )


SOURCES = (
    Source("session", _sessions, _session, "starts_at"),
    Source("answers", lambda reader: _sent(reader, "client"), _answers, "submitted_at"),
    Source("rating", lambda reader: _sent(reader, "clinician"), _rating, "submitted_at"),
    Source("homework", _proposals, _proposal, "proposed_at"),
    Source("correction", _corrections, _correction, "made_at"),
    Source("report", _reports, _report, "finished_at", needs=Permission.ASK_REPORT),
    Source(
        "focus",
        _focus_ends,
        lambda reader, row: _focus(reader, row, ends=True),
        "ends_on",
        is_day=True,
        late=True,
    ),
    Source("focus", _goals_ended, _goal_ended, "ended_on", is_day=True, late=True),
    Source("focus", _goals_set, _goal_set, "set_at"),
    Source("event", _events, _event, "happened_on", is_day=True),
    Source("focus", _focus_starts, lambda reader, row: _focus(reader, row, ends=False), "starts_on", is_day=True),
    Source("care", _care, _joins, "starts_on", is_day=True),
)
