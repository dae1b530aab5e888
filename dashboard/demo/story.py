"""What happens to one client of a very large practice: pure, so that rows and actions can play the same story."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from dashboard.demo import texts
from dashboard.demo.courses import client_answers, course
from dashboard.demo.names import Person

EVERY = 7
ASKED_EVERY = 5
"""The client answers the twelve before each fifth session; the clinician rates all twelve after each."""
FIRST_HOUR, HOURS = 8, 10
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """One session that was held, the clinician's ratings after it, and what the client answered before it, if asked."""

    starts_at: datetime
    note: str
    ratings: dict[str, int]
    answered_at: datetime | None
    answers: dict[str, int]

    @property
    def rated_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=70)

    @property
    def begun_at(self) -> datetime | None:
        return self.answered_at - timedelta(minutes=4) if self.answered_at else None


@dataclass(frozen=True, slots=True)
class Story:
    """One client from intake to now, still in care. ``asked_at``: what is unanswered was asked then, if anything is."""

    person: Person
    relationship: str
    joined_at: datetime
    visits: tuple[Visit, ...]
    focus: tuple[str, ...]
    next_at: datetime
    asked_at: datetime | None
    due_on: date | None

    @property
    def focus_at(self) -> datetime:
        """When the focus was decided: after the second session, or the only one."""
        return self.visits[min(1, len(self.visits) - 1)].rated_at + timedelta(minutes=5)

    @property
    def planned_at(self) -> datetime:
        """When the next session was agreed on: at the end of the last one."""
        return self.visits[-1].starts_at + timedelta(minutes=50)


def stories(random: Random, people: list[Person], sessions: int, zone: ZoneInfo, now: datetime) -> Iterator[Story]:
    """A story a person; the clinicians' hours do not collide within a day for a hundred clients."""
    for number, person in enumerate(people):
        yield _story(random, person, number, sessions, zone, now)


def _story(random: Random, person: Person, number: int, sessions: int, zone: ZoneInfo, now: datetime) -> Story:
    hour = FIRST_HOUR + number % HOURS
    today = now.astimezone(zone).date()
    last = today - timedelta(days=1 + number // HOURS % EVERY)
    while last.weekday() >= SATURDAY:
        last -= timedelta(days=1)
    first = last - timedelta(days=EVERY * (sessions - 1))
    found = course(random, sessions)
    visits = tuple(
        _visit(random, found.true[place], found.prominent, datetime.combine(day, time(hour), tzinfo=zone), place)
        for place in range(sessions)
        for day in (first + timedelta(days=EVERY * place),)
    )
    chance = random.random()
    asked_at = now - timedelta(minutes=30) if chance < 0.4 else None
    return Story(
        person=person,
        relationship=random.choice(texts.RELATIONSHIPS),
        joined_at=datetime.combine(first - timedelta(days=5), time(11), tzinfo=zone),
        visits=visits,
        focus=found.prominent[:3],
        next_at=datetime.combine(max(last + timedelta(days=EVERY), today + timedelta(days=1)), time(hour), tzinfo=zone),
        asked_at=asked_at,
        due_on=today + timedelta(days=3) if asked_at else None,
    )


def _visit(
    random: Random, true: dict[str, float], prominent: tuple[str, ...], starts_at: datetime, place: int
) -> Visit:
    asked = place % ASKED_EVERY == 0
    rated = {code: max(0, min(4, round(value + random.gauss(0.1, 0.6)))) for code, value in true.items()}
    return Visit(
        starts_at=starts_at,
        note=texts.session_note(random, prominent),
        ratings=rated,
        answered_at=starts_at - timedelta(minutes=10) if asked else None,
        answers=client_answers(random, true, skip=0) if asked else {},
    )
