"""The caseload of a clinician: one row a client, read from trajectories only.

A page has a fixed number of queries whatever its length. Of the whole caseload, one clinician's, the clients are read
(with couple, sessions, what they sent last) and how much work is open; that tells what is new or overdue, and can be
narrowed, searched and sorted (``caseload_page``). All else is read of one page (``caseload_rows``). Nothing is counted
from the history: the last and the next session and the latest answers are looked up one by one in an index.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import (
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
from dashboard.queries.alerts import Alerts, midnight
from practice.models import AuditEvent, Membership, Practice
from practice.prepared import Prepared

NOBODY = uuid.UUID(int=0)
READING = (
    *("client", "response", "response_about", "response_correct", "response_move", "client_measures", "barrier"),
    *("client_compare", "client_timeline", "client_print", "client_homework", "client_goals", "goal"),
    *("session", "session_ratings", "couple"),
)
"""The pages (as the audit trail names them) on which a client's latest answers can be read. A safety flag's page, the
care, the access list or a form shows none: who was there has not seen them."""


def everyone(
    clients: Sequence[uuid.UUID],
    *,
    membership: Membership,
    alerts: Alerts | None = None,
    at: datetime | None = None,
) -> list[Row]:
    """A row of each of these clients (in the reader's reach) by name, in two queries. With ``alerts`` also what is new
    to this member, which flags there are and who comes today; without for a supervisor, to whom they are shown only
    when escalated."""
    if not clients:
        return []
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


def _people(clients: Sequence[uuid.UUID], membership: Membership, at: datetime, *, opened: bool) -> list[Row]:
    """The clients by name: case and accents do not matter to the order."""
    found = _PEOPLE.rows(
        practice=membership.practice_id,
        clients=list(clients),
        member=membership.pk,
        user=membership.user_id,
        at=at,
        start=midnight(membership, at),
        today=membership.practice.today(at),
    )
    rows: dict[uuid.UUID, Row] = {}
    for pk, code, first, family, called, couple, last, upcoming, sent, seen, until, colleague, about in found:
        person = Person(pk, code, first, family, called)
        row = Row(person, about or NO_RELATIONSHIP, couple, None, None, last, upcoming, sent)
        row.is_new = opened and sent is not None and not seen and (last is None or sent > last)
        row.cover = Cover(until, colleague or "") if until else None
        rows[pk] = row
    return sorted(rows.values(), key=lambda row: row.client.order)


def _clients(
    practice: uuid.UUID,
    clients: list[uuid.UUID],
    member: uuid.UUID,
    user: uuid.UUID,
    at: datetime,
    start: datetime,
    today: date,
) -> QuerySet[Any]:
    """With couple and cover; the last and the next session and the latest answers by one look-up in an index each. A
    session of today (from ``start`` on) is the next one until it is recorded, though it has begun."""
    covering = {"clinician": member, "role": "cover", "starts_on__lte": today, "ends_on__gte": today}
    own = {"practice": practice, "client": OuterRef("pk")}
    sessions = TherapySession.objects.filter(**own)
    held = sessions.filter(attendance="held", starts_at__lte=at).order_by("-starts_at")
    planned = sessions.filter(attendance="planned", starts_at__gte=start).order_by("starts_at")
    sent = Response.objects.filter(respondent="client", state="submitted", **own).exclude(entry="imported")
    return (
        Client.objects.filter(pk__in=clients)
        .annotate(
            place=FilteredRelation("partners", condition=Q(partners__ended=False)),
            cover=FilteredRelation(
                "careassignments",
                condition=Q(**{f"careassignments__{name}": value for name, value in covering.items()}),
            ),
            last=Subquery(held.values("starts_at")[:1]),
            next=Subquery(planned.values("starts_at")[:1]),
            sent=Subquery(sent.order_by("-submitted_at").values("submitted_at")[:1]),
        )
        .annotate(seen=_seen(practice, user))
        .values_list(
            *("pk", "code", "first_name", "last_name", "called", "place__couple_id", "last", "next", "sent", "seen"),
            *("cover__ends_on", "cover__leave__clinician__user__name", "relationship_id"),
        )
    )


def _seen(practice: uuid.UUID, user: uuid.UUID) -> Exists:
    """Whether this member opened a page of the client's answers since the latest were sent, by the audit trail.

    The actor is compared as text that no index knows: an index of everything the member ever did would be walked once
    for each client, and the client's own since that moment is short.
    """
    openings = AuditEvent.objects.filter(
        practice_id=practice, client_id=OuterRef("pk"), at__gte=OuterRef("sent"), action="opened"
    ).alias(actor=Coalesce("actor_id", Value(NOBODY, UUIDField())))
    return Exists(openings.filter(actor=user, detail__page__in=READING))


def _open(practice: uuid.UUID, clients: list[uuid.UUID], at: datetime, today: date) -> QuerySet[Any]:
    late = Q(due_on__lt=today)
    return (
        Assignment.objects.filter(practice=practice, client__in=clients, state="open", episode__ends_on=None)
        .filter(unexpired(at))
        .values("client_id")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=late), since=Min("due_on", filter=late))
        .values_list("client_id", "open", "overdue", "since")
    )


_PEOPLE, _OPEN = Prepared(_clients), Prepared(_open)


def _assignments(rows: dict[uuid.UUID, Row], practice: Practice, at: datetime) -> None:
    """What can still be answered, and how much of it is overdue."""
    work = _OPEN.rows(practice=practice.pk, clients=list(rows), at=at, today=practice.today(at))
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
