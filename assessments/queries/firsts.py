"""Whose answers tell how a measure behaves in a practice: first administrations, and stable pairs.

Read in chunks, so that memory grows with the number of clients and not with that of answers.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby, islice, pairwise
from operator import itemgetter
from typing import Any, TypeVar

from assessments.models import InstrumentVersion, Response, Score
from clients.models import LifeEvent, Partner
from practice.models import Practice

CLOSEST, FARTHEST = timedelta(days=14), timedelta(days=28)
"""How far apart the two administrations of a stable pair lie, both included, by days in the practice's zone."""
CHUNK = 500
_Any = TypeVar("_Any")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two consecutive administrations of one client about one relationship."""

    first: uuid.UUID
    second: uuid.UUID
    from_day: date
    to_day: date


@dataclass(slots=True)
class Firsts:
    """Response ids: the first of each client, one partner a couple, and one stable pair a client. ``sent``: how many
    responses there are."""

    sent: int = 0
    first: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    pairs: dict[uuid.UUID, Pair] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    pk: uuid.UUID
    day: date
    about: uuid.UUID | None
    same_as: uuid.UUID | None


def firsts(practice: Practice, version: InstrumentVersion) -> Firsts:
    """Of what clients of this practice sent of this version. Withdrawn answers and clinicians' ratings do not count."""
    found, candidates = Firsts(), {}
    for client, lines in _by_client(practice, version):
        found.sent += len(lines)
        found.first[client] = lines[0].pk
        if pairs := _stable(lines):
            candidates[client] = pairs
    found.pairs = _undisturbed(practice, candidates)
    _one_a_couple(practice, found)
    return found


def chunks(values: Iterable[_Any], size: int = CHUNK) -> Iterator[list[_Any]]:
    """Lists of ``size`` and a shorter last one."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def answers_of(pks: Iterable[uuid.UUID]) -> Iterator[tuple[uuid.UUID, dict[str, Any]]]:
    """Answers by response, in chunks."""
    for some in chunks(pks, CHUNK):
        yield from Response.objects.filter(pk__in=some).values_list("pk", "answers")


def values_of(pks: Iterable[uuid.UUID], scales: Collection[str]) -> Iterator[tuple[uuid.UUID, str, float]]:
    """(response, ``slug.scale``, value) of the scales that are scored, in chunks."""
    for some in chunks(pks, CHUNK):
        rows = Score.objects.filter(response__in=some, value__isnull=False).values_list("response_id", "scale", "value")
        for pk, scale, value in rows.iterator(2000):
            if value is not None and scale in scales:
                yield pk, scale, value


def _by_client(practice: Practice, version: InstrumentVersion) -> Iterator[tuple[uuid.UUID, list[_Line]]]:
    """A client's responses in the order of time."""
    rows = (
        Response.objects.filter(
            practice=practice,
            version=version,
            state=Response.State.SUBMITTED,
            respondent=Response.Respondent.CLIENT,
        )
        .order_by("client_id", "submitted_at", "pk")
        .values_list("client_id", "pk", "submitted_at", "relationship_id", "anchor", "anchor_to")
    )
    zone = practice.zone
    for client, group in groupby(rows.iterator(2000), key=itemgetter(0)):
        yield (
            client,
            [
                _Line(pk, at.astimezone(zone).date(), about, to if anchor == Response.Anchor.SAME else None)
                for _client, pk, at, about, anchor, to in group
                if at
            ],
        )


def _stable(lines: Sequence[_Line]) -> list[Pair]:
    """Pairs of consecutive lines about the same relationship, the second "about the same" as exactly the first: what it
    was compared with may be gone, or have been answered on another version."""
    about: dict[uuid.UUID | None, list[_Line]] = {}
    for line in lines:
        about.setdefault(line.about, []).append(line)
    found = [
        Pair(before.pk, after.pk, before.day, after.day)
        for series in about.values()
        for before, after in pairwise(series)
        if after.same_as == before.pk and CLOSEST <= after.day - before.day <= FARTHEST
    ]
    return sorted(found, key=lambda pair: (pair.to_day, pair.second))


def _undisturbed(practice: Practice, candidates: dict[uuid.UUID, list[Pair]]) -> dict[uuid.UUID, Pair]:
    """The first pair of each client without a life event between."""
    found: dict[uuid.UUID, Pair] = {}
    for clients in chunks(candidates, CHUNK):
        events: dict[uuid.UUID, list[date]] = {}
        rows = LifeEvent.objects.filter(practice=practice, client__in=clients, withdrawn_at=None)
        for client, day in rows.values_list("client_id", "happened_on"):
            events.setdefault(client, []).append(day)
        for client in clients:
            days = events.get(client, ())
            for pair in candidates[client]:
                if not any(pair.from_day <= day <= pair.to_day for day in days):
                    found[client] = pair
                    break
    return found


def _one_a_couple(practice: Practice, found: Firsts) -> None:
    """Of two partners who both answered only the lower seat counts: what two partners say is not independent."""
    seats = (
        Partner.objects.filter(practice=practice)
        .order_by("couple__starts_on", "couple_id", "seat")
        .values_list("couple_id", "client_id")
    )
    couples: dict[uuid.UUID, list[uuid.UUID]] = {}
    for couple, client in seats.iterator(2000):
        couples.setdefault(couple, []).append(client)
    for partners in couples.values():
        if len(partners) == 2 and all(client in found.first for client in partners):
            del found.first[partners[1]]
            found.pairs.pop(partners[1], None)
