"""Agreement: intraclass correlations, and test–retest reliability from pairs."""

import math
from collections.abc import Iterable, Mapping
from statistics import NormalDist

import numpy as np
from scipy import special

from assessments.statistics.arrays import NOTHING, Array, Table, complete, flat, scaled
from assessments.statistics.results import FEW_ITEMS, FEW_PEOPLE, NO_SPREAD, Estimate, estimate, no_estimate

_TAIL = 0.975
FORMS = ("ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k")


def icc(table: Table) -> Mapping[str, Estimate]:
    """The six intraclass correlations of Shrout & Fleiss (1979, Psychol Bull 86:420) with their 95 % intervals, by
    ``FORMS``.

    Rows are targets, columns raters; only complete rows count. 1: each target has raters of its own; 2: raters drawn
    at random (absolute agreement); 3: these raters and no others (consistency). ``k``: of the mean of all raters.
    Needs 2 raters and 2 targets. Where raters agree wholly there is a value and no interval.
    """
    array = scaled(complete(table))
    targets, raters = array.shape
    if targets < 2:
        return dict.fromkeys(FORMS, no_estimate(FEW_PEOPLE, targets))
    if raters < 2:
        return dict.fromkeys(FORMS, no_estimate(FEW_ITEMS, targets))
    if flat(array):
        return dict.fromkeys(FORMS, no_estimate(NO_SPREAD, targets))
    squares = _Squares(array)
    first, second, third = squares.one_way(), squares.random(), squares.fixed()
    return {
        "ICC1": first,
        "ICC2": second,
        "ICC3": third,
        "ICC1k": _of_mean(first, raters),
        "ICC2k": _of_mean(second, raters),
        "ICC3k": _of_mean(third, raters),
    }


class _Squares:
    """Mean squares of targets × raters: between targets, within targets, between raters, error."""

    def __init__(self, array: Array) -> None:
        self.n, self.k = array.shape
        targets, raters = array.mean(axis=1), array.mean(axis=0)
        between = self.k * float((targets**2).sum())
        across = self.n * float((raters**2).sum())
        error = float(((array - targets[:, None] - raters[None, :]) ** 2).sum())
        self.between = between / (self.n - 1)
        self.raters = _some(across / (self.k - 1))
        self.error = _some(error / ((self.n - 1) * (self.k - 1)))
        self.within = _some((across + error) / (self.n * (self.k - 1)))

    def one_way(self) -> Estimate:
        return self._simple(self.within, self.n * (self.k - 1))

    def fixed(self) -> Estimate:
        return self._simple(self.error, (self.n - 1) * (self.k - 1))

    def _simple(self, noise: float, freedom: int) -> Estimate:
        """ICC1 and ICC3 differ in what is noise."""
        n, k = self.n, self.k
        below = self.between + (k - 1) * noise
        if below < NOTHING**2:
            return no_estimate(NO_SPREAD, n)
        value = (self.between - noise) / below
        if not noise:
            return estimate(value, n=n)
        ratio = self.between / noise
        low = ratio / float(special.fdtri(n - 1, freedom, _TAIL))
        high = ratio * float(special.fdtri(freedom, n - 1, _TAIL))
        return estimate(value, (low - 1) / (low + k - 1), (high - 1) / (high + k - 1), n=n)

    def random(self) -> Estimate:
        """ICC2; its interval is that of Shrout & Fleiss after Satterthwaite."""
        n, k, between, across, error = self.n, self.k, self.between, self.raters, self.error
        below = between + (k - 1) * error + k * (across - error) / n
        if below < NOTHING**2:
            return no_estimate(NO_SPREAD, n)
        value = (between - error) / below
        if not error:
            return estimate(value, n=n)
        ratio = across / error
        weight = n * (1 + (k - 1) * value) - k * value
        top = (k - 1) * (n - 1) * (k * value * ratio + weight) ** 2
        under = (n - 1) * (k * value * ratio) ** 2 + weight**2
        if not under:
            return estimate(value, n=n)
        freedom = top / under
        if not freedom > 0:
            return estimate(value, n=n)
        upper = float(special.fdtri(n - 1, freedom, _TAIL))
        lower = float(special.fdtri(freedom, n - 1, _TAIL))
        rest = k * across + (k * n - k - n) * error
        low = n * (between - upper * error) / (upper * rest + n * between)
        high = n * (lower * between - error) / (rest + n * lower * between)
        return estimate(value, low, high, n=n)


def _some(value: float) -> float:
    """A mean square, or 0 for one that is only rounding."""
    return value if value > NOTHING**2 else 0.0


def _of_mean(one: Estimate, raters: int) -> Estimate:
    """Stepped up to the mean of all raters (Spearman 1910; Brown 1910); none where that has no meaning."""
    if one.value is None:
        return one
    value, low, high = (_stepped(part, raters) for part in (one.value, one.low, one.high))
    if value is None:
        return no_estimate(NO_SPREAD, one.n)
    return estimate(value, low, high, n=one.n)


def _stepped(value: float | None, raters: int) -> float | None:
    if value is None:
        return None
    below = 1 + (raters - 1) * value
    return raters * value / below if below > NOTHING else None


def retest(pairs: Iterable[tuple[float | None, float | None]]) -> Estimate:
    """Test–retest reliability: Pearson's correlation of two administrations with Fisher's 95 % interval
    (Fisher 1921, Metron 1:3).

    Pairs with a missing value are left out. Needs 4 pairs for an interval and 3 for a value. A perfect correlation has
    no interval.
    """
    array = complete(np.array(list(pairs), dtype=float).reshape(-1, 2))
    count = len(array)
    if count < 3:
        return no_estimate(FEW_PEOPLE, count)
    first, second = scaled(array[:, :1])[:, 0], scaled(array[:, 1:])[:, 0]
    if flat(first) or flat(second):
        return no_estimate(NO_SPREAD, count)
    value = correlation(first, second)
    if count < 4 or abs(value) >= 1 - NOTHING:
        return estimate(value, n=count)
    middle, width = math.atanh(value), NormalDist().inv_cdf(_TAIL) / math.sqrt(count - 3)
    return estimate(value, math.tanh(middle - width), math.tanh(middle + width), n=count)


def correlation(first: Array, second: Array) -> float:
    """Pearson's correlation of two series that both differ, within −1 and 1."""
    one, other = first - first.mean(), second - second.mean()
    one, other = one / np.abs(one).max(), other / np.abs(other).max()
    value = float((one * other).sum() / math.sqrt(float((one**2).sum()) * float((other**2).sum())))
    return min(1.0, max(-1.0, value))
