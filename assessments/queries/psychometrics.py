"""What a practice knows of its measures, as counted last (``assessments.actions.psychometrics``)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from assessments.change import ALPHA, RETEST, Known
from assessments.models import Reference
from assessments.statistics.reliable import FULL
from practice.models import Practice

MARKER = ""
"""The ``scale`` of the row that stands for a whole version: whether it is stale, when it was counted."""

_FIGURES = ("people", "sd", "alpha", "alpha_low", "pairs", "retest", "retest_low", "facts")


def known_scales(
    practice: Practice, version_ids: Iterable[UUID], scales: Iterable[str] | None = None
) -> dict[tuple[UUID, str], Known]:
    """What is known by (version's id, ``slug.scale``), of these scales or of all. One query; a scale never counted is
    not there."""
    rows = Reference.objects.filter(practice=practice, version__in=set(version_ids)).exclude(scale=MARKER)
    if scales is not None:
        rows = rows.filter(scale__in=set(scales))
    found = rows.values_list("version_id", "scale", *_FIGURES)
    return {(version, scale): known_from(*figures) for version, scale, *figures in found}


def references(practice: Practice, version_id: UUID) -> dict[str, Reference]:
    """All rows of one version by ``slug.scale``, the marker among them. One query."""
    return {row.scale: row for row in Reference.objects.filter(practice=practice, version=version_id)}


def known_of(row: Reference) -> Known:
    """One row as ``change.judge`` takes it."""
    return known_from(*(getattr(row, name) for name in _FIGURES))


def known_from(
    people: int,
    sd: float | None,
    alpha: float | None,
    alpha_low: float | None,
    pairs: int,
    retest: float | None,
    retest_low: float | None,
    facts: dict[str, Any],
) -> Known:
    """The figures as ``change.judge`` takes them: while provisional, the lower limit is the reliability."""
    kind, by = facts.get("kind", ALPHA), facts.get("by", ALPHA)
    if by == ALPHA:  # who left an item out is not in alpha, and so not among those whom the noise was learnt from
        people = min(people, int(facts.get("complete", people)))
    value, low = (retest, retest_low) if kind == RETEST else (alpha, alpha_low)
    few = people < FULL or (by == RETEST and pairs < FULL)
    used = low if few else value
    return Known(people, sd, used, kind if used is not None else "", pairs)
