"""Change against noise: standard error of measurement, reliable change, minimal detectable change, how many people it
takes. Plain Python: pages import it."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from assessments.statistics import results

Z = 1.96
"""|RCI| above this is reliable change (Jacobson & Truax 1991): less than 5 % by chance."""
PROVISIONAL, FULL = 30, 100
"""So many first administrations are needed for a provisional verdict, and for one."""
STABLE_PAIRS = 50
"""So many stable pairs are needed for a test–retest reliability."""

Gate = Literal["none", "provisional", "full"]
Better = Literal["higher", "lower", "none"]


@dataclass(frozen=True, slots=True)
class Change:
    """A change with its noise. ``min_change``: the smallest change that is reliable (the minimal detectable change at
    95 %, or at the ``z`` given). ``direction``: ``rise``, ``fall`` or ``none`` when it is not reliable.
    ``reason``: a code of ``results`` when the rest is none."""

    change: float | None = None
    sem: float | None = None
    s_diff: float | None = None
    rci: float | None = None
    min_change: float | None = None
    reliable: bool | None = None
    direction: str = ""
    reason: str = ""


def gate(people: int) -> Gate:
    """``none`` under 30 first administrations, ``provisional`` to 99, then ``full``."""
    if people < PROVISIONAL:
        return "none"
    return "provisional" if people < FULL else "full"


def bad_inputs(sd: float, reliability: float) -> str:
    """The reason (a code) why these give no standard error; empty when they do."""
    if not math.isfinite(sd) or sd <= 0:
        return results.BAD_SD
    if not math.isfinite(reliability) or not 0 <= reliability < 1:
        return results.BAD_RELIABILITY
    return ""


def sem(sd: float, reliability: float) -> float:
    """Standard error of measurement: SD·√(1−r), in the scale's unit (Lord & Novick 1968; Jacobson & Truax 1991).

    Raises ``ValueError`` for an SD not above 0 or a reliability outside [0, 1).
    """
    if reason := bad_inputs(sd, reliability):
        raise ValueError(reason)
    return sd * math.sqrt(1 - reliability)


def s_diff(sd: float, reliability: float) -> float:
    """Standard error of the difference of two measurements: SEM·√2 (Jacobson & Truax 1991). Raises as ``sem``."""
    return sem(sd, reliability) * math.sqrt(2)


def minimal_change(sd: float, reliability: float, z: float = Z) -> float:
    """Minimal detectable change: z·√2·SEM; with 1.96 the MDC95 (Jacobson & Truax 1991; Weir 2005, J Strength Cond
    Res 19:231). Raises as ``sem``."""
    return z * s_diff(sd, reliability)


def reliable_change(pre: float, post: float, sd: float, reliability: float, z: float = Z) -> Change:
    """RCI = (post − pre) / S_diff; reliable when |RCI| > z (Jacobson & Truax 1991, J Consult Clin Psychol 59:12–19).

    ``sd``: of the first administrations; ``reliability`` 0 to below 1. Bad numbers give a ``reason``.
    """
    if not (math.isfinite(pre) and math.isfinite(post) and math.isfinite(z) and z > 0):
        return Change(reason=results.NOT_A_NUMBER)
    if reason := bad_inputs(sd, reliability):
        return Change(reason=reason)
    error, noise = sem(sd, reliability), s_diff(sd, reliability)
    change, least = post - pre, z * noise
    rci = change / noise if noise else math.inf
    if not all(math.isfinite(value) for value in (error, noise, change, least, rci)):
        return Change(reason=results.OUT_OF_REACH)
    reliable = abs(rci) > z
    direction = ("rise" if change > 0 else "fall") if reliable else "none"
    return Change(change, error, noise, rci, least, reliable, direction)


def bonferroni_z(family: int, error: float = 0.05) -> float:
    """The z that keeps the chance of any false alarm among ``family`` two-sided tests at ``error`` (Dunn 1961): 2.87
    for the twelve barriers. 1.96 for one. Raises ``ValueError`` for a family below 1 or an error outside (0, 1)."""
    if family < 1 or not 0 < error < 1:
        raise ValueError("a family has 1 test or more, and an error lies between 0 and 1")
    if family == 1 and error == 0.05:
        return Z
    return NormalDist().inv_cdf(1 - error / (2 * family))


def false_alarm(family: int, error: float = 0.05) -> float:
    """The chance of at least one false alarm among independent tests without correction: 1 − (1 − error)^family;
    46 % for twelve at 95 %."""
    return 1 - (1 - error) ** family


def difference_reliability(sd1: float, r1: float, sd2: float, r2: float, correlation: float) -> results.Estimate:
    """Reliability of a difference of two scores: (s₁²r₁ + s₂²r₂ − 2·r₁₂·s₁s₂) / (s₁² + s₂² − 2·r₁₂·s₁s₂)
    (Lord & Novick 1968; Rogosa & Willett 1983, J Educ Meas 20:335).

    It falls as the two correlate. Below 0 it is 0: nothing but noise. Bad numbers give a reason.
    """
    for sd, r in ((sd1, r1), (sd2, r2)):
        if reason := bad_inputs(sd, r):
            return results.no_estimate(reason)
    if not -1 <= correlation <= 1:
        return results.no_estimate(results.NOT_A_NUMBER)
    top = max(sd1, sd2)
    first, second = sd1 / top, sd2 / top  # only their ratio matters
    shared = 2 * correlation * first * second
    spread = first * first + second * second - shared
    if spread <= 1e-12:
        return results.no_estimate(results.NO_SPREAD)
    value = (first * first * r1 + second * second * r2 - shared) / spread
    return results.Estimate(max(0.0, value))
