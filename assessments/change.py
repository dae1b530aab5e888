"""What may be said of a change: the rules for verdicts, in words. Pure; every page and report asks here alone.

A verdict tells whether a change is larger than this measure's noise explains. It is never a judgement: no better, no
worse, no severity. ``docs/adr/0010-verdicts.md`` gives the reasons for the rules.
"""

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.schema import Definition, Scale
from assessments.statistics import reliable
from assessments.statistics.reliable import FULL, PROVISIONAL, STABLE_PAIRS

FEWEST_ITEMS = 4
"""A reflective scale of fewer items gets no verdict."""
ALPHA, DIFFERENCE, RETEST, PUBLISHED = "alpha", "difference", "retest", "published"
"""Where a reliability comes from. ``difference``: from those of the two scales that a difference is made of."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a practice knows of one scale of one version.

    ``people``: first administrations that are scored; ``reliability``: the r to use, already the lower 95 % limit while
    provisional; ``kind``: where it comes from; ``pairs``: stable pairs.
    """

    people: int = 0
    sd: float | None = None
    reliability: float | None = None
    kind: str = ""
    pairs: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``kind``: ``rise``, ``fall``, ``none`` (within chance), or empty without a verdict; then ``reason`` says why.

    ``words`` is what to show, ``basis`` whom the noise was learnt from. ``change`` is there with two points, whether
    or not there is a verdict.
    """

    kind: str
    provisional: bool
    words: str
    reason: str
    change: float | None
    rci: float | None
    sem: float | None
    min_change: float | None
    basis: str


def judge(
    definition: Definition,
    scale_key: str,
    known: Known | None,
    *,
    baseline: float | None,
    latest: float | None,
    count: int,
    family: int = 1,
) -> Verdict:
    """The verdict on the change from ``baseline`` to ``latest`` in a series of ``count`` points, or why there is none:
    what the scale rules out for ever, then that a second point is missing, then what this practice does not know yet.

    ``scale_key`` with or without the instrument's slug. ``family``: how many scales are judged together; the twelve
    barriers are 12, and only so may a single item be judged. No page asks for that: single items are shown raw.
    """
    change = _change(baseline, latest, count)
    known = known or Known()
    reason = _ruled_out(definition, scale_key, family)
    if not reason and change is None:
        reason = _("One answer so far: a change needs two.") if count == 1 else _("Nothing to compare yet.")
    reason = reason or why_not(definition, scale_key, known, family=family)
    if reason:
        return _without(change, reason)
    assert baseline is not None
    assert latest is not None
    assert known.sd is not None
    assert known.reliability is not None
    z = reliable.bonferroni_z(family)
    found = reliable.reliable_change(baseline, latest, known.sd, known.reliability, z)
    if found.reason:
        return _without(change, _("The noise of this scale cannot be computed from the answers in this practice."))
    yet = provisional(definition.scales_by_key[_key(definition, scale_key)], known)
    return Verdict(
        kind=found.direction,
        provisional=yet,
        words=verdict_words(found.direction, provisional=yet),
        reason="",
        change=found.change,
        rci=found.rci,
        sem=found.sem,
        min_change=found.min_change,
        basis=_basis(definition, known),
    )


def band(
    definition: Definition, scale_key: str, known: Known | None, baseline: float | None, *, family: int = 1
) -> tuple[float, float] | None:
    """Between which values a change from ``baseline`` is within chance, cut at the scale's ends; none where there
    would be no verdict."""
    known = known or Known()
    if baseline is None or not math.isfinite(baseline) or why_not(definition, scale_key, known, family=family):
        return None
    assert known.sd is not None
    assert known.reliability is not None
    least = reliable.minimal_change(known.sd, known.reliability, reliable.bonferroni_z(family))
    if not math.isfinite(least):
        return None
    low, high = definition.range_of(_key(definition, scale_key))
    return max(low, baseline - least), min(high, baseline + least)


def focus_note() -> str:
    """What to say beside a change of a focus barrier."""
    return _("Focus barriers were chosen because they were high, so some fall is expected.")


def why_not(definition: Definition, scale_key: str, known: Known, *, family: int = 1) -> str:
    """Why a scale gets no verdict in this practice, in words; empty when it does."""
    ruled_out = _ruled_out(definition, scale_key, family)
    return ruled_out or _evidence(definition, definition.scales_by_key[_key(definition, scale_key)], known)


def _ruled_out(definition: Definition, scale_key: str, family: int) -> str:
    """Why a scale gets no verdict in any practice."""
    key = _key(definition, scale_key)
    scale = definition.scales_by_key.get(key)
    if scale is None:
        if _is_goal(definition, key):
            return _("An own goal is shown as it is, without a verdict.")
        return _("This version of the measure has no such scale.")
    return _kind_of_scale(definition, scale, family)


def by_retest(scale: Scale) -> bool:
    """Whether only stable pairs can tell a scale's noise: checklists and single items."""
    return scale.formative or scale.single


def _kind_of_scale(definition: Definition, scale: Scale, family: int) -> str:
    """What the scale itself rules out."""
    if scale.single:
        return "" if family > 1 else _("A single item is shown as it is, without a verdict.")
    if scale.method == "count_at_least":
        return _("A count of items is shown as it is, without a verdict.")
    if any(definition.items_by_id[name].kind == "goals" for name in scale.items):
        return _("Own goals are shown as they are, without a verdict.")
    items = items_of(definition, scale)
    if not scale.formative and items < FEWEST_ITEMS:
        return ngettext(
            "No verdict: the scale has %(items)s item, and %(needed)s are needed.",
            "No verdict: the scale has %(items)s items, and %(needed)s are needed.",
            items,
        ) % {"items": items, "needed": FEWEST_ITEMS}
    return ""


def items_of(definition: Definition, scale: Scale) -> int:
    """How many items a scale rests on; of a difference the shorter of its two parts."""
    if scale.method == "difference":
        return min(len(definition.scales_by_key[part].items) for part in scale.parts)
    return len(scale.items)


def _evidence(definition: Definition, scale: Scale, known: Known) -> str:
    """What this practice does not know yet."""
    if known.kind == PUBLISHED:
        published = definition.passport.validated and definition.passport.citation
        return _unusable(known) if published else _("No verdict: the published values have no citation.")
    if by_retest(scale):
        if known.pairs < STABLE_PAIRS:
            return _few_pairs(scale, known.pairs)
        wanted = {RETEST, DIFFERENCE}
    else:
        wanted = {DIFFERENCE if scale.method == "difference" else ALPHA}
    if known.people < PROVISIONAL:
        return ngettext(
            "No verdict: %(count)s client of this practice has answered this scale, and %(needed)s are needed.",
            "No verdict: %(count)s clients of this practice have answered this scale, and %(needed)s are needed.",
            known.people,
        ) % {"count": known.people, "needed": PROVISIONAL}
    if known.reliability is not None and known.kind not in wanted:
        return _("No verdict: how reliable this scale is in this practice is not known yet.")
    return _unusable(known)


def _few_pairs(scale: Scale, pairs: int) -> str:
    values = {"needed": STABLE_PAIRS, "count": pairs}
    if scale.single:
        text = _(
            "No verdict: a single item needs %(needed)s pairs of answers given when things were about the same, "
            "and there are %(count)s."
        )
    else:
        text = _(
            "No verdict: a checklist needs %(needed)s pairs of answers given when things were about the same, "
            "and there are %(count)s."
        )
    return text % values


def _unusable(known: Known) -> str:
    """Why the figures cannot be used; empty when they can."""
    if known.sd is None or not math.isfinite(known.sd) or known.sd <= 0:
        return _("No verdict: the clients of this practice do not differ on this scale.")
    if known.reliability is None:
        return _("No verdict: how reliable this scale is in this practice is not known yet.")
    if reliable.bad_inputs(known.sd, known.reliability):
        return _("No verdict: the answers in this practice are too inconsistent, or too much alike, to tell the noise.")
    return ""


def _change(baseline: float | None, latest: float | None, count: int) -> float | None:
    if baseline is None or latest is None or count < 2:
        return None
    change = latest - baseline
    return change if math.isfinite(change) else None


def _without(change: float | None, reason: str) -> Verdict:
    return Verdict("", False, "", reason, change, None, None, None, "")


def provisional(scale: Scale, known: Known) -> bool:
    """Whether a verdict by these figures is provisional."""
    if known.kind == PUBLISHED:
        return False
    return known.people < FULL or (by_retest(scale) and known.pairs < FULL)


def verdict_words(kind: str, *, provisional: bool = False) -> str:
    """Higher, lower or neither; whether that is wished for is for the people in the room."""
    if kind == "rise":
        return _("higher than chance explains (provisional)") if provisional else _("higher than chance explains")
    if kind == "fall":
        return _("lower than chance explains (provisional)") if provisional else _("lower than chance explains")
    return _("within what chance explains (provisional)") if provisional else _("within what chance explains")


def _basis(definition: Definition, known: Known) -> str:
    """Whom the noise was learnt from."""
    if known.kind == PUBLISHED:
        return _("from published values: %(citation)s") % {"citation": definition.passport.citation}
    people = ngettext(
        "from %(count)s client of this practice", "from %(count)s clients of this practice", known.people
    ) % {"count": known.people}
    if known.kind == RETEST:
        return _("%(people)s and %(pairs)s stable pairs") % {"people": people, "pairs": known.pairs}
    return people


def _key(definition: Definition, name: str) -> str:
    return name.removeprefix(f"{definition.slug}.")


def _is_goal(definition: Definition, key: str) -> bool:
    """Whether a key is that of one own goal: ``goals.<its key>``."""
    head, dot, _goal = key.partition(".")
    item = definition.items_by_id.get(head)
    scale = definition.scales_by_key.get(head)
    in_scale = scale is not None and any(definition.items_by_id[name].kind == "goals" for name in scale.items)
    return bool(dot) and (in_scale or (item is not None and item.kind == "goals"))
