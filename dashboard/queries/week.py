"""A clinician's own calendar: the sessions of one week, and what else stands at a time."""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from assessments.models import Response
from clients.access import clients_for
from clients.models import CareAssignment, TherapySession
from dashboard.queries.look_back import CHECKIN, GRACE
from practice.grants import Permission
from practice.models import Membership, User

LENGTH = timedelta(minutes=50)
"""Sessions have no stored length; two that begin closer together than this are probably too close."""
LONGEST_WAIT = timedelta(days=92)
"""A check-in that was sent earlier says nothing about a session."""
_WEEK = re.compile(r"(20\d\d)-W(\d\d)")
Attendance = TherapySession.Attendance


def week_of(text: str, today: date) -> date:
    """The Monday of a week written like ``2026-W48``; of today's where that is no week."""
    found = _WEEK.fullmatch(text)
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else today - timedelta(today.weekday())
    except ValueError:
        return today - timedelta(today.weekday())


def week_text(monday: date) -> str:
    """A week as in addresses."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"


@dataclass(slots=True)
class Person:
    """One client of a session, with their row of it; a joint session has up to two. Not named: not in one's care."""

    session: TherapySession
    name: str
    prepared: bool
    checkin: bool


@dataclass(slots=True)
class Entry:
    """One appointment: its time, its people, and for whom one stands in."""

    starts_at: datetime
    session: TherapySession
    people: list[Person] = field(default_factory=list)
    unnamed: int = 0
    covers: str = ""
    overlaps: bool = False

    @property
    def is_off(self) -> bool:
        """Cancelled: the time is free."""
        return self.session.attendance in (Attendance.LATE, Attendance.CANCELLED)


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday."""

    monday: date
    days: tuple[Day, ...]

    @property
    def number(self) -> int:
        return self.monday.isocalendar()[1]

    @property
    def last(self) -> date:
        return self.monday + timedelta(6)

    @property
    def before(self) -> str:
        return week_text(self.monday - timedelta(7))

    @property
    def after(self) -> str:
        return week_text(self.monday + timedelta(7))

    @property
    def count(self) -> int:
        return sum(not entry.is_off for day in self.days for entry in day.entries)


def week(membership: Membership, user: User, monday: date) -> Week:
    """The sessions that the member holds, and those of clients whom they cover; in a fixed number of queries.

    A client who is not in their care is not named, and the session not linked.
    """
    practice = membership.practice
    zone = practice.zone
    start, end = (datetime.combine(day, time.min, tzinfo=zone) for day in (monday, monday + timedelta(7)))
    rows = list(_sessions(membership, user, start, end))
    sent = _checkins({row.client_id for row in rows}, start - LONGEST_WAIT, practice.pk)
    entries: dict[tuple[object, ...], Entry] = {}
    for row in rows:
        key = (row.starts_at, row.clinician_id, row.couple_id or row.pk)
        entry = entries.setdefault(key, Entry(row.starts_at, row))
        if row.clinician_id != membership.pk:
            entry.covers = row.clinician.user.name
        if not row.known:  # type: ignore[attr-defined]
            entry.unnamed += 1
            continue
        entry.people.append(Person(row, row.client.full_name, _prepared(row), _has_checkin(row, sent)))
    days = [monday + timedelta(number) for number in range(7)]
    found = list(entries.values())
    _mark_overlaps([entry for entry in found if not entry.is_off and not entry.covers])
    return Week(
        monday,
        tuple(Day(day, tuple(one for one in found if one.starts_at.astimezone(zone).date() == day)) for day in days),
    )


def _mark_overlaps(entries: Sequence[Entry]) -> None:
    """Appointments of one's own, in order of time, of which the next begins before it is probably over."""
    for one, other in pairwise(entries):
        if other.starts_at - one.starts_at < LENGTH:
            one.overlaps = other.overlaps = True


def _prepared(row: TherapySession) -> bool:
    return bool(row.prepared)  # type: ignore[attr-defined]


def _sessions(membership: Membership, user: User, start: datetime, end: datetime) -> QuerySet[TherapySession]:
    """Of the week, in order of time, each with whether it was rated and whether the client may be named."""
    rated = Response.objects.filter(
        session=OuterRef("pk"), respondent=Response.Respondent.CLINICIAN, state=Response.State.SUBMITTED
    )
    held = TherapySession.objects.filter(
        client=OuterRef("client"), attendance=Attendance.HELD, starts_at__lt=OuterRef("starts_at")
    ).order_by("-starts_at")
    mine = Q(clinician=membership) | Q(pk__in=_covered(membership, start, end))
    known = clients_for(user, Permission.WORK).filter(pk=OuterRef("client"))
    return (
        TherapySession.objects.filter(mine, practice=membership.practice_id, starts_at__gte=start, starts_at__lt=end)
        .select_related("client", "clinician__user")
        .defer("note")
        .annotate(prepared=Exists(rated), known=Exists(known), held_before=Subquery(held.values("starts_at")[:1]))
        .order_by("starts_at", "couple", "client__last_name", "client__first_name", "id")
    )


def _covered(membership: Membership, start: datetime, end: datetime) -> list[uuid.UUID]:
    """Sessions of clients whom the member covers today, on days of that cover."""
    practice = membership.practice
    covers = list(
        CareAssignment.objects.current(practice.today())
        .filter(practice=practice.pk, clinician=membership, role=CareAssignment.Role.COVER)
        .values_list("client", "starts_on", "ends_on")
    )
    rows = TherapySession.objects.filter(
        practice=practice.pk,
        client__in=[client for client, _from, _to in covers],
        starts_at__gte=start,
        starts_at__lt=end,
    )
    days = {client: (first, last) for client, first, last in covers}
    return [
        pk
        for pk, client, moment in rows.values_list("pk", "client", "starts_at")
        if days[client][0] <= practice.today(moment) <= (days[client][1] or date.max)
    ]


def _checkins(clients: Iterable[uuid.UUID], since: datetime, practice: uuid.UUID) -> dict[uuid.UUID, list[datetime]]:
    """When each client sent check-ins."""
    rows = Response.objects.filter(
        practice=practice,
        client__in=list(clients),
        version__instrument__slug=CHECKIN,
        respondent=Response.Respondent.CLIENT,
        state=Response.State.SUBMITTED,
        submitted_at__gte=since,
    )
    found: dict[uuid.UUID, list[datetime]] = {}
    for client, moment in rows.values_list("client", "submitted_at"):
        if moment is not None:
            found.setdefault(client, []).append(moment)
    return found


def _has_checkin(row: TherapySession, sent: dict[uuid.UUID, list[datetime]]) -> bool:
    """Whether one was sent after the session held before, up to this one."""
    before: datetime | None = row.held_before  # type: ignore[attr-defined]
    first = before + GRACE if before else datetime.min.replace(tzinfo=timezone.get_default_timezone())
    return any(first < moment <= row.starts_at + GRACE for moment in sent.get(row.client_id, ()))


@dataclass(frozen=True, slots=True)
class Near:
    """Another session of the same clinician, too near to a moment. Named where the reader may know the client."""

    starts_at: datetime
    name: str


def near(
    user: User, clinician: Membership, moments: Sequence[datetime], *, but: Iterable[uuid.UUID] = ()
) -> dict[datetime, list[Near]]:
    """What stands within ``LENGTH`` of each moment in the clinician's calendar, in one query; ``but`` these sessions.

    The two rows of a joint session are one.
    """
    close = Q(pk__in=())
    for moment in moments:
        close |= Q(starts_at__gt=moment - LENGTH, starts_at__lt=moment + LENGTH)
    rows = (
        TherapySession.objects.filter(close, practice=clinician.practice_id, clinician=clinician)
        .filter(attendance__in=(Attendance.PLANNED, Attendance.HELD))
        .exclude(pk__in=list(but))
        .annotate(known=Exists(clients_for(user, Permission.SEE_IDENTITY).filter(pk=OuterRef("client"))))
        .select_related("client")
        .defer("note")
        .order_by("starts_at", "id")
    )
    joined: dict[tuple[object, ...], list[TherapySession]] = {}
    for row in rows:
        joined.setdefault((row.starts_at, row.couple_id or row.pk), []).append(row)
    found = [
        Near(group[0].starts_at, ", ".join(_name(row) for row in group if row.known))  # type: ignore[attr-defined]
        for group in joined.values()
    ]
    return {moment: [one for one in found if abs(one.starts_at - moment) < LENGTH] for moment in moments}


def _name(row: TherapySession) -> str:
    return row.client.full_name
