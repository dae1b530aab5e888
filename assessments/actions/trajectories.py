"""Trajectories: one row a series, kept in the transaction that saves scores, and provable by a recount.

A score that comes last is added to its row; whatever comes out of order, is corrected or taken back makes the row be
counted again from the scores. Both ways give the same floats, since both add up in the order of time.
"""

import itertools
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q

from assessments.actions.psychometrics import mark_stale
from assessments.models import NO_RELATIONSHIP, Response, Score, Trajectory
from clients.models import Client
from practice import audit
from practice.models import Practice

KEPT_POINTS = 30
CHUNK = 100
"""So many clients are recounted at a time, to bound memory."""

_VALUES = (
    "practice_id", "client_id", "count", "baseline", "baseline_at", "baseline_version", "previous", "previous_at",
    "latest", "latest_at", "latest_version", "total", "squares", "points",
)  # fmt: skip
_FIELDS = [name.removesuffix("_id") for name in _VALUES]


class Key(NamedTuple):
    """What a trajectory is of."""

    episode: uuid.UUID
    scale: str
    respondent: str
    relationship: uuid.UUID


@dataclass(frozen=True, order=True)
class Difference:
    """A row that is not what a recount gives. ``kind``: missing, extra or different; ``fields`` name what differs."""

    client: uuid.UUID
    key: Key
    kind: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.kind}: episode {self.key.episode} {self.key.scale} by {self.key.respondent}{told}"


def update(scores: Iterable[Score]) -> None:
    """Bring the rows of these saved scores up to date: one statement of upserts, one of deletes where a series ended.

    The scores' ``response`` must be loaded, and the caller holds the client's row, so that two submissions cannot
    overtake each other.
    """
    scores = list(scores)
    if not scores:
        return
    with transaction.atomic():
        episodes = {score.episode_id for score in scores}
        rows = {_key(row): row for row in Trajectory.objects.filter(_any_of(scores))}
        known = {key: row.pk for key, row in rows.items()}
        stale: dict[Key, None] = {}
        ready: dict[Key, Trajectory] = {}
        for score in sorted(scores, key=lambda score: (score.at, score.pk)):
            key = Key(score.episode_id, score.scale, score.respondent, _about(score.response.relationship_id))
            row = ready.get(key) or rows.get(key)
            if key in stale or (row and score.at <= row.latest_at):
                stale[key] = None
                ready.pop(key, None)
            elif score.value is not None:
                ready[key] = _appended(row, score) if row else counted_row([_point(score)], key)
        counted = dict(_recount(Q(episode__in=episodes), set(stale))) if stale else {}
        ended = [known[key] for key in stale if key not in counted and key in known]
        _save([*ready.values(), *counted.values()])
        if ended:
            Trajectory.objects.filter(pk__in=ended).delete()


def forget(response: Response) -> None:
    """Take the scores of a response away and count again the series that they stood in.

    The response still has the relationship that it was scored about, and the caller holds its client's row.
    """
    scores = Score.objects.filter(response=response)
    about = _about(response.relationship_id)
    keys = {Key(*head, about) for head in scores.values_list("episode_id", "scale", "respondent")}
    with transaction.atomic():
        scores.delete()
        if keys:
            _settle(keys)
        if keys and response.respondent == Response.Respondent.CLIENT:
            mark_stale(response.practice_id, [response.version_id])


def recount(clients: Collection[uuid.UUID], scales: Collection[str] = ()) -> None:
    """Count every series of these clients (of these scales) again: rows moved between them, or many came at once.

    The caller holds the clients' rows. Scores are streamed: memory goes by the series, not by their length.
    """
    where = Q(client__in=clients, scale__in=scales) if scales else Q(client__in=clients)
    with transaction.atomic():
        Trajectory.objects.filter(where).delete()
        _save([row for _key, row in _recount(where, stream=True)])


def _settle(keys: set[Key]) -> None:
    """Write these series as a recount gives them; one without a value left has no row."""
    episodes, scales = {key.episode for key in keys}, {key.scale for key in keys}
    counted = dict(_recount(Q(episode__in=episodes), keys))
    _save(list(counted.values()))
    rows = Trajectory.objects.filter(episode__in=episodes, scale__in=scales)
    ended = [row.pk for row in rows if (key := _key(row)) in keys and key not in counted]
    Trajectory.objects.filter(pk__in=ended).delete()


def rebuild(practice: Practice | None = None, check: bool = False) -> list[Difference]:
    """Compare every row with a recount of the scores, and put it right unless ``check``. Gives what differed.

    All or nothing per practice; one audit row for each practice in which something was put right.
    """
    found: list[Difference] = []
    practices = [practice] if practice else Practice.objects.order_by("pk")
    for one in practices:
        with transaction.atomic():
            here = list(_rebuild(one, check))
            if here and not check:
                audit.write("trajectories.rebuilt", record=one, practice=one.pk, rows=len(here))
        found += here
    return found


def _rebuild(practice: Practice, check: bool) -> Iterator[Difference]:
    ids = list(Client.objects.filter(practice=practice).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        chunk = Q(client__in=ids[start : start + CHUNK])
        if not check:
            held = Client.objects.select_for_update().filter(pk__in=ids[start : start + CHUNK])
            list(held.order_by("pk").values_list("pk"))
        rows = {_key(row): row for row in Trajectory.objects.filter(chunk)}
        counted = dict(_recount(chunk))
        differences = [*_differences(rows, counted)]
        yield from differences
        if check:
            continue
        _save([counted[one.key] for one in differences if one.key in counted])
        Trajectory.objects.filter(pk__in=[row.pk for key, row in rows.items() if key not in counted]).delete()


def _differences(rows: dict[Key, Trajectory], counted: dict[Key, Trajectory]) -> Iterator[Difference]:
    for key in sorted(rows.keys() | counted.keys()):
        row, right = rows.get(key), counted.get(key)
        if row is None or right is None:
            yield Difference((row or right).client_id, key, "extra" if row else "missing")  # type: ignore[union-attr]
            continue
        fields = tuple(name for name in _VALUES if getattr(row, name) != getattr(right, name))
        if fields:
            yield Difference(row.client_id, key, "different", fields)


def _key(row: Trajectory) -> Key:
    return Key(row.episode_id, row.scale, row.respondent, row.relationship)


def _any_of(scores: Sequence[Score]) -> Q:
    return Q(episode__in={score.episode_id for score in scores}, scale__in={score.scale for score in scores})


def _about(relationship: uuid.UUID | None) -> uuid.UUID:
    return relationship or NO_RELATIONSHIP


def _head(row: tuple[Any, ...]) -> Key:
    episode, scale, respondent, relationship = row[:4]
    return Key(episode, scale, respondent, _about(relationship))


class Point(NamedTuple):
    """One scored value with whose it is, and on which version it was answered."""

    at: datetime
    value: float
    practice: uuid.UUID
    client: uuid.UUID
    version: uuid.UUID


def _point(score: Score) -> Point:
    assert score.value is not None
    return Point(score.at, score.value, score.practice_id, score.client_id, score.response.version_id)


def _recount(where: Q, only: set[Key] | None = None, *, stream: bool = False) -> Iterator[tuple[Key, Trajectory]]:
    """Count every series again in the order of time (then of saving)."""
    if only:
        where &= Q(scale__in={key.scale for key in only})
    order = ("episode_id", "scale", "respondent", "response__relationship_id", "at", "pk")
    wanted = (*order[:5], "value", "practice_id", "client_id", "response__version_id")
    rows = Score.objects.filter(where, value__isnull=False).order_by(*order).values_list(*wanted)
    for head, series in itertools.groupby(rows.iterator(chunk_size=2000) if stream else rows, key=_head):
        if only is None or head in only:
            yield head, counted_row([Point(*row[4:]) for row in series], head)


def counted_row(series: Sequence[Point], key: Key) -> Trajectory:
    """The row of a series in the order of time."""
    first, last = series[0], series[-1]
    before = series[-2] if len(series) > 1 else None
    total = squares = 0.0
    for point in series:
        total, squares = total + point.value, squares + point.value * point.value
    return Trajectory(
        practice_id=first.practice,
        client_id=first.client,
        episode_id=key.episode,
        respondent=key.respondent,
        relationship=key.relationship,
        scale=key.scale,
        count=len(series),
        baseline=first.value,
        baseline_at=first.at,
        baseline_version=first.version,
        previous=before.value if before else None,
        previous_at=before.at if before else None,
        latest=last.value,
        latest_at=last.at,
        latest_version=last.version,
        total=total,
        squares=squares,
        points=" ".join(_drawn(point.at, point.value, first.at) for point in series[-KEPT_POINTS:]),
    )


def _appended(row: Trajectory, score: Score) -> Trajectory:
    assert score.value is not None
    row.previous, row.previous_at = row.latest, row.latest_at
    row.latest, row.latest_at, row.latest_version = score.value, score.at, score.response.version_id
    row.count += 1
    row.total += score.value
    row.squares += score.value * score.value
    points = [*row.points.split(" "), _drawn(score.at, score.value, row.baseline_at)]
    row.points = " ".join(points[-KEPT_POINTS:])
    return row


def _drawn(at: datetime, value: float, baseline_at: datetime) -> str:
    """``days since baseline:value``: whole days, and the value to four decimals without trailing zeros."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return f"{(at - baseline_at).days}:{'0' if text == '-0' else text}"


def _save(rows: list[Trajectory]) -> None:
    """One upsert with sorted keys, so that two transactions cannot lock each other. It finds rows by their key, so
    their ids are taken off."""
    for row in rows:
        row.pk = None
    Trajectory.objects.bulk_create(
        sorted(rows, key=_key),
        update_conflicts=True,
        unique_fields=["episode", "scale", "respondent", "relationship"],
        update_fields=_FIELDS,
        batch_size=500,
    )


__all__ = ["Difference", "Key", "Point", "counted_row", "forget", "rebuild", "recount", "update"]
