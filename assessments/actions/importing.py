"""Bringing past administrations into the record: the whole file is checked first, then written in one transaction.

What a line becomes: a response of the client, entered as brought from before, sent on that day at the given time (else
at noon) in the practice's zone, in the episode of that day; its scores and series follow. Nobody is written to, no
focus is proposed and no life event is made. The relationship is the one that the line names, else the one that the
client had named last by then, else the first one ever named.

Idempotent by content: what was brought before, or stands in the file twice, is counted as present. Another
administration of the same client at the same time with other answers is a problem: who is right cannot be seen here.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection

from assessments.actions import trajectories
from assessments.actions.psychometrics import mark_stale
from assessments.actions.receipts import receipt_code
from assessments.models import InstrumentVersion, Response, ResponseText, Score
from assessments.queries.import_reading import BATCH, Chunks, Entry, Reading, Tally, Tell
from assessments.scoring import NOTHING_ASKED, risk_hits, score
from clients.actions.relationships import relationship_of
from clients.models import Client, SafetyFlag
from practice import audit, bulk
from practice.models import Practice, User


class Differs(Exception):
    """The file is not the one that was checked."""


def check(source: Chunks, version: InstrumentVersion, practice: Practice, *, now: datetime, tell: Tell) -> Tally:
    """Read the whole file and say what would come of it; nothing is written. ``tell`` gets the lines read so far."""
    reading = Reading(version, practice, now)
    for batch in reading.batches(source, tell):
        reading.tally.added += len(batch)
    return reading.tally


def write(
    source: Chunks,
    version: InstrumentVersion,
    practice: Practice,
    *,
    by: User | None,
    digest: str,
    now: datetime,
    tell: Tell,
) -> Tally:
    """Write what is new of a file that was checked; part of the transaction of the run, which writes the audit row.

    Everything is checked again, since records may have changed meanwhile: with a problem the caller rolls back. The
    clients' rows are held until the end. No savepoint is opened around it: SQLite would keep each changed page in
    memory. Raises ``Differs`` for other bytes than those that were checked.
    """
    touched: set[uuid.UUID] = set()
    _hold(practice)
    reading = Reading(version, practice, now)
    for batch in reading.batches(source, tell):
        if not reading.tally.problem_count:
            _insert(reading, batch, by)
            touched |= {entry.seat.client for entry in batch}
    if reading.tally.digest != digest:
        raise Differs
    clients = [] if reading.tally.problem_count else sorted(touched)
    scales = [f"{version.definition.slug}.{scale.key}" for scale in version.definition.scales]
    for start in range(0, len(clients), trajectories.CHUNK):
        trajectories.recount(clients[start : start + trajectories.CHUNK], scales)
    if clients:
        mark_stale(practice.pk, [version.pk])
    return reading.tally


def _hold(practice: Practice) -> None:
    """Hold every client of the practice, in the order of ids: nobody moves or joins records meanwhile."""
    if connection.features.has_select_for_update:
        rows = Client.objects.filter(practice=practice).order_by("pk").select_for_update()
        for _pk in rows.values_list("pk").iterator(chunk_size=5000):
            pass


def _insert(reading: Reading, batch: Sequence[Entry], by: User | None) -> None:
    """The rows of one batch."""
    if not batch:
        return
    about = _Relationships(reading)
    rows = [_response(reading, entry, about.of(entry), by) for entry in batch]
    Response.objects.bulk_create(rows, batch_size=BATCH)
    texts = [
        ResponseText(response=row, question=name, text=text, changed_at=reading.now)
        for row, entry in zip(rows, batch, strict=True)
        for name, text in entry.record.texts.items()
    ]
    ResponseText.objects.bulk_create(texts, batch_size=BATCH)
    bulk.insert(Score, _SCORE, (values for row in rows for values in _scores(reading.version, row)))
    reading.tally.added += len(rows)
    _flag(reading, rows, batch)


def _flag(reading: Reading, rows: Sequence[Response], batch: Sequence[Entry]) -> None:
    """A risk answer of care that still runs is shown to the clinicians like any other, dated as it was answered; nobody
    is written to at night about what was said long ago."""
    definition = reading.version.definition
    if not any(item.risk for item in definition.items):
        return
    for row, entry in zip(rows, batch, strict=True):
        if entry.is_open and risk_hits(definition, row.answers):
            client = Client.objects.get(pk=row.client_id)
            flag = SafetyFlag.objects.create(client=client, response_id=row.pk, raised_at=entry.at)
            audit.write("flag.raised", record=flag, at=reading.now)


def _response(reading: Reading, entry: Entry, about: uuid.UUID | None, by: User | None) -> Response:
    row = Response(
        practice_id=reading.practice.pk,
        client_id=entry.seat.client,
        version=reading.version,
        episode_id=entry.episode,
        relationship_id=about,
        state=Response.State.SUBMITTED,
        answers=dict(entry.record.answers),
        started_at=entry.at,
        changed_at=reading.now,
        submitted_at=entry.at,
        submitted_by=by,
        entry=Response.Entry.IMPORTED,
        import_key=entry.key,
    )
    row.receipt = receipt_code(row.pk)
    return row


_SCORE = (
    *("practice_id", "client_id", "episode_id", "response_id", "respondent", "scale"),
    *("at", "value", "answered", "of", "reason"),
)


def _scores(version: InstrumentVersion, row: Response) -> Iterator[tuple[object, ...]]:
    slug = version.definition.slug
    head = (row.practice_id, row.client_id, row.episode_id, row.pk, row.respondent)
    for one in score(version.definition, row.answers):
        if one.reason != NOTHING_ASKED:
            yield (*head, f"{slug}.{one.key}", row.submitted_at, one.value, one.answered, one.of, one.reason or "")


class _Relationships:
    """Which relationship each administration is about, where the instrument asks."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.named: dict[tuple[uuid.UUID, str], uuid.UUID | None] = {}

    def of(self, entry: Entry) -> uuid.UUID | None:
        if not self.reading.version.definition.asks_relationship:
            return None
        words = entry.record.relationship
        if not words:
            return entry.seat.relationship_at(entry.at)
        key = (entry.seat.client, words)
        if key not in self.named:
            client = Client.objects.get(pk=entry.seat.client)
            row = relationship_of(client, words, at=entry.at)
            self.named[key] = row.pk if row else None
        return self.named[key]
