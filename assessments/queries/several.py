"""What speaks against asking several clients at once: read together, in a fixed number of queries."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.models import Assignment, InstrumentVersion, Response
from assessments.queries.asked import WEEK, WeeklyLoad, open_instruments, unexpired
from clients.models import Client, Episode


@dataclass(frozen=True, slots=True)
class Standing:
    """How one client stands to these measures. ``out``: why nothing at all can be asked; ``against``: why one cannot,
    by version; both in words. ``asked_items``: items of the week that are open or were asked."""

    client: Client
    out: str
    against: dict[uuid.UUID, str] = field(default_factory=dict)
    asked_items: int = 0

    def problems(self, versions: Sequence[InstrumentVersion]) -> list[str]:
        """What speaks against asking these."""
        if self.out:
            return [self.out]
        return [self.against[version.pk] for version in versions if version.pk in self.against]

    def possible(self, versions: Sequence[InstrumentVersion]) -> list[InstrumentVersion]:
        """Those of these that can be asked."""
        return [] if self.out else [version for version in versions if version.pk not in self.against]

    def load(self, versions: Sequence[InstrumentVersion]) -> WeeklyLoad:
        """The week's items if what can be asked of these is asked."""
        return WeeklyLoad(
            self.client, self.asked_items, sum(one.definition.item_count for one in self.possible(versions))
        )


def standings(
    clients: Sequence[Client], versions: Sequence[InstrumentVersion], at: datetime | None = None
) -> list[Standing]:
    """One a client, in the order given, in four queries. The clients' practice must be loaded."""
    at = at or timezone.now()
    ids = [client.pk for client in clients]
    in_care = set(Episode.objects.filter(client__in=ids, ends_on=None).values_list("client_id", flat=True))
    opened = open_instruments(clients, at)
    answered = _answered(ids, versions)
    loads = _loads(ids, at)
    return [
        Standing(
            client=client,
            out="" if client.pk in in_care else _("is discharged"),
            against=_against(client, versions, opened.get(client.pk, set()), answered, client.practice.today(at)),
            asked_items=loads.get(client.pk, 0),
        )
        for client in clients
    ]


def _against(
    client: Client,
    versions: Iterable[InstrumentVersion],
    opened: set[uuid.UUID],
    answered: dict[tuple[uuid.UUID, uuid.UUID], datetime],
    today: date,
) -> dict[uuid.UUID, str]:
    found = {}
    for version in versions:
        words = {"title": version.instrument.title}
        latest = answered.get((client.pk, version.instrument_id))
        if version.instrument_id in opened:
            found[version.pk] = _("“%(title)s” is still open") % words
        elif latest and version.definition.min_interval_days:
            day = client.practice.today(latest) + timedelta(days=version.definition.min_interval_days)
            if today < day:
                words["day"] = date_format(day, "j M Y")
                found[version.pk] = _("“%(title)s” can be asked again from %(day)s") % words
    return found


def _answered(
    ids: Sequence[uuid.UUID], versions: Iterable[InstrumentVersion]
) -> dict[tuple[uuid.UUID, uuid.UUID], datetime]:
    """When each client last sent what may be asked only so often, by client and instrument."""
    slow = [version.instrument_id for version in versions if version.definition.min_interval_days]
    rows = Response.objects.filter(
        client__in=ids,
        version__instrument__in=slow,
        respondent=Response.Respondent.CLIENT,
        state=Response.State.SUBMITTED,
    )
    latest = rows.values_list("client_id", "version__instrument_id").annotate(Max("submitted_at"))
    return {(client, instrument): sent for client, instrument, sent in latest}


def _loads(ids: Sequence[uuid.UUID], at: datetime) -> dict[uuid.UUID, int]:
    """As ``weekly_load`` counts: still open, or asked in the last seven days and sent."""
    still = Q(state=Assignment.State.OPEN) & unexpired(at)
    rows = (
        Assignment.objects.filter(client__in=ids, episode__ends_on=None)
        .filter(still | Q(state=Assignment.State.SUBMITTED, assigned_at__gte=at - WEEK))
        .select_related("version")
    )
    loads: dict[uuid.UUID, int] = {}
    for row in rows:
        loads[row.client_id] = loads.get(row.client_id, 0) + row.version.definition.item_count
    return loads
