"""The page on which several clients are asked at once: each measure, and each client with what would happen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from assessments.actions.assigning import channel_for
from assessments.models import Assignment, InstrumentVersion
from assessments.queries.asked import WeeklyLoad
from assessments.queries.several import Standing, standings
from clients.models import Client
from dashboard.queries.assign import silence


@dataclass(frozen=True, slots=True)
class Line:
    """One measure to choose, and of how many of these clients it cannot be asked now."""

    version: InstrumentVersion
    chosen: bool
    blocked_for: int


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One client: what speaks against it, whether that is left out, the load of the week, how they hear of it."""

    client: Client
    problems: list[str]
    left: bool
    nothing: bool
    load: WeeklyLoad
    why_not: str | Promise


@dataclass(frozen=True, slots=True)
class Outlook:
    """All of it. ``items`` and ``minutes`` are those of one client of whom everything is asked."""

    lines: list[Line]
    people: list[PersonLine]
    items: int
    minutes: int
    for_room: list[InstrumentVersion]

    @property
    def troubled(self) -> int:
        return sum(1 for one in self.people if one.problems)


def outlook(
    clients: Sequence[Client],
    offered: Sequence[InstrumentVersion],
    chosen: Sequence[InstrumentVersion],
    left_out: Collection[str],
    channel: str,
) -> Outlook:
    """In a fixed number of queries, however many clients there are."""
    offered = [version for version in offered if "client" in version.definition.respondents]
    found = standings(clients, offered)
    picked = {version.pk for version in chosen}
    blocked = [{version.pk for version in offered} if one.out else one.against.keys() for one in found]
    room = [one for one in chosen if channel != Assignment.Channel.ROOM and one.definition.in_room_only]
    return Outlook(
        lines=[
            Line(version, version.pk in picked, sum(version.pk in those for those in blocked)) for version in offered
        ],
        people=[_person(one, chosen, left_out, channel) for one in found],
        items=sum(version.definition.item_count for version in chosen),
        minutes=sum(version.definition.minutes for version in chosen),
        for_room=room,
    )


def _person(one: Standing, chosen: Sequence[InstrumentVersion], left_out: Collection[str], channel: str) -> PersonLine:
    possible = one.possible(chosen)
    sent: list[Any] = [version for version in possible if channel_for(version, channel) != Assignment.Channel.ROOM]
    return PersonLine(
        client=one.client,
        problems=one.problems(chosen) if chosen else ([one.out] if one.out else []),
        left=str(one.client.pk) in left_out,
        nothing=bool(chosen) and not possible,
        load=one.load(chosen),
        why_not=silence(one.client, sent, channel) if possible else "",
    )
