"""Internal consistency: Cronbach's alpha with Feldt's interval, McDonald's omega of one factor."""

import numpy as np
from scipy import optimize, special

from assessments.statistics.arrays import NOTHING, Array, Table, complete, flat, scaled
from assessments.statistics.results import FEW_ITEMS, FEW_PEOPLE, NO_FIT, NO_SPREAD, Estimate, estimate, no_estimate

CONFIDENCE = 0.95
_BOUND = 1.0
_HEYWOOD = 0.9995
"""A standardized loading at or above this leaves an item no error of its own: the model does not fit."""


def alpha(table: Table) -> Estimate:
    """Cronbach's alpha, k/(k−1)·(1 − Σ item variances / variance of the sum) (Cronbach 1951, Psychometrika 16:297),
    with Feldt's 95 % interval.

    Rows are people, columns items already turned round; only complete rows count. Below 1, and negative where items
    oppose each other. Needs 2 items and 3 people.
    """
    array = scaled(complete(table))
    people, items = array.shape
    if problem := _problem(array, fewest_items=2):
        return no_estimate(problem, people)
    total = array.sum(axis=1).var(ddof=1)
    if total < NOTHING:
        return no_estimate(NO_SPREAD, people)
    value = items / (items - 1) * (1 - array.var(axis=0, ddof=1).sum() / total)
    low, high = feldt(float(value), people, items)
    return estimate(float(value), low, high, n=people)


def feldt(value: float, people: int, items: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Feldt's interval of alpha: (1−α)/(1−α̂) follows F with n−1 and (n−1)(k−1) degrees of freedom
    (Feldt 1965, Psychometrika 30:357; Feldt, Woodruff & Salih 1987, Appl Psychol Meas 11:93)."""
    first, second = people - 1, (people - 1) * (items - 1)
    tail = (1 - confidence) / 2
    rest = 1 - value
    return (
        1 - rest * float(special.fdtri(first, second, 1 - tail)),
        1 - rest * float(special.fdtri(first, second, tail)),
    )


def omega(table: Table) -> Estimate:
    """McDonald's omega of one factor, (Σλ)² / ((Σλ)² + Σψ) (McDonald 1999, Test Theory, ch. 6), for the sum of the
    items as they are.

    Loadings by unweighted least squares of the correlations (minres; Harman & Jones 1966, Psychometrika 31:351), put
    back into the items' units. Complete rows only; 3 items or more (two do not identify a factor) and more people than
    items. No value where an item is explained wholly (a Heywood case). No interval: it would take resampling.
    """
    array = scaled(complete(table))
    people, items = array.shape
    if problem := _problem(array, fewest_items=3):
        return no_estimate(problem, people)
    spread = array.std(axis=0, ddof=1)
    if people <= items:
        return no_estimate(FEW_PEOPLE, people)
    if (spread < NOTHING).any():
        return no_estimate(NO_SPREAD, people)
    loadings = _one_factor(np.asarray(np.corrcoef(array, rowvar=False)))
    if loadings is None:
        return no_estimate(NO_FIT, people)
    common = float((loadings * spread).sum()) ** 2
    unique = float(((1 - loadings**2) * spread**2).sum())
    return estimate(common / (common + unique), n=people)


def _problem(array: Array, *, fewest_items: int) -> str:
    people, items = array.shape
    if people < 3:  # of nobody the number of items is not known either
        return FEW_PEOPLE
    if items < fewest_items:
        return FEW_ITEMS
    return NO_SPREAD if flat(array) else ""


def _one_factor(correlations: Array) -> Array | None:
    """Standardized loadings of one factor; none without convergence or with a Heywood case."""
    off = ~np.eye(len(correlations), dtype=bool)

    def misfit(loadings: Array) -> tuple[float, Array]:
        rest = np.where(off, correlations - np.outer(loadings, loadings), 0.0)
        return float((rest**2).sum()) / 2, -2 * rest @ loadings

    values, vectors = np.linalg.eigh(correlations)
    start = vectors[:, -1] * np.sqrt(max(float(values[-1]), 0.0)) * 0.8
    start = start if start.sum() >= 0 else -start
    found = optimize.minimize(
        misfit,
        np.clip(start, -0.9, 0.9),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_BOUND, _BOUND)] * len(start),
        options={"maxiter": 1000, "ftol": 1e-14, "gtol": 1e-9},
    )
    loadings: Array = found.x
    good = bool(np.isfinite(loadings).all()) and float(np.abs(loadings).max()) < _HEYWOOD
    return loadings if good else None
