"""Clinical cut-offs and classification: for published measures only, with their citation. None of ours has any."""

import math
from dataclasses import dataclass
from typing import Literal

Side = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Published:
    """What was published about a measure: from which score on somebody is a case, how large a reliable change is.

    Raises ``ValueError`` without a citation, and for numbers that are none.
    """

    citation: str
    caseness: float
    reliable: float
    better: Side = "lower"

    def __post_init__(self) -> None:
        if not self.citation.strip():
            raise ValueError("cut-offs serve published measures only: name the citation")
        if not (math.isfinite(self.caseness) and math.isfinite(self.reliable) and self.reliable > 0):
            raise ValueError("caseness and reliable change must be numbers, the latter above 0")


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Jacobson & Truax's three cut-offs. ``a`` and ``b`` are none where their group is not known."""

    a: float | None
    b: float | None
    c: float | None


@dataclass(frozen=True, slots=True)
class Classified:
    """One course by the rules of NHS Talking Therapies. ``recovery`` and ``reliable_recovery`` are none for who was no
    case at the start."""

    reliable_improvement: bool
    reliable_deterioration: bool
    recovery: bool | None
    reliable_recovery: bool | None


def cutoffs(
    *,
    citation: str,
    better: Side = "lower",
    m_dys: float | None = None,
    sd_dys: float | None = None,
    m_func: float | None = None,
    sd_func: float | None = None,
) -> Cutoffs:
    """Cut-offs a (2 SD beyond the dysfunctional mean), b (within 2 SD of the functional mean) and c (where both are
    equally likely: (SD₀M₁ + SD₁M₀)/(SD₀ + SD₁)) (Jacobson & Truax 1991, J Consult Clin Psychol 59:12–19).

    Raises ``ValueError`` without the citation of the measure's norms, and for numbers that are none.
    """
    if not citation.strip():
        raise ValueError("cut-offs serve published measures only: name the citation")
    dys, func = _group(m_dys, sd_dys), _group(m_func, sd_func)
    side = 1 if better == "higher" else -1
    a = dys[0] + side * 2 * dys[1] if dys else None
    b = func[0] - side * 2 * func[1] if func else None
    c = (func[1] * dys[0] + dys[1] * func[0]) / (func[1] + dys[1]) if dys and func else None
    return Cutoffs(a, b, c)


def classify(measure: Published, pre: float, post: float) -> Classified:
    """Reliable improvement and deterioration (change of at least ``reliable``), recovery (a case before, none after),
    and both at once (NHS Talking Therapies manual; PHQ-9: case from 10, reliable from 6).

    Raises ``ValueError`` for scores that are no numbers.
    """
    if not (math.isfinite(pre) and math.isfinite(post)):
        raise ValueError("scores must be numbers")
    side = 1 if measure.better == "higher" else -1
    gain = side * (post - pre)
    improved, worse = gain >= measure.reliable, -gain >= measure.reliable
    if not _case(measure, pre):
        return Classified(improved, worse, None, None)
    recovered = not _case(measure, post)
    return Classified(improved, worse, recovered, recovered and improved)


def _case(measure: Published, score: float) -> bool:
    return score <= measure.caseness if measure.better == "higher" else score >= measure.caseness


def _group(mean: float | None, sd: float | None) -> tuple[float, float] | None:
    if mean is None and sd is None:
        return None
    if mean is None or sd is None or not (math.isfinite(mean) and math.isfinite(sd)) or sd <= 0:
        raise ValueError("a group has a mean and a standard deviation above 0")
    return mean, sd
