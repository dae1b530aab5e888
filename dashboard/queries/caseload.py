"""The caseload of a clinician: one row a client, read from trajectories only.

A page has a fixed number of queries whatever its length. Of the whole caseload, one clinician's, the clients are read
(with couple, sessions, what they sent last) and how much work is open; that tells what is new or overdue, and can be
narrowed, searched and sorted (``caseload_page``). All else is read of one page (``caseload_rows``). Nothing is counted
from the history: the last and the next session and the latest answers are looked up one by one in an index.
"""

import uuid
from collections.abc import Collection
from datetime import date, datetime

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    FilteredRelation,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessments.models import NO_RELATIONSHIP, Assignment, Response
from assessments.queries.asked import unexpired
from clients.models import Client, TherapySession
from dashboard.cases import Cover, Person, Row
from dashboard.queries.alerts import Alerts
from practice.models import AuditEvent, Membership, Practice

NOBODY = uuid.UUID(int=0)


def everyone(
    clients: QuerySet[Client],
    *,
    membership: Membership,
    alerts: Alerts | None = None,
    at: datetime | None = None,
) -> list[Row]:
    """A row of each of these clients by name, in two queries. With ``alerts`` also what is new to this member, which
    flags there are and who comes today; without for a supervisor, to whom they are shown only when escalated."""
    at = at or timezone.now()
    practice = membership.practice
    rows = _people(clients, membership, at, opened=alerts is not None)
    by_id = {row.client.pk: row for row in rows}
    _assignments(by_id, practice, at)
    _partners(rows)
    if alerts:
        for flag in reversed(alerts.flags):  # the oldest is shown, one that is open before one that is not
            row = by_id.get(flag.client_id)
            if row and (flag.is_open or not row.flag_is_open):
                row.flag, row.flag_is_open = flag.id, flag.is_open
        for pk in {pk for one in alerts.today for pk in one.clients} & by_id.keys():
            by_id[pk].today = True
    return rows


def covering(rows: Collection[Row]) -> tuple[tuple[str, date], ...]:
    """For whose leave these clients are in the reader's care today, until when."""
    return tuple(sorted({(row.cover.colleague, row.cover.until) for row in rows if row.cover and row.cover.colleague}))


def _people(clients: QuerySet[Client], membership: Membership, at: datetime, *, opened: bool) -> list[Row]:
    """The clients by name: case and accents do not matter to the order."""
    seen = _seen(membership) if opened else Value(True, BooleanField())
    found = (
        clients.annotate(
            place=FilteredRelation("partners", condition=Q(partners__ended=False)),
            cover=FilteredRelation("careassignments", condition=_covering(membership, at)),
            **_dates(membership.practice, at),
        )
        .annotate(seen=seen)
        .values_list(
            *("pk", "code", "first_name", "last_name", "called", "place__couple_id", "last", "next", "sent", "seen"),
            *("cover__ends_on", "cover__leave__clinician__user__name", "relationship_id"),
        )
    )
    rows: dict[uuid.UUID, Row] = {}
    for pk, code, first, family, called, couple, last, upcoming, sent, seen, until, colleague, about in found:
        person = Person(pk, code, first, family, called)
        row = Row(person, about or NO_RELATIONSHIP, couple, None, None, last, upcoming, sent)
        row.is_new = sent is not None and not seen and (last is None or sent > last)
        row.cover = Cover(until, colleague or "") if until else None
        rows[pk] = row
    return sorted(rows.values(), key=lambda row: row.client.order)


def _covering(membership: Membership, at: datetime) -> Q:
    today = membership.practice.today(at)
    conditions = {"clinician": membership, "role": "cover", "starts_on__lte": today, "ends_on__gte": today}
    return Q(**{f"careassignments__{name}": value for name, value in conditions.items()})


def _dates(practice: Practice, at: datetime) -> dict[str, Subquery]:
    """The last and the next session, and when the client's latest answers were sent: one look-up in an index each."""
    own = {"practice": practice, "client": OuterRef("pk")}
    sessions = TherapySession.objects.filter(**own)
    held = sessions.filter(attendance="held", starts_at__lte=at).order_by("-starts_at")
    planned = sessions.filter(attendance="planned", starts_at__gt=at).order_by("starts_at")
    sent = Response.objects.filter(respondent="client", state="submitted", **own).exclude(entry="imported")
    return {
        "last": Subquery(held.values("starts_at")[:1]),
        "next": Subquery(planned.values("starts_at")[:1]),
        "sent": Subquery(sent.order_by("-submitted_at").values("submitted_at")[:1]),
    }


def _seen(membership: Membership) -> Exists:
    """Whether this member opened the client's record since the latest answers were sent, by the audit trail.

    The actor is compared as text that no index knows: an index of everything the member ever did would be walked once
    for each client, and the client's own since that moment is short.
    """
    openings = AuditEvent.objects.filter(
        practice_id=membership.practice_id, client_id=OuterRef("pk"), at__gte=OuterRef("sent"), action="opened"
    ).alias(actor=Coalesce("actor_id", Value(NOBODY, UUIDField())))
    return Exists(openings.filter(actor=membership.user_id))


def _assignments(rows: dict[uuid.UUID, Row], practice: Practice, at: datetime) -> None:
    """What can still be answered, and how much of it is overdue."""
    late = Q(due_on__lt=practice.today(at))
    work = (
        Assignment.objects.filter(practice=practice, client__in=list(rows), state="open", episode__ends_on=None)
        .filter(unexpired(at))
        .values("client_id")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=late), since=Min("due_on", filter=late))
        .values_list("client_id", "open", "overdue", "since")
    )
    for client_id, count, overdue, since in work:
        row = rows[client_id]
        row.open, row.overdue, row.overdue_since = count, overdue, since


def _partners(rows: Collection[Row]) -> None:
    couples: dict[uuid.UUID, list[Row]] = {}
    for row in rows:
        if row.couple:
            couples.setdefault(row.couple, []).append(row)
    for pair in couples.values():
        if len(pair) == 2:
            pair[0].partner, pair[1].partner = pair[1], pair[0]
