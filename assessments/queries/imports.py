"""What bringing past administrations reads: whose code it is, care on a day, what was brought before, the runs."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, QuerySet

from assessments.models import ImportRun, InstrumentVersion, Response
from clients.models import Client, Episode, Relationship
from practice.models import Practice


@dataclass(slots=True)
class Seat:
    """A client as a file finds them. ``named``: the code's own record; ``client``: the one that holds its rows now."""

    named: uuid.UUID
    client: uuid.UUID
    episodes: list[tuple[date, date | None, uuid.UUID]] = field(default_factory=list)
    relationships: list[tuple[datetime, uuid.UUID]] = field(default_factory=list)

    def episode_on(self, day: date) -> tuple[uuid.UUID, bool] | None:
        """The episode that runs on this day (the later one where two meet), and whether it still does."""
        for starts_on, ends_on, pk in reversed(self.episodes):
            if starts_on <= day and (ends_on is None or day <= ends_on):
                return pk, ends_on is None
        return None

    def relationship_at(self, at: datetime) -> uuid.UUID | None:
        """The relationship named last by then, else the first one named; none where none ever was."""
        before = [pk for named_at, pk in self.relationships if named_at <= at]
        return before[-1] if before else self.relationships[0][1] if self.relationships else None


def seats(practice: Practice) -> dict[str, Seat]:
    """Every client of the practice by code, in three queries. A joined record leads to the other."""
    rows = list(Client.objects.filter(practice=practice).values_list("pk", "code", "merged_into_id"))
    into = {pk: target for pk, _code, target in rows if target}
    episodes: dict[uuid.UUID, list[tuple[date, date | None, uuid.UUID]]] = defaultdict(list)
    relationships: dict[uuid.UUID, list[tuple[datetime, uuid.UUID]]] = defaultdict(list)
    care = Episode.objects.filter(practice=practice).order_by("number")
    for owner, starts_on, ends_on, pk in care.values_list("client_id", "starts_on", "ends_on", "pk").iterator(5000):
        episodes[owner].append((starts_on, ends_on, pk))
    named = Relationship.objects.filter(practice=practice).order_by("named_at", "pk")
    for owner, named_at, pk in named.values_list("client_id", "named_at", "pk").iterator(5000):
        relationships[owner].append((named_at, pk))
    found = {}
    for pk, code, _target in rows:
        holder = pk
        while holder in into:
            holder = into[holder]
        found[code.casefold()] = Seat(pk, holder, episodes[holder], relationships[holder])
    return found


def brought(practice: Practice, keys: Collection[str]) -> set[str]:
    """Which of these contents are there already."""
    rows = Response.objects.filter(practice=practice, import_key__in=keys)
    return {key for key in rows.values_list("import_key", flat=True) if key}


def brought_at(
    practice: Practice, version: InstrumentVersion, places: Iterable[tuple[uuid.UUID, datetime]]
) -> set[tuple[uuid.UUID, datetime]]:
    """At which of these clients and times an administration of this instrument was brought, and stands."""
    places = set(places)
    rows = Response.objects.filter(
        practice=practice,
        client__in={client for client, _at in places},
        submitted_at__in={at for _client, at in places},
        entry=Response.Entry.IMPORTED,
        state=Response.State.SUBMITTED,
        version__instrument=version.instrument_id,
    )
    return places & set(rows.values_list("client_id", "submitted_at"))


def due(now: datetime) -> QuerySet[ImportRun]:
    """Waiting runs and those whose worker let its lease run out, oldest first."""
    expired = Q(state=ImportRun.State.RUNNING, lease_until__lte=now)
    return ImportRun.objects.filter(Q(state=ImportRun.State.QUEUED) | expired).order_by("asked_at")


def runs(practice: Practice) -> QuerySet[ImportRun]:
    """The practice's runs with their measure and who asked."""
    return ImportRun.objects.filter(practice=practice).select_related("version__instrument", "asked_by")
