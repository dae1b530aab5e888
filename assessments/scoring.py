"""Scoring answers by the scales of a definition: pure, declarative, nothing evaluated.

Rules (domain.md, "Scoring"), for a scale of ``of`` items of which ``answered`` have an answer:

- It is scored when at least 80 % and at least 3 items are answered; a scale of fewer than 3 items only when whole.
- ``mean`` is the mean of the answered items; ``sum`` is that mean times ``of`` (both are thereby prorated).
- ``count_at_least`` counts items at or above a threshold. A missing item might be one of them and a count cannot be
  prorated, so it needs every item.
- ``single`` is the item itself. ``difference`` is the first part minus the second, and needs both and all it
  ``requires`` to be scored.
- A reversed item counts as ``min + max − answer``.
- A mean of own goals has as many items as the answers hold goals, open ones included.

Missing is never a zero: a scale that is not scored has the value ``None`` and says why. Values are computed as exact
fractions and rounded once, half to even, to four decimals, so the order of items cannot change them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _

from assessments.schema import Definition, Scale

DECIMALS: Final = 4
"""Scores are rounded to this many decimals."""
TOO_FEW: Final = "too_few"
"""Fewer than 80 % or fewer than 3 items are answered."""
NOT_WHOLE: Final = "not_whole"
"""A short scale or a count needs all of its items."""
PART_MISSING: Final = "part_missing"
"""A difference needs scales that are not scored."""
NOTHING_ASKED: Final = "nothing_asked"
"""There was no item to answer: a client without goals."""

FLAG: Final = "flag"
NOT_CLEARED: Final = "not_cleared"
NOTHING_REPORTED: Final = "nothing_reported"


@dataclass(frozen=True, slots=True)
class ScaleScore:
    """The score of one scale: its value, or ``None`` with a reason code; answered items of all its items."""

    key: str
    value: float | None
    answered: int
    of: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PlanePoint:
    """Two scales as a point; ``None`` for a coordinate that is not scored. ``scored`` when both are."""

    key: str
    x: float | None
    y: float | None

    @property
    def scored(self) -> bool:
        """Whether there is a point to draw."""
        return self.x is not None and self.y is not None


@dataclass(frozen=True, slots=True)
class _Exact:
    value: Fraction | None
    answered: int
    of: int
    reason: str | None = None


def needed(of: int) -> int:
    """How many of ``of`` items must be answered: 80 % (rounded up) and at least 3; all of a scale shorter than 3."""
    return of if of < 3 else max(3, -(-of * 4 // 5))


def score(definition: Definition, answers: Mapping[str, object]) -> tuple[ScaleScore, ...]:
    """Score every scale of a definition, in its order, from clean answers by id.

    Answers to other questions are ignored; an answer that is no whole number is missing.
    """
    exact: dict[str, _Exact] = {}
    for scale in definition.scales:
        if scale.method != "difference":
            exact[scale.key] = _over_items(scale, _values(definition, scale, answers))
    for scale in definition.scales:
        if scale.method == "difference":
            exact[scale.key] = _difference([exact[key] for key in scale.parts], [exact[key] for key in scale.requires])
    return tuple(_rounded(scale.key, exact[scale.key]) for scale in definition.scales)


def goal_scores(definition: Definition, answers: Mapping[str, object], keys: Iterable[str]) -> tuple[ScaleScore, ...]:
    """A score for each own goal (``item.key``) whose key is among these and was asked: the answer itself, shown raw."""
    wanted, found = set(keys), []
    for item in definition.items:
        for name, answer in answers.items() if item.kind == "goals" else ():
            prefix, _dot, key = name.partition(".")
            if prefix == item.id and key in wanted:
                value = _whole(answer)
                given = value is not None
                found.append(
                    ScaleScore(
                        name, float(value) if value is not None else None, int(given), 1, None if given else NOT_WHOLE
                    )
                )
    return tuple(found)


def plane_points(definition: Definition, scores: Iterable[ScaleScore]) -> tuple[PlanePoint, ...]:
    """The points of a definition's planes; which pattern a point leans to needs intervals and is not said here."""
    values = {one.key: one.value for one in scores}
    return tuple(PlanePoint(plane.key, values.get(plane.x), values.get(plane.y)) for plane in definition.planes)


def reason_text(score: ScaleScore) -> str:
    """Why a scale is not scored, for people; empty when it is."""
    counts = {"answered": score.answered, "of": score.of}
    if score.reason == TOO_FEW:
        return _("Not scored: %(answered)s of %(of)s answered") % counts
    if score.reason == NOT_WHOLE:
        return _("Not scored: %(answered)s of %(of)s answered, and all are needed") % counts
    if score.reason == PART_MISSING:
        return _("Not scored: a scale it builds on is not scored (%(answered)s of %(of)s answered)") % counts
    return _("Not scored: nothing was asked") if score.reason == NOTHING_ASKED else ""


def risk_hits(definition: Definition, answers: Mapping[str, object]) -> list[str]:
    """Ids of the questions whose answer raises a safety flag, in the order of asking."""
    return _marked(definition, answers, "risk")


def private_talk_hits(definition: Definition, answers: Mapping[str, object]) -> list[str]:
    """Ids of the questions whose answer prompts a private talk (what is done to the client), in the order of asking."""
    return _marked(definition, answers, "private_talk")


def uncleared(definition: Definition, answers: Mapping[str, object]) -> list[str]:
    """Ids of the risk questions that are open or answered "prefer not to say", in the order of asking.

    Only instruments that ask to be cleared have such questions: those with values marked ``unsure``.
    """
    found = []
    for question in definition.questions:
        item = definition.items_by_id[question.item_id]
        value = _whole(answers.get(question.id))
        if item.unsure and (value is None or value in item.unsure):
            found.append(question.id)
    return found


def clearance(definition: Definition, answers: Mapping[str, object]) -> str:
    """``flag`` with any risk answer, else ``not_cleared`` with any open one, else ``nothing_reported``, never safe."""
    if risk_hits(definition, answers):
        return FLAG
    return NOT_CLEARED if uncleared(definition, answers) else NOTHING_REPORTED


def _marked(definition: Definition, answers: Mapping[str, object], field: str) -> list[str]:
    found = []
    for question in definition.questions:
        marked: tuple[int, ...] = getattr(definition.items_by_id[question.item_id], field)
        if marked and _whole(answers.get(question.id)) in marked:
            found.append(question.id)
    return found


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _values(definition: Definition, scale: Scale, answers: Mapping[str, object]) -> list[int | None]:
    """Answers of a scale's items, reversed ones turned round, ``None`` where missing."""
    values: list[int | None] = []
    for name in scale.items:
        item = definition.items_by_id[name]
        if item.kind == "goals":
            values.extend(_whole(value) for key, value in answers.items() if key.startswith(f"{name}."))
            continue
        value = _whole(answers.get(name))
        if value is not None and item.reversed:
            chosen = definition.options[item.options or ""]
            value = chosen.min + chosen.max - value
        values.append(value)
    return values


def _over_items(scale: Scale, values: Sequence[int | None]) -> _Exact:
    given = [value for value in values if value is not None]
    answered, of = len(given), len(values)
    if of == 0:
        return _Exact(None, 0, 0, NOTHING_ASKED)
    if answered < of and (scale.method == "count_at_least" or of < 3):
        return _Exact(None, answered, of, NOT_WHOLE)
    if answered < needed(of):
        return _Exact(None, answered, of, TOO_FEW)
    if scale.method == "count_at_least":
        threshold = scale.threshold or 0
        return _Exact(Fraction(sum(value >= threshold for value in given)), answered, of)
    mean = Fraction(sum(given), answered)
    return _Exact(mean * of if scale.method == "sum" else mean, answered, of)


def _difference(parts: Sequence[_Exact], requires: Sequence[_Exact]) -> _Exact:
    """First part minus second; the counts are those of everything it builds on."""
    everything = [*parts, *requires]
    answered, of = sum(part.answered for part in everything), sum(part.of for part in everything)
    first, second = parts[0].value, parts[1].value
    if first is None or second is None or any(part.value is None for part in requires):
        return _Exact(None, answered, of, PART_MISSING)
    return _Exact(first - second, answered, of)


def _rounded(key: str, exact: _Exact) -> ScaleScore:
    value = None if exact.value is None else float(round(exact.value, DECIMALS))
    return ScaleScore(key, value, exact.answered, exact.of, exact.reason)
