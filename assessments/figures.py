"""How a measure's scales behave in a set of answers: spread, consistency, stability, ends. Pure; numpy at work.

Imported where something is counted, never by a page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assessments.change import ALPHA, DIFFERENCE, RETEST, by_retest
from assessments.schema import Definition, Scale
from assessments.statistics import agreement, consistency, reliable
from assessments.statistics.arrays import Array
from assessments.statistics.results import Estimate, no_estimate

CHECKLIST, SINGLE, COUNT, GOALS, OF_TWO = "checklist", "single", "count", "goals", "of-two"
"""Why a figure is none although there are answers: it is not asked of such a scale."""


@dataclass(slots=True)
class Answers:
    """First administrations as arrays, a row a client, and stable pairs; NaN where missing.

    ``items`` (reversed ones turned round): a column an item of ``names``; ``scores``: by scale key; ``pairs``: by
    scale key two columns, before and after."""

    names: Sequence[str]
    items: Array
    scores: Mapping[str, Array]
    pairs: Mapping[str, Array]


@dataclass(slots=True)
class Figures:
    """What one scale's row holds. ``facts``: ``kind`` and ``by`` (what its reliability is, what it rests on),
    ``items``, ``complete``, and by figure why it is none."""

    people: int = 0
    mean: float | None = None
    sd: float | None = None
    alpha: float | None = None
    alpha_low: float | None = None
    alpha_high: float | None = None
    omega: float | None = None
    pairs: int = 0
    retest: float | None = None
    retest_low: float | None = None
    retest_high: float | None = None
    floor: float | None = None
    ceiling: float | None = None
    missing: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def item_names(definition: Definition) -> list[str]:
    """The items that scales rest on, own goals left out, in the order of asking."""
    used = {name for scale in definition.scales for name in scale.items}
    return [item.id for item in definition.items if item.id in used and item.kind != "goals"]


def figures(definition: Definition, answers: Answers) -> dict[str, Figures]:
    """The figures of every scale of a definition, by key."""
    found = {scale.key: _plain(definition, scale, answers) for scale in definition.scales}
    for scale in definition.scales:
        if scale.method == "difference":
            _of_difference(scale, found, answers)
    return found


def _plain(definition: Definition, scale: Scale, answers: Answers) -> Figures:
    """Everything but the reliability of a difference."""
    one = Figures()
    values = answers.scores[scale.key]
    values = values[np.isfinite(values)]
    one.people = len(values)
    if one.people:
        low, high = definition.range_of(scale.key)
        one.mean = float(values.mean())
        one.floor = float(np.isclose(values, low).mean())
        one.ceiling = float(np.isclose(values, high).mean())
    one.sd = float(values.std(ddof=1)) if one.people > 1 else None
    _consistency(definition, scale, answers, one)
    found = agreement.retest(answers.pairs[scale.key])
    one.retest, one.retest_low, one.retest_high, one.pairs = found.value, found.low, found.high, found.n
    _told(one, "retest", found)
    one.facts["kind"] = DIFFERENCE if scale.method == "difference" else RETEST if by_retest(scale) else ALPHA
    one.facts["by"] = RETEST if by_retest(scale) else ALPHA
    return one


def _consistency(definition: Definition, scale: Scale, answers: Answers, one: Figures) -> None:
    """Alpha and omega where the items should hang together, and how much is missing."""
    table = answers.items[:, [answers.names.index(name) for name in _items(definition, scale) if name in answers.names]]
    if table.size:
        one.missing = float(1 - np.isfinite(table).mean())
    one.facts["items"] = table.shape[1]
    one.facts["complete"] = int(np.isfinite(table).all(axis=1).sum()) if table.size else 0
    none = _no_consistency(definition, scale)
    alpha = no_estimate(none) if none else consistency.alpha(table)
    omega = no_estimate(none) if none else consistency.omega(table)
    one.alpha, one.alpha_low, one.alpha_high = alpha.value, alpha.low, alpha.high
    one.omega = omega.value
    _told(one, "alpha", alpha)
    _told(one, "omega", omega)


def _no_consistency(definition: Definition, scale: Scale) -> str:
    if scale.single:
        return SINGLE
    if scale.method == "count_at_least":
        return COUNT
    if any(definition.items_by_id[name].kind == "goals" for name in scale.items):
        return GOALS
    if scale.method == "difference":
        return OF_TWO
    return CHECKLIST if scale.formative else ""


def _items(definition: Definition, scale: Scale) -> list[str]:
    if scale.method != "difference":
        return list(scale.items)
    return [name for part in scale.parts for name in definition.scales_by_key[part].items]


def _of_difference(scale: Scale, found: Mapping[str, Figures], answers: Answers) -> None:
    """The reliability of a difference from those of its parts: in ``alpha``; in ``alpha_low`` with their lower limits.

    Nothing where a part has none."""
    one, parts = found[scale.key], [found[key] for key in scale.parts]
    stable = by_retest(scale)
    one.pairs = min([one.pairs, *(part.pairs for part in parts)]) if stable else one.pairs
    for name in ("alpha", "alpha_low"):
        source = name.replace("alpha", "retest") if stable else name
        (sd1, r1), (sd2, r2) = ((part.sd, getattr(part, source)) for part in parts)
        if sd1 is None or sd2 is None or r1 is None or r2 is None:
            continue
        shared = agreement.retest(np.column_stack([answers.scores[key] for key in scale.parts]))
        if shared.value is not None:
            result = reliable.difference_reliability(sd1, max(0.0, r1), sd2, max(0.0, r2), shared.value)
            setattr(one, name, result.value)
    if one.alpha is not None:
        del one.facts["alpha"]


def _told(one: Figures, name: str, found: Estimate) -> None:
    if found.reason:
        one.facts[name] = found.reason
