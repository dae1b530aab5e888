"""What waits for a clinician, beside what the rows of the caseload tell: safety flags, emergency access to a client's
record, the day's sessions. One query for all of it.

Of every client in the reader's care, whichever the list below shows: a discharged client's flag is a flag.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from clients.models import CareAssignment, EmergencyAccess, SafetyFlag, TherapySession
from practice.models import Membership
from practice.prepared import Prepared

TOLD = timedelta(days=7)
"""How long after its end emergency access still stands on top."""
UNRECORDED = timedelta(days=14)
"""How far back a session of which nobody said whether it took place is asked about."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A safety flag that is not closed; ``is_open``: nobody has acknowledged it."""

    id: uuid.UUID
    client_id: uuid.UUID
    name: str
    raised_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class Emergency:
    """That somebody has, or lately had, emergency access to a client's record, until when."""

    client_id: uuid.UUID
    who: str
    code: str
    until: datetime
    running: bool


@dataclass(frozen=True, slots=True)
class Appointment:
    """One session of the reader's; a joint one has both names. ``id`` and ``client_id`` are those of one row of it."""

    id: uuid.UUID
    client_id: uuid.UUID
    names: tuple[str, ...]
    clients: frozenset[uuid.UUID]
    starts_at: datetime
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Alerts:
    """``flags`` oldest first; ``emergencies`` latest first; ``covered``: who stands in for the reader today, until
    when; ``today`` and ``unrecorded`` sessions in order of time."""

    flags: list[Flag] = field(default_factory=list)
    emergencies: list[Emergency] = field(default_factory=list)
    covered: list[tuple[str, date]] = field(default_factory=list)
    today: list[Appointment] = field(default_factory=list)
    unrecorded: list[Appointment] = field(default_factory=list)

    @property
    def open_flags(self) -> list[Flag]:
        """Those that nobody has acknowledged."""
        return [flag for flag in self.flags if flag.is_open]


_NAMES = ("client__called", "client__first_name", "client__last_name", "client__code")


def read(clients: Sequence[uuid.UUID], membership: Membership, at: datetime) -> Alerts:
    """All of it, of these clients (in the reader's care), for this member."""
    if not clients:
        return Alerts()
    start = midnight(membership, at)
    rows = _ALERTS.rows(
        practice=membership.practice_id,
        clients=list(clients),
        member=membership.pk,
        at=at,
        told=at - TOLD,
        since=at - UNRECORDED,
        start=start,
        end=midnight(membership, at + timedelta(days=1)),
        today=membership.practice.today(at),
    )
    parts: dict[str, list[Any]] = {"flag": [], "emergency": [], "session": [], "cover": []}
    for row in sorted(rows, key=lambda row: (row[3], row[1])):
        parts[row[0]].append(row)
    sessions = _appointments(parts["session"])
    return Alerts(
        flags=[Flag(row[1], row[2], _name(row), row[3], row[7] == "open") for row in parts["flag"]],
        emergencies=[Emergency(row[2], row[5], row[11], row[4], row[4] > at) for row in reversed(parts["emergency"])],
        covered=sorted({(row[5], date.fromisoformat(row[7])) for row in parts["cover"]}),
        today=[one for one in sessions if one.starts_at >= start],
        unrecorded=[one for one in sessions if one.starts_at < start and one.is_planned],
    )


def _union(
    practice: uuid.UUID,
    clients: list[uuid.UUID],
    member: uuid.UUID,
    at: datetime,
    told: datetime,
    since: datetime,
    start: datetime,
    end: datetime,
    today: date,
) -> QuerySet[Any]:
    """Flags that are not closed; emergency access; the member's own sessions of today and those before of which nobody
    said whether they took place; colleagues' care of the member's clients during a leave.

    The columns are the same in every part, and none is NULL: a union of unknown types is refused by PostgreSQL.
    """
    care = {"practice": practice, "client__in": clients}
    flags = SafetyFlag.objects.filter(state__in=("open", "acknowledged"), **care)
    emergencies = (
        EmergencyAccess.objects.filter(starts_at__lte=at, **care)
        .annotate(ended=Coalesce("revoked_at", "ends_at"))
        .filter(ended__gt=told)
    )
    sessions = TherapySession.objects.filter(
        Q(attendance="planned") | Q(attendance="held", starts_at__gte=start),
        clinician=member,
        starts_at__gte=since,
        starts_at__lt=end,
        **care,
    ).annotate(joint=Coalesce("couple_id", "id"))
    covered = (
        CareAssignment.objects.current(today)
        .filter(practice=practice, leave__clinician=member, leave__cancelled_at=None)
        .annotate(until_day=Cast("leave__ends_on", CharField()))
    )
    made = "leave__made_at"
    return _part(flags, "flag", at="raised_at", until="raised_at", state="state").union(
        _part(emergencies, "emergency", until="ended", who="membership__user__name"),
        _part(sessions, "session", until="starts_at", state="attendance", both="joint"),
        _part(covered, "cover", at=made, until=made, who="clinician__user__name", state="until_day"),
        all=True,
    )


def _part(
    rows: QuerySet[Any],
    kind: str,
    *,
    at: str = "starts_at",
    until: str,
    who: str = "",
    both: str = "id",
    state: str = "",
) -> QuerySet[Any]:
    return rows.annotate(
        part=Value(kind),
        at_=F(at),
        until_=F(until),
        who_=F(who) if who else Value(""),
        both_=F(both),
        state_=F(state) if state else Value(""),
    ).values_list("part", "id", "client_id", "at_", "until_", "who_", "both_", "state_", *_NAMES)


_ALERTS = Prepared(_union)


def midnight(membership: Membership, at: datetime) -> datetime:
    """When the day began, where the practice is."""
    return datetime.combine(membership.practice.today(at), time.min, tzinfo=membership.practice.zone)


def _appointments(rows: list[Any]) -> list[Appointment]:
    """Rows of one couple at one time are one appointment, partners by name."""
    together: dict[tuple[Any, Any], list[Any]] = {}
    for row in sorted(rows, key=lambda row: (row[3], row[10], row[9], row[2])):
        together.setdefault((row[3], row[6]), []).append(row)
    return [
        Appointment(
            id=group[0][1],
            client_id=group[0][2],
            names=tuple(_name(row) for row in group),
            clients=frozenset(row[2] for row in group),
            starts_at=group[0][3],
            is_planned=any(row[7] == "planned" for row in group),
        )
        for group in together.values()
    ]


def _name(row: Any) -> str:
    called, first, last = row[8:11]
    return f"{called or first} {last}"
