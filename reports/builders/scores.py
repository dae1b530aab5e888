"""Scores as series: each scale × respondent × relationship of an episode, and the table of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from django.utils.translation import gettext as _

from assessments.scoring import ScaleScore, reason_text
from reports.builders.dates import day_text
from reports.builders.instruments import Passport
from reports.charts.svg import show
from reports.queries import ScoreLine

BARRIERS = "barriers"


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """One score; a last one without a value has a reason in words."""

    day: date
    value: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class ValuePoint:
    """A score that has a value."""

    day: date
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """All scores of a scale by one respondent about one relationship, in the order of time."""

    slug: str
    key: str
    who: str
    relationship: str
    points: tuple[ScorePoint, ...]

    @property
    def values(self) -> list[ValuePoint]:
        """The scores that have a value."""
        return [ValuePoint(point.day, point.value) for point in self.points if point.value is not None]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A line of the scores' table: shown texts. ``note`` says why there is no value, or no verdict."""

    scale: str
    who: str
    baseline: str
    baseline_day: str
    latest: str
    latest_day: str
    change: str
    count: int
    note: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One instrument's scales, with what all of its rows have in common."""

    title: str
    range: str
    rows: tuple[ScoreRow, ...]


def series_of(lines: Iterable[ScoreLine], zone: tzinfo) -> list[Series]:
    """Group stored scores, in their order. Only the last score of a series says why it has no value."""
    groups: dict[tuple[str, str, str], list[ScoreLine]] = {}
    days: dict[datetime, date] = {}
    for line in lines:
        groups.setdefault((line.scale, line.who, line.relationship), []).append(line)
        if line.at not in days:
            days[line.at] = line.at.astimezone(zone).date()
    found = []
    for (scale, who, relationship), group in groups.items():
        slug, _dot, key = scale.partition(".")
        points = [ScorePoint(days[line.at], line.value, "") for line in group]
        if group[-1].value is None:
            points[-1] = ScorePoint(points[-1].day, None, _why(group[-1]))
        found.append(Series(slug, key, who, relationship, tuple(points)))
    return found


def _why(line: ScoreLine) -> str:
    if line.of == 1 and line.scale.startswith(BARRIERS + "."):
        return _("not discussed") if line.who == "clinician" else _("not answered")
    return reason_text(ScaleScore(line.scale, None, line.answered, line.of, line.reason)) or _("Not scored")


def measures(
    series: Sequence[Series], known: Sequence[Passport], goals: Mapping[str, str] | None = None
) -> tuple[Measure, ...]:
    """A table for each instrument, in the library's order, its scales in the definition's order, then the client's own
    goals, whose words ``goals`` gives by key."""
    found = []
    for passport in {one.slug: one for one in known}.values():
        mine = [one for one in series if one.slug == passport.slug and (one.who == "client" or one.values)]
        many = len({one.relationship for one in mine}) > 1
        order = {key: place for place, key in enumerate(passport.scales)}
        mine.sort(key=lambda one: (order.get(one.key, 99), one.who, one.relationship))
        rows = tuple(_row(one, passport, many, goals or {}) for one in mine)
        if rows:
            found.append(Measure(passport.title, passport.range, rows))
    return tuple(found)


def _row(series: Series, passport: Passport, many: bool, goals: Mapping[str, str]) -> ScoreRow:
    who = _("clinician") if series.who == "clinician" else _("client")
    if many and series.relationship:
        who = _("%(who)s, about “%(relationship)s”") % {"who": who, "relationship": series.relationship}
    values, last = series.values, series.points[-1]
    first, latest = (values[0], values[-1]) if values else (None, None)
    goal = goals.get(series.key)
    digits = 0 if goal else passport.digits(series.key)
    return ScoreRow(
        scale=_("Own goal: %(words)s") % {"words": goal} if goal else passport.scales.get(series.key, series.key),
        who=who,
        baseline=show(first.value, digits) if first else "–",
        baseline_day=day_text(first.day) if first else "",
        latest=show(latest.value, digits) if latest else "–",
        latest_day=day_text(latest.day) if latest else "",
        change=signed(latest.value - first.value, digits) if first and latest and len(values) > 1 else "–",
        count=len(values),
        note=f"{day_text(last.day)}: {last.reason}" if last.reason else "",
    )


def signed(value: float, digits: int | None = None) -> str:
    """A change with its sign; no change is ±0."""
    shown = show(abs(value), digits)
    if not round(value, 4):
        return "±0"
    return f"+{shown}" if value > 0 else f"\N{MINUS SIGN}{shown}"
