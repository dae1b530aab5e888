"""What happened between two days of an episode: sessions held, life events, focus, homework."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from clients.barriers import BY_CODE
from clients.models import Client, Episode, FocusBarrier
from clients.queries.course import held_sessions, life_events
from dashboard.queries.record_course import homework_given


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing on its day. ``kind``: ``session``, ``event``, ``focus`` or ``homework``; ``session`` has its id."""

    day: date
    kind: str
    words: str
    session: uuid.UUID | None = None

    @property
    def is_event(self) -> bool:
        return self.kind == "event"


@dataclass(frozen=True, slots=True)
class Between:
    """What happened, in the order of time. ``focused``: a barrier is, or was, in focus by the second day."""

    happenings: tuple[Happening, ...]
    focused: bool


def between(client: Client, episode: Episode, days: tuple[date, date]) -> Between:
    """After the first day, up to the end of the second. Four queries."""
    focus = list(_focus(client, episode))
    found = [*_sessions(client, episode), *_events(client, episode), *focus]
    found += [
        Happening(day, "homework", _("Homework proposed: %(title)s") % {"title": title})
        for day, title in homework_given(client, episode, client.practice.zone)
    ]
    there = sorted((one for one in found if days[0] < one.day <= days[1]), key=lambda one: one.day)
    return Between(tuple(there), any(one.day <= days[1] for one in focus))


def _sessions(client: Client, episode: Episode) -> Iterator[Happening]:
    for row in held_sessions(client, episode).only("pk", "starts_at", "kind"):
        words = _("Session held: %(kind)s") % {"kind": row.get_kind_display()}
        yield Happening(client.practice.today(row.starts_at), "session", words, row.pk)


def _events(client: Client, episode: Episode) -> Iterator[Happening]:
    for row in life_events(client, episode):
        yield Happening(row.happened_on, "event", _("Life event: %(kind)s") % {"kind": row.get_kind_display()})


def _focus(client: Client, episode: Episode) -> Iterator[Happening]:
    rows = FocusBarrier.objects.filter(client=client, episode=episode, starts_on__isnull=False)
    for row in rows.order_by("starts_on", "pk"):
        name = {"barrier": BY_CODE[row.barrier].name}
        assert row.starts_on is not None
        yield Happening(row.starts_on, "focus", _("In focus from here: %(barrier)s") % name)
        if row.ends_on is not None:
            yield Happening(row.ends_on, "focus", _("In focus until here: %(barrier)s") % name)
