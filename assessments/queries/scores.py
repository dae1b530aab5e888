"""Reading scores over time: trajectories, series, and raw change in words."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.models import Response, Score, Trajectory
from clients.models import Client, Episode
from clients.queries.relationships import words_by_id

BURDEN = "barriers.burden"
"""The scale that the caseload shows."""


def trajectories(
    client: Client, episode: Episode | None = None, *, respondent: str | None = None
) -> QuerySet[Trajectory]:
    """The client's series (of one episode, of one respondent), by scale."""
    rows = Trajectory.objects.filter(practice=client.practice_id, client=client)
    if episode is not None:
        rows = rows.filter(episode=episode)
    if respondent is not None:
        rows = rows.filter(respondent=respondent)
    return rows.order_by("scale", "respondent", "baseline_at", "pk")


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
    fields = ("response_id", "scale", "respondent", "response__relationship_id", *_SCORED)
    found: dict[tuple[str, str], list[ScorePoint]] = {}
    lines = list(rows.order_by("scale", "respondent", "at", "pk").values_list(*fields))
    words = words_by_id(client, (line[3] for line in lines))
    for response_id, scale, of, relationship, *scored in lines:
        point = ScorePoint(response_id, scale, of, words[relationship], *scored)
        found.setdefault((point.scale, point.respondent), []).append(point)
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """Raw change of one series: from its baseline and from the value before, with the number of points.

    ``None`` when there is nothing to compare. There is no verdict; ``why`` says so in words.
    """

    scale: str
    latest: float
    baseline: float
    points: int
    from_baseline: float | None
    from_previous: float | None
    why: Promise


_ONE_POINT = _("One value so far: there is nothing to compare with yet.")
_SINGLE = _("A single item is shown as it is; no verdict is drawn from one answer.")
_NO_NORMS = _(
    "Raw change only: how much this measure moves by chance in this practice is not known yet, so no verdict is drawn."
)


def change(trajectory: Trajectory, *, single: bool = False) -> Change:
    """The raw change of a trajectory; ``single`` for a scale of one item."""
    several = trajectory.count > 1
    previous = trajectory.previous if several else None
    return Change(
        scale=trajectory.scale,
        latest=trajectory.latest,
        baseline=trajectory.baseline,
        points=trajectory.count,
        from_baseline=trajectory.latest - trajectory.baseline if several else None,
        from_previous=None if previous is None else trajectory.latest - previous,
        why=(_SINGLE if single else _NO_NORMS) if several else _ONE_POINT,
    )


def latest_responses(client: Client, episode: Episode) -> dict[str, Response]:
    """The client's latest submission of each instrument in the episode, by slug, in one query."""
    rows = (
        Response.objects.filter(
            practice=client.practice_id,
            client=client,
            episode=episode,
            respondent=Response.Respondent.CLIENT,
            state=Response.State.SUBMITTED,
        )
        .select_related("version__instrument")
        .order_by("submitted_at", "pk")
    )
    return {row.version.instrument.slug: row for row in rows}


def points_of(trajectory: Trajectory) -> Sequence[tuple[int, float]]:
    """The kept points as (days since baseline, value)."""
    pairs = (point.split(":") for point in trajectory.points.split(" "))
    return [(int(days), float(value)) for days, value in pairs]
