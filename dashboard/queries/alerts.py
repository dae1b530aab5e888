"""What waits for a clinician, beside what the rows of the caseload tell: safety flags, emergency access to a client's
record, the day's sessions. One query for all of it.

Of every client in the reader's care, whichever the list below shows: a discharged client's flag is a flag.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from clients.models import CareAssignment, Client, EmergencyAccess, SafetyFlag, TherapySession
from practice.models import Membership

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


def read(clients: QuerySet[Client], membership: Membership, at: datetime) -> Alerts:
    """All of it, of these clients, for this member."""
    practice = membership.practice
    care = {"practice": practice, "client__in": clients.values("pk")}
    flags = SafetyFlag.objects.filter(state__in=("open", "acknowledged"), **care)
    # The columns are the same in every part, and none is NULL: a union of unknown types is refused by PostgreSQL.
    rows = _part(flags, "flag", at="raised_at", until="raised_at", state="state").union(
        _part(_emergencies(care, at), "emergency", until="ended", who="membership__user__name"),
        _part(_sessions(care, membership, at), "session", until="starts_at", state="attendance", both="joint"),
        _part(_covered(membership, at), "cover", at="leave__made_at", until="leave__made_at", **_COVER),
        all=True,
    )
    parts: dict[str, list[Any]] = {"flag": [], "emergency": [], "session": [], "cover": []}
    for row in sorted(rows, key=lambda row: (row[3], row[1])):
        parts[row[0]].append(row)
    start = _midnight(membership, at)
    sessions = _appointments(parts["session"])
    return Alerts(
        flags=[Flag(row[1], row[2], _name(row), row[3], row[7] == "open") for row in parts["flag"]],
        emergencies=[Emergency(row[2], row[5], row[11], row[4], row[4] > at) for row in reversed(parts["emergency"])],
        covered=sorted({(row[5], date.fromisoformat(row[7])) for row in parts["cover"]}),
        today=[one for one in sessions if one.starts_at >= start],
        unrecorded=[one for one in sessions if one.starts_at < start and one.is_planned],
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


def _emergencies(care: dict[str, Any], at: datetime) -> QuerySet[Any]:
    rows = EmergencyAccess.objects.filter(starts_at__lte=at, **care)
    return rows.annotate(ended=Coalesce("revoked_at", "ends_at")).filter(ended__gt=at - TOLD)


def _sessions(care: dict[str, Any], membership: Membership, at: datetime) -> QuerySet[Any]:
    """The member's own sessions of today, and those before of which nobody said whether they took place."""
    start, end = _midnight(membership, at), _midnight(membership, at + timedelta(days=1))
    rows = TherapySession.objects.filter(
        Q(attendance="planned") | Q(attendance="held", starts_at__gte=start),
        clinician=membership,
        starts_at__gte=at - UNRECORDED,
        starts_at__lt=end,
        **care,
    )
    return rows.annotate(joint=Coalesce("couple_id", "id"))


def _covered(membership: Membership, at: datetime) -> QuerySet[Any]:
    """The colleagues' care of the reader's clients while the reader is on leave today."""
    today = membership.practice.today(at)
    rows = CareAssignment.objects.current(today).filter(
        practice=membership.practice, leave__clinician=membership, leave__cancelled_at=None
    )
    return rows.annotate(until_day=Cast("leave__ends_on", CharField()))


_COVER = {"who": "clinician__user__name", "state": "until_day"}


def _midnight(membership: Membership, at: datetime) -> datetime:
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
