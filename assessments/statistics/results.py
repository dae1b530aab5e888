"""What a statistic gives: a value with its interval, or a reason. Never NaN, never infinity."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FEW_PEOPLE = "few-people"
FEW_ITEMS = "few-items"
NO_SPREAD = "no-spread"
NO_FIT = "no-fit"
NOT_A_NUMBER = "not-a-number"
BAD_SD = "bad-sd"
BAD_RELIABILITY = "bad-reliability"
BAD_SIZE = "bad-size"
OUT_OF_REACH = "out-of-reach"

WORDS: Mapping[str, Promise] = {
    FEW_PEOPLE: _("too few complete answers"),
    FEW_ITEMS: _("too few items"),
    NO_SPREAD: _("the answers do not differ from each other"),
    NO_FIT: _("one common factor does not describe these answers"),
    NOT_A_NUMBER: _("a value is missing or not a number"),
    BAD_SD: _("the standard deviation must be a number above 0"),
    BAD_RELIABILITY: _("the reliability must be a number from 0 to below 1"),
    BAD_SIZE: _("the sample is too small"),
    OUT_OF_REACH: _("the numbers are too large or too small to compute with"),
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient with its 95 % interval from ``n`` observations. Without a value there is a ``reason`` (a code);
    a value may stand without an interval."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    reason: str = ""


def no_estimate(reason: str, n: int = 0) -> Estimate:
    """No value, and why."""
    return Estimate(None, n=n, reason=reason)


def estimate(value: float, low: float | None = None, high: float | None = None, *, n: int) -> Estimate:
    """A value that is a number, or the reason that it is none; an interval that is none is left out."""
    if not math.isfinite(value):
        return no_estimate(OUT_OF_REACH, n)
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return Estimate(float(value), n=n)
    return Estimate(float(value), float(low), float(high), n)


def words(reason: str) -> str:
    """A reason in words; empty for none."""
    return str(WORDS.get(reason, reason))
