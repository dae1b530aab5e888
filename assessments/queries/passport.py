"""The passport of a measure: what must be said wherever it is shown, and what this practice knows of it by now."""

import math
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments import reading
from assessments.change import by_retest, provisional, why_not
from assessments.models import InstrumentVersion, Reference, Response
from assessments.queries.psychometrics import MARKER, known_of, references
from assessments.schema import Definition, Scale, SourceNote
from assessments.statistics import reliable, results
from assessments.statistics.reliable import PROVISIONAL, STABLE_PAIRS
from practice.models import Practice

WHY: Mapping[str, Promise] = {
    "checklist": gettext_lazy("checklist"),
    "single": gettext_lazy("single item"),
    "count": gettext_lazy("count of items"),
    "goals": gettext_lazy("own goals"),
    "of-two": gettext_lazy("difference"),
}
"""Why a figure is not asked of a scale, by the codes of ``assessments.figures``; explained under the table."""

FEWEST = 5
"""A group of fewer clients is not counted out."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure as text, or why there is none."""

    text: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class ScaleFacts:
    """What the practice knows of one scale. ``none_yet``: why there are no figures at all, so that no single client's
    answers show through."""

    title: str
    people: int
    none_yet: str
    provisional: bool = False
    alpha: Shown = Shown()
    omega: Shown = Shown()
    retest: Shown = Shown()
    sem: Shown = Shown()
    min_change: Shown = Shown()
    floor: str = ""
    ceiling: str = ""
    missing: Shown = Shown()

    @property
    def waits(self) -> str:
        """What retest, error and smallest change all wait for, to be said once."""
        whys = {self.retest.why, self.sem.why, self.min_change.why}
        return whys.pop() if len(whys) == 1 else ""

    @property
    def tells_omega(self) -> bool:
        """Whether omega says something that alpha does not."""
        return bool(self.omega.text) or self.omega.why not in ("", self.alpha.why, str(WHY["of-two"]))


@dataclass(frozen=True, slots=True)
class PassportFacts:
    """What must be said wherever a measure is shown. ``people``: clients of this practice who sent this version, now;
    ``figures``: by scale as counted at ``counted_at``; ``recounting``: something was sent since."""

    version_id: uuid.UUID
    title: str
    purpose: str
    number: int
    published_on: str
    basis: str
    validated: bool
    norms: bool
    citation: str
    sources: tuple[SourceNote, ...]
    items: int
    scales: int
    recall: str
    minutes: int
    reading_grade: float | None
    people: int
    figures: tuple[ScaleFacts, ...]
    counted_at: datetime | None
    recounting: bool
    reliability_note: str


def passport(version: InstrumentVersion, practice: Practice) -> PassportFacts:
    """The facts of one version in one practice, with two queries."""
    definition = version.definition
    people = _people(version, practice)
    counted = references(practice, version.pk)
    marker = counted.get(MARKER)
    figures = tuple(_figures(definition, counted))
    return PassportFacts(
        version_id=version.pk,
        title=definition.title,
        purpose=definition.purpose,
        number=version.number,
        published_on=date_format(version.published_at.astimezone(practice.zone), "j M Y"),
        basis=definition.passport.basis,
        validated=definition.passport.validated,
        norms=definition.passport.norms,
        citation=definition.passport.citation or "",
        sources=definition.sources,
        items=definition.item_count,
        scales=len(definition.scales),
        recall=definition.recall,
        minutes=definition.minutes,
        reading_grade=_grade(definition),
        people=people,
        figures=figures,
        counted_at=marker.counted_at if marker and figures else None,
        recounting=marker is not None and marker.stale_at is not None,
        reliability_note=_note(definition, people, figures),
    )


def _people(version: InstrumentVersion, practice: Practice) -> int:
    sent = Response.objects.filter(
        practice=practice,
        version=version,
        state=Response.State.SUBMITTED,
        respondent=Response.Respondent.CLIENT,
    )
    return sent.values("client").distinct().count()


def _figures(definition: Definition, counted: Mapping[str, Reference]) -> Iterator[ScaleFacts]:
    """In the definition's order; nothing before the first count."""
    for scale in definition.scales:
        row = counted.get(f"{definition.slug}.{scale.key}")
        if row is not None:
            yield _scale(definition, scale, row)


def _scale(definition: Definition, scale: Scale, row: Reference) -> ScaleFacts:
    if row.people < PROVISIONAL:
        return ScaleFacts(scale.title, row.people, needs_people(row.people))
    sem, least = _noise(definition, scale, row)
    return ScaleFacts(
        title=scale.title,
        people=row.people,
        none_yet="",
        provisional=bool(least.text) and provisional(scale, known_of(row)),
        alpha=_alpha(row),
        omega=_coefficient(row, "omega", row.omega),
        retest=_retest(row),
        sem=sem,
        min_change=least,
        floor=_end(row.floor, row.people),
        ceiling=_end(row.ceiling, row.people),
        missing=Shown(_share(row.missing)) if row.missing is not None else Shown(why=str(WHY["goals"])),
    )


def needs_people(people: int) -> str:
    """What is missing under 30 clients."""
    return ngettext("%(count)s of %(needed)s clients", "%(count)s of %(needed)s clients", people) % {
        "count": people,
        "needed": PROVISIONAL,
    }


def _needs_pairs(pairs: int) -> str:
    return _("%(count)s of %(needed)s stable pairs") % {"count": pairs, "needed": STABLE_PAIRS}


def _alpha(row: Reference) -> Shown:
    if row.facts.get("kind") != "difference":
        return _coefficient(row, "alpha", row.alpha, row.alpha_low, row.alpha_high)
    if row.facts.get("by") == "retest" and row.pairs < STABLE_PAIRS:
        return Shown(why=str(WHY["of-two"]))
    if row.alpha is None:
        return Shown(why=_("difference; its two scales are not known"))
    return Shown(_("%(value)s, of the difference") % {"value": _number(row.alpha)})


def _retest(row: Reference) -> Shown:
    if row.pairs < STABLE_PAIRS:
        return Shown(why=_needs_pairs(row.pairs))
    found = _coefficient(row, "retest", row.retest, row.retest_low, row.retest_high)
    return Shown(_("%(value)s, %(count)s pairs") % {"value": found.text, "count": row.pairs}) if found.text else found


def _coefficient(
    row: Reference, name: str, value: float | None, low: float | None = None, high: float | None = None
) -> Shown:
    if value is None:
        code = str(row.facts.get(name, ""))
        return Shown(why=str(WHY.get(code) or results.words(code) or _("not known")))
    if low is None or high is None:
        return Shown(_number(value))
    values = {"value": _number(value), "low": _number(low), "high": _number(high)}
    return Shown(_("%(value)s (%(low)s to %(high)s)") % values)


def _noise(definition: Definition, scale: Scale, row: Reference) -> tuple[Shown, Shown]:
    """Standard error and the smallest change beyond chance, with the reliability that verdicts use."""
    known = known_of(row)
    if by_retest(scale) and known.pairs < STABLE_PAIRS:
        why = Shown(why=_needs_pairs(known.pairs))
        return why, why
    if known.people < PROVISIONAL:
        why = Shown(why=needs_people(known.people))
        return why, why
    if known.sd is None or known.reliability is None or reliable.bad_inputs(known.sd, known.reliability):
        why = Shown(why=_("the answers do not tell"))
        return why, why
    sem = Shown(_number(reliable.sem(known.sd, known.reliability)))
    if ruled_out := why_not(definition, scale.key, known):
        return sem, Shown(why=ruled_out)
    return sem, Shown(_number(reliable.minimal_change(known.sd, known.reliability)))


def _number(value: float) -> str:
    """Two decimals; never "−0.00"."""
    assert math.isfinite(value)
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")


def _share(value: float | None) -> str:
    return "" if value is None else _("%(share)s\N{NO-BREAK SPACE}%%") % {"share": round(value * 100)}


def _end(share: float | None, people: int) -> str:
    """The share of clients at an end of the scale; of very few not how many."""
    if share is not None and round(share * people) < FEWEST:
        return _("under %(count)s") % {"count": FEWEST}
    return _share(share)


def _note(definition: Definition, people: int, figures: tuple[ScaleFacts, ...]) -> str:
    """One line for where there is no room for a table."""
    if not definition.scales:
        return _("Nothing is scored here.")
    if not figures or all(one.none_yet for one in figures):
        return _("Not known in this practice yet: %(needs)s that it takes.") % {"needs": needs_people(people)}
    known = sum(bool(one.sem.text) for one in figures)
    return _("Known in this practice for %(known)s of %(all)s scales.") % {"known": known, "all": len(figures)}


def _grade(definition: Definition) -> float | None:
    """Flesch–Kincaid grade of the joined items; for English only."""
    if definition.language.split("-")[0] != "en":
        return None
    return round(reading.grade(item.text for item in definition.items), 1)
