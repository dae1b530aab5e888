"""The time line of a record: several kinds of rows joined by time, newest first, a page at a time.

Each source is asked for one row more than a page from the cursor on, and the answers are merged: the number of queries
is the number of sources, however long the record is. The cursor names time, source and row, and no more.
"""

import base64
import binascii
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from clients.models import Client, Episode, SafetyFlag
from practice import localtime
from practice.grants import Permission

SIZE = 30
GIVEN = 100
"""The rank of what was read already: it stands below what it shares a moment with."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND, DAY = timedelta(microseconds=1), timedelta(days=1)

Key = tuple[int, int, int]
"""Place in the list: the later moment first, then the source, then the row."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose record is read, and what the reader may see of it."""

    client: Client
    permissions: frozenset[Permission]
    episodes: Sequence[Episode] = ()
    flags: Sequence[SafetyFlag] = ()

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def midnight(self, day: date) -> datetime:
        """The first moment of a day in the practice's zone."""
        return localtime.at_or_after(datetime.combine(day, time.min), self.client.practice.zone)

    def day_of(self, at: datetime) -> date:
        return self.client.practice.today(at)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what it is, where it leads to, and the words below it. ``day``: known by its day only."""

    at: datetime
    pk: uuid.UUID
    kind: str
    label: Promise | str
    title: Promise | str
    url: str = ""
    pill: Promise | str = ""
    pill_class: str = ""
    meta: str = ""
    words: str = ""
    folded: str = ""
    mark: str = ""
    is_day: bool = False
    rank: int = 0

    @property
    def key(self) -> Key:
        return (-((self.at - EPOCH) // MICROSECOND), self.rank, self.pk.int)


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one kind. ``field`` is their time or, where ``is_day``, their day; ``late``: at the day's end."""

    kind: str
    rows: Callable[[Reader], QuerySet]
    entry: Callable[[Reader, Any], Entry]
    field: str
    is_day: bool = False
    late: bool = False
    needs: Permission = Permission.SEE_CLINICAL


@dataclass(frozen=True, slots=True)
class Month:
    """The entries of one month."""

    first: date
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What lies in one episode, or before, between or after them (none)."""

    episode: Episode | None
    months: tuple[Month, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page, grouped for headings. ``after``: the next page's cursor, or empty."""

    stretches: tuple[Stretch, ...] = field(default=())
    after: str = ""
    is_later: bool = False


def encode(key: Key) -> str:
    """A cursor for an address."""
    raw = (-key[0]).to_bytes(8, signed=True) + key[1].to_bytes(1) + key[2].to_bytes(16)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str) -> Key | None:
    """The cursor of an address; none for anything else."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return None
    if len(raw) != 25:
        return None
    key = (-int.from_bytes(raw[:8], signed=True), raw[8], int.from_bytes(raw[9:]))
    return key if abs(key[0]) < 6 * 10**16 else None  # within all calendars


def page(
    reader: Reader,
    sources: Sequence[Source],
    given: Iterable[Entry],
    kinds: Iterable[str],
    after: str,
    size: int = SIZE,
) -> Page:
    """One page of these kinds (all where none is named). ``given`` are entries that were read already."""
    cursor, wanted = decode(after), set(kinds)
    entries = [
        entry for entry in given if (not wanted or entry.kind in wanted) and (cursor is None or entry.key > cursor)
    ]
    for rank, source in enumerate(sources):
        if reader.may(source.needs) and (not wanted or source.kind in wanted):
            entries += _read(reader, source, rank, cursor, size + 1)
    entries.sort(key=lambda entry: entry.key)
    more, shown = len(entries) > size, entries[:size]
    return Page(tuple(_stretches(reader, shown)), encode(shown[-1].key) if more else "", cursor is not None)


def _read(reader: Reader, source: Source, rank: int, cursor: Key | None, size: int) -> Iterator[Entry]:
    rows = source.rows(reader)
    if cursor is not None:
        rows = rows.filter(_beyond(reader, source, rank, cursor))
    for row in rows.order_by(f"-{source.field}", "pk")[:size]:
        yield replace(source.entry(reader, row), rank=rank)


def day_moment(reader: Reader, day: date, *, late: bool = False) -> datetime:
    """Where a day's entry stands among those with a time: at the day's beginning, or its end."""
    return reader.midnight(day + DAY) - MICROSECOND if late else reader.midnight(day)


def _beyond(reader: Reader, source: Source, rank: int, cursor: Key) -> Q:
    """Rows after the cursor: earlier, or at the same moment and later by source and id."""
    at = EPOCH - cursor[0] * MICROSECOND
    name = source.field
    value: Any = at
    if source.is_day:
        value = reader.day_of(at)
        moment = day_moment(reader, value, late=source.late)
        if moment != at:
            return Q(**{f"{name}__{'lte' if moment < at else 'lt'}": value})
    if rank < cursor[1]:
        return Q(**{f"{name}__lt": value})
    if rank > cursor[1]:
        return Q(**{f"{name}__lte": value})
    return Q(**{f"{name}__lt": value}) | Q(**{name: value, "pk__gt": uuid.UUID(int=cursor[2])})


def _stretches(reader: Reader, entries: Sequence[Entry]) -> Iterator[Stretch]:
    """Grouped by episode and month, in the order they have."""

    def episode_of(entry: Entry) -> Episode | None:
        day = reader.day_of(entry.at)
        running = (
            one for one in reader.episodes if one.starts_on <= day and (one.ends_on is None or day <= one.ends_on)
        )
        return next(running, None)  # the latest first

    def month_of(entry: Entry) -> date:
        return reader.day_of(entry.at).replace(day=1)

    for _pk, group in groupby(entries, key=lambda entry: getattr(episode_of(entry), "pk", None)):
        rows = list(group)
        months = tuple(Month(first, tuple(inner)) for first, inner in groupby(rows, key=month_of))
        yield Stretch(episode_of(rows[0]), months)
