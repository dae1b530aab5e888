"""Reading what was asked: open assignments, how much that is, what may be asked when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from assessments.models import Assignment, InstrumentVersion, Response
from clients.models import Client

WEEK = timedelta(days=7)
MANY_ITEMS = 40
"""More items than this in a week is a lot to ask (the assign screen warns)."""


def unexpired(at: datetime) -> Q:
    """Of assignments: not past the last day on which they can be answered."""
    return Q(expires_at=None) | Q(expires_at__gt=at)


def assignments(client: Client) -> QuerySet[Assignment]:
    """Everything ever asked of the client, latest first, with version, instrument and who asked."""
    return (
        Assignment.objects.filter(practice=client.practice_id, client=client)
        .select_related("version__instrument", "administration__asked_by", "response")
        .order_by("-assigned_at", "pk")
    )


def open_assignments(client: Client, at: datetime | None = None) -> QuerySet[Assignment]:
    """What the client is still asked, the soonest due first. An ended episode asks nothing more."""
    return (
        assignments(client)
        .filter(unexpired(at or timezone.now()))
        .filter(state=Assignment.State.OPEN, episode__ends_on=None)
        .order_by(F("due_on").asc(nulls_last=True), "assigned_at", "pk")
    )


def asked_in_portal(client: Client, at: datetime | None = None) -> list[Assignment]:
    """What the portal shows as asked: nothing that is for the room or for a link, nothing hidden."""
    rows = list(open_assignments(client, at).filter(channel=Assignment.Channel.PORTAL))
    for row in rows:
        row.client = client
    return [row for row in rows if not row.version.definition.hidden_from_portal]


@dataclass(frozen=True, slots=True)
class WeeklyLoad:
    """Items a client would be asked within a week: still open, asked in the last seven days, and new."""

    client: Client
    open_items: int
    new_items: int

    @property
    def total(self) -> int:
        return self.open_items + self.new_items

    @property
    def much(self) -> bool:
        return self.total > MANY_ITEMS


def weekly_load(client: Client, versions: Sequence[InstrumentVersion] = (), at: datetime | None = None) -> WeeklyLoad:
    """The load with these versions added, in one query. Withdrawn assignments do not count."""
    at = at or timezone.now()
    since, still = at - WEEK, Q(state=Assignment.State.OPEN) & unexpired(at)
    rows = (
        Assignment.objects.filter(practice=client.practice_id, client=client, episode__ends_on=None)
        .filter(still | Q(state=Assignment.State.SUBMITTED, assigned_at__gte=since))
        .select_related("version")
    )
    asked = sum(row.version.definition.item_count for row in rows)
    return WeeklyLoad(client, asked, sum(version.definition.item_count for version in versions))


def open_instruments(clients: Iterable[Client], at: datetime | None = None) -> dict[Any, set[Any]]:
    """Instrument ids that are open, by client id."""
    found: dict[Any, set[Any]] = {}
    rows = Assignment.objects.filter(
        unexpired(at or timezone.now()),
        client__in=[client.pk for client in clients],
        state=Assignment.State.OPEN,
        episode__ends_on=None,
    )
    for client_id, instrument_id in rows.values_list("client_id", "version__instrument_id"):
        found.setdefault(client_id, set()).add(instrument_id)
    return found


def next_allowed(client: Client, version: InstrumentVersion) -> date | None:
    """The first day on which a measure with a least interval may be asked again; none when there is no such limit."""
    days = version.definition.min_interval_days
    if days is None:
        return None
    latest = Response.objects.filter(
        client=client,
        version__instrument=version.instrument_id,
        respondent=Response.Respondent.CLIENT,
        state=Response.State.SUBMITTED,
    ).aggregate(latest=Max("submitted_at"))["latest"]
    return None if latest is None else client.practice.today(latest) + timedelta(days=days)
