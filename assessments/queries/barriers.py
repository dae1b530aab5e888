"""The barrier map's columns: what the client sent and the clinician rated, session by session."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assessments.models import Response, Score
from clients.barriers import CODES
from clients.models import Client, Episode, TherapySession
from clients.queries.course import held_sessions

PREFIX = "barriers."
SCALES = tuple(f"{PREFIX}{code}" for code in CODES)

Values = Mapping[str, int | None]
"""Barrier code → 0–4, ``None`` when it was left open or not discussed. Empty when there is no response at all."""


@dataclass(frozen=True, slots=True)
class Rated:
    """One response about the twelve."""

    response_id: uuid.UUID
    at: datetime
    relationship: uuid.UUID | None
    values: Values


@dataclass(frozen=True, slots=True)
class BarrierColumn:
    """One column. ``client`` is the latest submission after the held session before, up to this one's beginning;
    ``submissions`` says how many there were. In the last column, "since then", ``session`` is ``None``, and so is
    ``clinician``."""

    number: int
    session: TherapySession | None
    client: Rated | None
    clinician: Rated | None
    submissions: int


@dataclass(frozen=True, slots=True)
class BarrierColumns:
    """All columns of an episode, in order of time. ``since`` is present only when something was sent after the last
    held session; before the first session it holds everything sent so far. ``sent`` is every submission of the client,
    in order of time, those too that a later one of the same column hides."""

    columns: tuple[BarrierColumn, ...] = ()
    since: BarrierColumn | None = None
    sent: tuple[Rated, ...] = ()

    @property
    def all(self) -> tuple[BarrierColumn, ...]:
        return (*self.columns, self.since) if self.since else self.columns


@dataclass(slots=True)
class _Sheet:
    """A response being read, score by score."""

    at: datetime
    respondent: str
    session_id: uuid.UUID | None
    relationship: uuid.UUID | None
    values: dict[str, int | None] = field(default_factory=dict)


def barrier_columns(
    client: Client,
    episode: Episode,
    *,
    sessions: Sequence[TherapySession] | None = None,
    until: datetime | None = None,
) -> BarrierColumns:
    """The columns of the barrier map, in two queries; ``sessions`` (held, in order of time) saves the one for them.

    ``until`` gives them as they stood at that moment: without later sessions, and without what was sent or rated later.

    A submission during a session counts to the next column: only its beginning is known.
    """
    sessions = list(held_sessions(client, episode)) if sessions is None else sessions
    if until is not None:
        sessions = [session for session in sessions if session.starts_at <= until]
    sheets = _sheets(client, episode, until)
    rated = {
        sheet.session_id: _rated(pk, sheet)
        for pk, sheet in sheets.items()
        if sheet.respondent == Response.Respondent.CLINICIAN
    }
    sent = sorted(
        (_rated(pk, sheet) for pk, sheet in sheets.items() if sheet.respondent == Response.Respondent.CLIENT),
        key=lambda one: (one.at, str(one.response_id)),
    )
    columns = []
    start = 0
    for number, session in enumerate(sessions, 1):
        end = start
        while end < len(sent) and sent[end].at <= session.starts_at:
            end += 1
        columns.append(_column(number, session, sent[start:end], rated.get(session.pk)))
        start = end
    since = _column(len(sessions) + 1, None, sent[start:], None) if start < len(sent) else None
    return BarrierColumns(tuple(columns), since, tuple(sent))


def _column(
    number: int, session: TherapySession | None, sent: Sequence[Rated], clinician: Rated | None
) -> BarrierColumn:
    return BarrierColumn(number, session, sent[-1] if sent else None, clinician, len(sent))


def _sheets(client: Client, episode: Episode, until: datetime | None) -> dict[uuid.UUID, _Sheet]:
    rows = Score.objects.filter(practice=client.practice_id, client=client, episode=episode, scale__in=SCALES)
    if until is not None:
        rows = rows.filter(response__submitted_at__lte=until)
    columns = ("response_id", "at", "respondent", "response__session_id", "response__relationship_id", "scale", "value")
    found: dict[uuid.UUID, _Sheet] = {}
    for response_id, at, respondent, session_id, relationship, scale, value in rows.values_list(*columns):
        sheet = found.get(response_id)
        if sheet is None:
            sheet = found[response_id] = _Sheet(at, respondent, session_id, relationship)
        sheet.values[scale.removeprefix(PREFIX)] = None if value is None else round(value)
    return found


def _rated(pk: uuid.UUID, sheet: _Sheet) -> Rated:
    return Rated(pk, sheet.at, sheet.relationship, {code: sheet.values.get(code) for code in CODES})
