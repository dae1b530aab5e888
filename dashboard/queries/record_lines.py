"""A scale's series as one line of a table: baseline, latest, raw change, and what may be said of it."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from django.utils.translation import gettext as _

from assessments.change import Known, Verdict, band, judge
from assessments.queries.library import published
from assessments.queries.psychometrics import known_scales
from assessments.queries.scores import ScorePoint
from assessments.schema import Definition, Scale
from assessments.scoring import ScaleScore, reason_text
from clients.barriers import BY_CODE
from practice.models import Practice
from reports.builders.dates import day_text
from reports.builders.scores import ScorePoint as ChartPoint
from reports.builders.scores import Series, signed
from reports.charts.svg import show

MOST_NAMED = 4
Answered = tuple[float | None, uuid.UUID]
"""A value, and the version on which it was answered."""


@dataclass(frozen=True, slots=True)
class OneSeries:
    """All scores of a scale by one respondent about one relationship, in order of time; never pooled."""

    scale: str
    respondent: str
    relationship: str
    points: tuple[ScorePoint, ...]

    @property
    def values(self) -> list[ScorePoint]:
        """The points that have a value."""
        return [point for point in self.points if point.value is not None]


def split(found: Mapping[tuple[str, str], Sequence[ScorePoint]]) -> list[OneSeries]:
    """A series a relationship: a new partner is a new baseline. The client's before the clinician's."""
    series: dict[tuple[str, str, str], list[ScorePoint]] = {}
    for (scale, respondent), points in found.items():
        for point in points:
            series.setdefault((scale, respondent, point.relationship), []).append(point)
    return [OneSeries(*key, tuple(points)) for key, points in series.items()]


def versions_of(series: Sequence[OneSeries]) -> set[uuid.UUID]:
    """The versions of the first and latest values."""
    return {point.version_id for one in series for point in (*one.values[:1], *one.values[-1:])}


def chart_series(one: OneSeries, zone: tzinfo) -> Series:
    """The same for a chart."""
    slug, _dot, key = one.scale.partition(".")
    points = tuple(ChartPoint(point.at.astimezone(zone).date(), point.value, "") for point in one.points)
    return Series(slug, key, one.respondent, one.relationship, points)


@dataclass(frozen=True, slots=True)
class ScaleLine:
    """One series as shown texts. ``why_not`` stands where the latest answers gave no score."""

    title: str
    meaning: str
    who: str
    clinician_only: bool
    range: str
    baseline: str
    baseline_day: str
    previous: str
    latest: str
    latest_day: str
    change: str
    from_previous: str
    count: int
    why_not: str
    barrier: str
    continues: bool
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there is no verdict, and of which scales (of many: how many); of all of them where nothing is named."""

    words: str
    titles: tuple[str, ...]


class Judged(Protocol):
    """A line of any table that has a verdict."""

    @property
    def title(self) -> str: ...

    @property
    def verdict(self) -> Verdict: ...


class Judge:
    """Asks for verdicts with what the practice knows of these versions; one query for all series of a page."""

    def __init__(
        self, practice: Practice, versions: Collection[uuid.UUID], scales: Collection[str] | None = None
    ) -> None:
        self._known = known_scales(practice, versions, scales) if versions else {}

    def known(self, version_id: uuid.UUID, scale: str) -> Known | None:
        """What is known of one scale of one version."""
        return self._known.get((version_id, scale))

    def verdict(
        self, scale: str, respondent: str, first: ScorePoint | None, latest: ScorePoint | None, count: int
    ) -> Verdict:
        """On the change between two points of a series. Single items are shown raw: no page judges them."""
        if first is None or latest is None:
            return _without(_("Nothing to compare yet."))
        if respondent == "clinician":
            return _without(clinician_reason())
        return self.between(scale, (first.value, first.version_id), (latest.value, latest.version_id), count)

    def between(self, scale: str, first: Answered, latest: Answered, count: int) -> Verdict:
        """The same of a client's series whose two ends alone are known."""
        definition = published(latest[1]).definition
        found = judge(
            definition,
            scale,
            self.known(latest[1], scale),
            baseline=first[0],
            latest=latest[0],
            count=count,
        )
        if found.words and first[1] != latest[1]:
            return _without(_("No verdict: the two were answered on different versions of this measure."))
        return found

    def band(self, one: OneSeries) -> tuple[float, float] | None:
        """The noise around the baseline of a client's series that stayed with one version."""
        values = one.values
        if one.respondent == "clinician" or not values or values[0].version_id != values[-1].version_id:
            return None
        definition = published(values[0].version_id).definition
        known = self.known(values[0].version_id, one.scale)
        return band(definition, one.scale, known, values[0].value)


def clinician_reason() -> str:
    """Why a clinician's own ratings get no verdict."""
    return _("The clinician’s own ratings are shown as they are: the noise is known of clients only.")


def _without(reason: str) -> Verdict:
    return Verdict("", False, "", reason, None, None, None, None, "")


def lines(
    definition: Definition, series: Sequence[OneSeries], judging: Judge, zone: tzinfo, *, several: bool
) -> Iterator[ScaleLine]:
    """In the definition's order, a scale's series one below the other. A clinician who never rated has no line."""
    for scale in definition.scales:
        mine = [one for one in series if one.scale == f"{definition.slug}.{scale.key}"]
        mine = [one for one in mine if one.respondent == "client" or one.values]
        for place, one in enumerate(mine):
            yield _line(definition, scale, one, judging, zone, several=several, continues=place > 0)


def reasons(found: Sequence[Judged]) -> tuple[Reason, ...]:
    """Why lines have no verdict, each reason once, in the order of the lines."""
    groups: dict[str, list[str]] = {}
    for line in found:
        if line.verdict.reason:
            titles = groups.setdefault(line.verdict.reason, [])
            if line.title not in titles:
                titles.append(line.title)
    whole = len(groups) == 1 and all(line.verdict.reason for line in found)
    unnamed = {clinician_reason(), *(groups if whole else ())}
    return tuple(Reason(words, () if words in unnamed else _named(titles)) for words, titles in groups.items())


def _named(titles: Sequence[str]) -> tuple[str, ...]:
    return tuple(titles) if len(titles) <= MOST_NAMED else (_("%(count)s lines") % {"count": len(titles)},)


def _line(
    definition: Definition,
    scale: Scale,
    one: OneSeries,
    judging: Judge,
    zone: tzinfo,
    *,
    several: bool,
    continues: bool,
) -> ScaleLine:
    values, last = one.values, one.points[-1]
    digits = digits_of(scale)
    low, high = definition.range_of(scale.key)
    first, latest = (values[0], values[-1]) if values else (None, None)
    previous = values[-2] if len(values) > 1 else None
    return ScaleLine(
        title=scale.title,
        meaning=scale.meaning,
        who=_who(one, several=several),
        clinician_only=scale.visibility == "clinician_only",
        range=_("%(low)s to %(high)s") % {"low": show(low), "high": show(high)},
        baseline=show(first.value, digits) if first else "–",
        baseline_day=_day(first, zone),
        previous=show(previous.value, digits) if previous else "–",
        latest=show(latest.value, digits) if latest else "–",
        latest_day=_day(latest, zone),
        change=_difference(latest, first, digits) if previous else "–",
        from_previous=_difference(latest, previous, digits) if previous else "–",
        count=len(values),
        why_not="" if last.value is not None else _why_not(scale, last, zone),
        barrier=BY_CODE[scale.barrier].opaque if scale.single and scale.barrier in BY_CODE else "",
        continues=continues,
        verdict=judging.verdict(one.scale, one.respondent, first, latest, len(values)),
    )


def digits_of(scale: Scale) -> int:
    """Decimals with which a scale's values are shown: none for items and counts."""
    return 0 if scale.method in ("single", "count_at_least") else 2


def _who(one: OneSeries, *, several: bool) -> str:
    who = _("Clinician") if one.respondent == "clinician" else _("Client")
    if several and one.relationship:
        return _("%(who)s, about “%(relationship)s”") % {"who": who, "relationship": one.relationship}
    return who


def _day(point: ScorePoint | None, zone: tzinfo) -> str:
    return day_text(point.at.astimezone(zone).date()) if point else ""


def _difference(now: ScorePoint | None, then: ScorePoint | None, digits: int) -> str:
    if now is None or then is None or now.value is None or then.value is None:
        return "–"
    return signed(now.value - then.value, digits)


def _why_not(scale: Scale, last: ScorePoint, zone: tzinfo) -> str:
    """Why the latest answers gave no score, with their day."""
    day = _day(last, zone)
    if scale.single:
        words = _("not discussed") if last.respondent == "clinician" else _("not answered")
    else:
        words = reason_text(ScaleScore(last.scale, None, last.answered, last.of, last.reason or None))
    return _("%(day)s: %(why)s") % {"day": day, "why": words}
