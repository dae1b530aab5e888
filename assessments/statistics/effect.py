"""Effect sizes: Cohen's d and Hedges' g for two groups and for before and after, with noncentral-t intervals."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from scipy import optimize, stats

from assessments.statistics.agreement import correlation
from assessments.statistics.arrays import NOTHING, Array, complete, flat, scaled
from assessments.statistics.results import BAD_SD, BAD_SIZE, FEW_PEOPLE, NO_SPREAD, NOT_A_NUMBER, OUT_OF_REACH

CONFIDENCE = 0.95
_LARGEST = 1e4
"""Beyond this t the interval is the normal one."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A standardized difference. ``spread``: the standard deviation it is measured in; ``d_low`` to ``d_high`` and
    ``g_low`` to ``g_high``: 95 % intervals. ``reason``: a code of ``results`` when the rest is none."""

    n: int
    d: float | None = None
    d_low: float | None = None
    d_high: float | None = None
    var_d: float | None = None
    g: float | None = None
    g_low: float | None = None
    g_high: float | None = None
    var_g: float | None = None
    correction: float | None = None
    spread: float | None = None
    reason: str = ""


def small_sample(freedom: int) -> float:
    """Hedges' correction J, exactly: Γ(f/2) / (√(f/2)·Γ((f−1)/2)) (Hedges 1981, J Educ Stat 6:107). ``freedom`` from
    2; below that 0."""
    if freedom < 2:
        return 0.0
    return math.exp(math.lgamma(freedom / 2) - math.lgamma((freedom - 1) / 2)) / math.sqrt(freedom / 2)


def independent(m1: float, sd1: float, n1: int, m2: float, sd2: float, n2: int) -> Effect:
    """First group minus second, in the pooled standard deviation (Borenstein et al. 2009, Introduction to
    Meta-Analysis, ch. 4); interval by the noncentral t (Cumming & Finch 2001, Educ Psychol Meas 61:532)."""
    if n1 < 2 or n2 < 2:
        return Effect(max(n1 + n2, 0), reason=BAD_SIZE)
    n = n1 + n2
    if not (math.isfinite(m1) and math.isfinite(m2)):
        return Effect(n, reason=NOT_A_NUMBER)
    if not (_spread(sd1) and _spread(sd2)):
        return Effect(n, reason=BAD_SD)
    top = max(sd1, sd2)
    if top == 0:
        return Effect(n, reason=NO_SPREAD)
    freedom = n - 2
    pooled = top * math.sqrt(((n1 - 1) * (sd1 / top) ** 2 + (n2 - 1) * (sd2 / top) ** 2) / freedom)
    d = m1 / pooled - m2 / pooled
    root = math.sqrt(1 / n1 + 1 / n2)
    return _effect(n, d, d / root, root, freedom, 1 / n1 + 1 / n2 + d * d / (2 * n), pooled)


def paired(mean_diff: float, sd_diff: float, n: int, r: float) -> Effect:
    """Before and after: mean difference in the standard deviation within, S_diff/√(2(1−r)) (Borenstein et al. 2009,
    ch. 4). The interval takes r as known. ``r``: correlation of before and after, above −1 and below 1."""
    if n < 3:
        return Effect(max(n, 0), reason=BAD_SIZE)
    if not (math.isfinite(mean_diff) and -1 < r < 1):
        return Effect(n, reason=NOT_A_NUMBER)
    if not (_spread(sd_diff) and sd_diff > 0):
        return Effect(n, reason=BAD_SD)
    twice = 2 * (1 - r)
    within = sd_diff / math.sqrt(twice)
    d = mean_diff / within if within else math.inf
    root = math.sqrt(twice / n)
    return _effect(n, d, d / root if root else math.inf, root, n - 1, (1 / n + d * d / (2 * n)) * twice, within)


def two_groups(first: Iterable[float | None], second: Iterable[float | None]) -> Effect:
    """``independent`` from values; missing ones are left out."""
    one, other = complete(_pile(first)), complete(_pile(second))
    n = len(one) + len(other)
    if len(one) < 2 or len(other) < 2:
        return Effect(n, reason=FEW_PEOPLE)
    everything = np.concatenate([one, other])
    both = scaled(everything)
    one, other = both[: len(one)], both[len(one) :]
    if flat(one) and flat(other):
        return Effect(n, reason=NO_SPREAD)
    found = independent(*_summary(one), *_summary(other))
    return _in_unit(found, float(np.abs(everything).max()))


def pre_post(pairs: Iterable[tuple[float | None, float | None]]) -> Effect:
    """``paired`` from pairs of before and after: after minus before. Pairs with a missing value are left out."""
    found = complete(np.array(list(pairs), dtype=float).reshape(-1, 2))
    n = len(found)
    if n < 3:
        return Effect(n, reason=FEW_PEOPLE)
    array = scaled(found)
    before, after = array[:, 0], array[:, 1]
    change = after - before
    if flat(before) or flat(after) or flat(change):
        return Effect(n, reason=NO_SPREAD)
    r = correlation(before, after)
    if abs(r) >= 1 - NOTHING:
        return Effect(n, reason=NO_SPREAD)
    return _in_unit(paired(float(change.mean()), float(change.std(ddof=1)), n, r), float(np.abs(found).max()))


def noncentral(t: float, freedom: int, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Between which noncentralities an observed t lies with this confidence (Steiger & Fouladi 1997); none where no
    root is found."""
    if t < 0:  # the far tail of a negative t is not computed well
        turned = noncentral(-t, freedom, confidence)
        return turned and (-turned[1], -turned[0])
    tail = (1 - confidence) / 2
    low, high = (_noncentrality(t, freedom, share) for share in (1 - tail, tail))
    return None if low is None or high is None else (low, high)


def _noncentrality(t: float, freedom: int, share: float) -> float | None:
    """The noncentrality under which a share lies below ``t``: it falls as the noncentrality grows."""

    def above(shift: float) -> float:
        below = float(stats.nct.cdf(t, freedom, shift))
        if math.isnan(below):  # too far out to compute
            below = float(shift < t)
        return below - share

    width = 4.0 + abs(t)
    for _try in range(6):
        ends = above(t - width), above(t + width)
        if ends[0] >= 0 >= ends[1]:
            return float(optimize.brentq(above, t - width, t + width, xtol=1e-10))
        width *= 2
    return None


def _effect(n: int, d: float, t: float, root: float, freedom: int, variance: float, spread: float) -> Effect:
    """d with its interval, and g from it."""
    if not all(math.isfinite(value) for value in (d, t, variance, spread)):
        return Effect(n, reason=OUT_OF_REACH)
    ends = noncentral(t, freedom) if abs(t) <= _LARGEST else None
    width = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * math.sqrt(variance)
    low, high = (ends[0] * root, ends[1] * root) if ends else (d - width, d + width)
    j = small_sample(freedom)
    return Effect(n, d, low, high, variance, j * d, j * low, j * high, j * j * variance, j, spread)


def _spread(sd: float) -> bool:
    return math.isfinite(sd) and sd >= 0


def _pile(values: Iterable[float | None]) -> Array:
    return np.array(list(values), dtype=float).reshape(-1, 1)


def _summary(values: Array) -> tuple[float, float, int]:
    return float(values.mean()), float(values.std(ddof=1)), len(values)


def _in_unit(found: Effect, size: float) -> Effect:
    """The spread in the unit of the values, which were divided by ``size``."""
    return found if found.spread is None else replace(found, spread=found.spread * size)
