"""Reading scores over time."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from assessments.models import Score
from clients.models import Client, Episode
from clients.queries.relationships import words_by_id

_SCORED = ("at", "value", "answered", "of", "reason")


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """One score in time; ``value`` is ``None`` when it was not scored, and ``reason`` is then its code."""

    response_id: uuid.UUID
    scale: str
    respondent: str
    relationship: str
    at: datetime
    value: float | None
    answered: int
    of: int
    reason: str
    version_id: uuid.UUID


def scores_series(
    client: Client, episode: Episode, scales: Iterable[str] | None = None, *, respondent: str | None = None
) -> dict[tuple[str, str], list[ScorePoint]]:
    """Series of points by (scale, respondent), each in order of time.

    One query, and one for the words of relationships."""
    rows = Score.objects.filter(practice=client.practice_id, client=client, episode=episode)
    if scales is not None:
        rows = rows.filter(scale__in=list(scales))
    if respondent is not None:
        rows = rows.filter(respondent=respondent)
    fields = ("response_id", "scale", "respondent", "response__relationship_id", *_SCORED, "response__version_id")
    found: dict[tuple[str, str], list[ScorePoint]] = {}
    lines = list(rows.order_by("scale", "respondent", "at", "pk").values_list(*fields))
    words = words_by_id(client, (line[3] for line in lines))
    for response_id, scale, of, relationship, *scored in lines:
        point = ScorePoint(response_id, scale, of, words[relationship], *scored)
        found.setdefault((point.scale, point.respondent), []).append(point)
    return found
