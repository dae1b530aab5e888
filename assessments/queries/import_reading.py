"""One pass over a file of past administrations: whose each line is, when, in which episode, and what is wrong."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from assessments.imports.columns import CLIENT, DATE, RELATIONSHIP, Plan, Problem, Record, read_header
from assessments.imports.source import Unreadable, records
from assessments.models import InstrumentVersion
from assessments.queries.imports import Seat, brought, brought_at, seats
from clients.models import Relationship
from practice import localtime
from practice.errors import Refused
from practice.models import Practice

BATCH = 500
KEPT = 10_000
"""So many problems are kept; all are counted."""
EARLIEST = date(1900, 1, 1)
NOON = time(12)
LONGEST_WORDS = Relationship._meta.get_field("words").max_length or 80
Chunks = Iterable[bytes]
Tell = Callable[[int], None]


@dataclass
class Tally:
    """What came of a file so far."""

    rows: int = 0
    added: int = 0
    present: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    digest: str = ""

    def wrong(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.problem_count += 1
            if len(self.problems) < KEPT:
                self.problems.append(problem)


@dataclass(frozen=True, slots=True)
class Entry:
    """One administration, ready to be written."""

    record: Record
    seat: Seat
    episode: uuid.UUID
    at: datetime
    is_open: bool
    key: str


class Reading:
    """One pass over a file."""

    def __init__(self, version: InstrumentVersion, practice: Practice, now: datetime) -> None:
        self.version, self.practice, self.now = version, practice, now
        self.zone = practice.zone
        self.tally = Tally()
        self.seats = seats(practice)
        self.seen: dict[bytes, tuple[int, bytes]] = {}
        """By client and time: the line, and the content's hash."""

    def batches(self, source: Chunks, tell: Tell) -> Iterator[list[Entry]]:
        """What is new in the file, some hundred administrations at a time; the tally counts everything else."""
        hashed = _Hashed(source)
        try:
            batch: list[Entry] = []
            for entry in self._entries(hashed, tell):
                batch.append(entry)
                if len(batch) == BATCH:
                    yield self._new(batch)
                    batch = []
            yield self._new(batch)
        except Unreadable as error:
            self.tally.wrong([Problem(error.line, "", error.text)])
            hashed.finish()
        self.tally.digest = hashed.digest
        tell(self.tally.rows)

    def _entries(self, source: Chunks, tell: Tell) -> Iterator[Entry]:
        plan: Plan | None = None
        for line, cells in records(source):
            if plan is None:
                plan, problems = read_header(self.version.definition, cells)
                self.tally.wrong(problems)
                if plan is None:
                    return
                continue
            record, problems = plan.read(line, cells)
            self.tally.wrong(problems)
            if record is None and not problems:
                continue
            self.tally.rows += 1
            if self.tally.rows % BATCH == 0:
                tell(self.tally.rows)
            if self.tally.rows > settings.IMPORT_MAX_ROWS:
                text = _("A file may have %(most)s administrations; bring the rest in another.")
                raise Unreadable(line, text % {"most": settings.IMPORT_MAX_ROWS})
            entry = self._entry(record) if record else None
            if entry is not None:
                yield entry
        if plan is None:
            raise Unreadable(1, _("The file is empty."))

    def _entry(self, record: Record) -> Entry | None:
        """The record with whose it is, when and in which episode; none with a problem, or where it stands twice."""
        seat = self.seats.get(record.code.casefold())
        if seat is None:
            text = _("“%(code)s” is no client code of this practice.") % {"code": record.code[:12]}
            self._wrong(record, CLIENT, text)
            return None
        try:
            at = self._moment(record)
        except Refused as refusal:
            self._wrong(record, refusal.field, str(refusal))
            return None
        day = at.astimezone(self.zone).date()
        if day < EARLIEST or at > self.now:
            self._wrong(record, DATE, _("This day is not in the past."))
            return None
        episode = seat.episode_on(day)
        if episode is None:
            self._wrong(record, DATE, _("The client was not in care on that day."))
            return None
        if len(record.relationship) > LONGEST_WORDS:
            text = _("At most %(most)s characters.") % {"most": LONGEST_WORDS}
            self._wrong(record, RELATIONSHIP, text)
            return None
        entry = Entry(record, seat, episode[0], at, episode[1], self._key(record, seat, at))
        return entry if self._first_here(entry) else None

    def _wrong(self, record: Record, column: str, text: str) -> None:
        self.tally.wrong([Problem(record.line, column, text)])

    def _moment(self, record: Record) -> datetime:
        if record.moment is not None:
            return record.moment
        local = datetime.combine(record.day, record.clock or NOON)
        at = localtime.moment(local, self.zone, DATE)
        if record.clock is None and at > self.now and record.day == self.practice.today(self.now):
            return localtime.at_or_after(datetime.combine(record.day, time()), self.zone)
        return at

    def _key(self, record: Record, seat: Seat, at: datetime) -> str:
        """The content: client, instrument, day (and time, where it is told), answers and texts."""
        exact = record.clock is not None or record.moment is not None
        content = [
            seat.named.hex,
            self.version.instrument_id.hex,
            at.isoformat() if exact else record.day.isoformat(),
            dict(record.answers),
            dict(record.texts),
        ]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return salted_hmac("assessments.import", text, algorithm="sha256").hexdigest()

    def _first_here(self, entry: Entry) -> bool:
        place = hashlib.blake2b(entry.seat.client.bytes + entry.at.isoformat().encode(), digest_size=12).digest()
        content = bytes.fromhex(entry.key)[:12]
        line, earlier = self.seen.setdefault(place, (entry.record.line, content))
        if line == entry.record.line:
            return True
        if earlier == content:
            self.tally.present += 1
            return False
        text = _("Line %(line)s has the same client and time with other answers. Give both a time.")
        self._wrong(entry.record, DATE, text % {"line": line})
        return False

    def _new(self, batch: list[Entry]) -> list[Entry]:
        """Those that were not brought before; an administration that stands there with other answers is a problem."""
        if not batch:
            return []
        there = brought(self.practice, [entry.key for entry in batch])
        fresh = [entry for entry in batch if entry.key not in there]
        self.tally.present += len(batch) - len(fresh)
        if not fresh:
            return []
        taken = brought_at(self.practice, self.version, [(entry.seat.client, entry.at) for entry in fresh])
        for entry in fresh:
            if (entry.seat.client, entry.at) in taken:
                text = _("This client and time were brought before with other answers: correct those in the record.")
                self._wrong(entry.record, DATE, text)
        return [entry for entry in fresh if (entry.seat.client, entry.at) not in taken]


class _Hashed:
    """The bytes as they pass by, and their hash."""

    def __init__(self, source: Chunks) -> None:
        self.source = iter(source)
        self.hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.source:
            self.hash.update(chunk)
            yield chunk

    def finish(self) -> None:
        for _chunk in self:
            pass

    @property
    def digest(self) -> str:
        return self.hash.hexdigest()
