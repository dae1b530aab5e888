"""Believable courses of the twelve barriers over the sessions of a client: pure, from a random generator.

A course has a shape (improving, stuck, worse, up and down), a starting profile in which a few barriers stand out, noise
that is the client's own, life events that lift some barriers for a while, and clinician ratings that lag and differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from clients.barriers import CODES

SHAPES = ("improving", "improving", "improving", "stuck", "stuck", "worse", "up-and-down")
LOW, HIGH = 0, 4


@dataclass(frozen=True)
class Course:
    """``true[session][barrier]`` on a continuous 0–4 scale, before noise and rounding."""

    shape: str
    prominent: tuple[str, ...]
    true: tuple[dict[str, float], ...]


def course(random: Random, sessions: int, shaken: Sequence[int] = ()) -> Course:
    """A course over so many sessions; ``shaken`` are the sessions at which a life event hits."""
    shape = random.choice(SHAPES)
    prominent = tuple(random.sample(CODES, random.choice((2, 3, 3, 4))))
    start = {code: random.uniform(2.4, 3.8) if code in prominent else random.uniform(0.3, 1.9) for code in CODES}
    reach = {code: random.uniform(0.35, 0.8) for code in CODES}
    phase = random.uniform(0, 6.28)
    rows = []
    for number in range(sessions):
        along = number / max(1, sessions - 1)
        shock = sum(0.9 * 0.55 ** (number - hit) for hit in shaken if 0 <= number - hit < 4)
        rows.append({code: _level(shape, start[code], reach[code], along, phase) + shock for code in CODES})
    return Course(shape, prominent, tuple(rows))


def _level(shape: str, start: float, reach: float, along: float, phase: float) -> float:
    import math

    if shape == "improving":
        return start * (1 - reach * (1 - math.exp(-2.2 * along)))
    if shape == "worse":
        return start + (3.4 - start) * 0.45 * along
    if shape == "up-and-down":
        return start * (1 - 0.3 * along) + 0.8 * math.sin(phase + 9 * along)
    return start * (1 - 0.06 * along)


def client_answers(random: Random, true: dict[str, float], skip: float = 0.03) -> dict[str, int]:
    """What the client answers: noise, rounding, now and then an item left out."""
    return {code: _rounded(value + random.gauss(0, 0.55)) for code, value in true.items() if random.random() > skip}


def clinician_ratings(random: Random, true: dict[str, float], prominent: Sequence[str]) -> dict[str, int | None]:
    """What the clinician rates: what was talked about, a little behind and never all twelve."""
    return {
        code: _rounded(value + random.gauss(0.1, 0.6)) if code in prominent or random.random() < 0.35 else None
        for code, value in true.items()
    }


def related(random: Random, true: dict[str, float], weights: dict[str, float], low: int, high: int) -> int:
    """An answer to an item of another instrument that leans on some barriers (negative weight: opposite)."""
    level = sum(
        true[code] / HIGH * weight if weight > 0 else (1 - true[code] / HIGH) * -weight
        for code, weight in weights.items()
    )
    share = level / max(0.001, sum(abs(weight) for weight in weights.values()))
    return max(low, min(high, round(low + share * (high - low) + random.gauss(0, (high - low) * 0.16))))


def _rounded(value: float) -> int:
    return max(LOW, min(HIGH, round(value)))
