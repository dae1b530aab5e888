"""The measures tab: which instruments were answered in an episode, and the chosen one's scores and charts."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import InstrumentVersion, Response
from assessments.queries.library import PassportFacts, passport
from assessments.queries.scores import ScorePoint, scores_series
from assessments.schema import Definition, Scale
from assessments.scoring import ScaleScore, reason_text
from clients.barriers import BY_CODE
from clients.models import Client, Episode
from reports.builders.dates import day_text
from reports.builders.pictures import Chart, TimeLine, scale_chart, time_line
from reports.builders.scores import ScorePoint as ChartPoint
from reports.builders.scores import Series, signed
from reports.charts.svg import show


@dataclass(frozen=True, slots=True)
class Answered:
    """An instrument that the client answered in the episode: its newest answered version, how often, when last."""

    version: InstrumentVersion
    times: int
    last: datetime

    @property
    def pk(self) -> uuid.UUID:
        return self.version.instrument_id


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


@dataclass(frozen=True, slots=True)
class Chosen:
    """The instrument that is open: its passport, its table, and a chart a scale (not for single items)."""

    answered: Answered
    definition: Definition
    passport: PassportFacts
    lines: tuple[ScaleLine, ...]
    charts: tuple[tuple[Scale, Chart], ...]
    single: bool


@dataclass(frozen=True, slots=True)
class Measures:
    """The whole tab. ``episodes``: all of them, the latest first."""

    episodes: list[Episode]
    episode: Episode | None
    answered: list[Answered]
    chosen: Chosen | None


def measures(client: Client, *, episode: str = "", instrument: str = "", at: datetime | None = None) -> Measures:
    """Read the tab for a client that was loaded through access, in a fixed number of queries.

    ``episode`` is a number and ``instrument`` an id, as typed in the address; what is not there gives the first.
    """
    episodes = list(Episode.objects.filter(client=client).order_by("-number"))
    if not episodes:
        return Measures([], None, [], None)
    current = next((one for one in episodes if str(one.number) == episode), episodes[0])
    found = answered_in(client, current)
    wanted = next((one for one in found if str(one.pk) == instrument), found[0] if found else None)
    chosen = _chosen(client, current, wanted, at or timezone.now()) if wanted else None
    return Measures(episodes, current, found, chosen)


def answered_in(client: Client, episode: Episode) -> list[Answered]:
    """Instruments in the library's order; never one that is for the room alone (the safety screen). Two queries."""
    counted = {
        row["version"]: (row["times"], row["last"])
        for row in Response.objects.filter(
            practice=client.practice_id, client=client, episode=episode, respondent="client", state="submitted"
        )
        .values("version")
        .annotate(times=Count("pk"), last=Max("submitted_at"))
    }
    versions = (
        InstrumentVersion.objects.filter(pk__in=counted)
        .select_related("instrument")
        .order_by("instrument__position", "instrument__title", "number")
    )
    found: dict[uuid.UUID, Answered] = {}
    for version in versions:
        if version.definition.in_room_only or version.definition.hidden_from_portal:
            continue
        times, last = counted[version.pk]
        before = found.get(version.instrument_id)
        found[version.instrument_id] = Answered(
            version, times + (before.times if before else 0), max(last, before.last) if before else last
        )
    return list(found.values())


def course_line(client: Client, episode: Episode, today: date) -> TimeLine:
    """The time line from the episode's beginning to its end, or to today. Two queries."""
    end = min(episode.ends_on or today, today)
    return time_line(client, episode, min(episode.starts_on, end), end)


def _chosen(client: Client, episode: Episode, answered: Answered, at: datetime) -> Chosen:
    definition = answered.version.definition
    zone, today = client.practice.zone, client.practice.today(at)
    wanted = [f"{definition.slug}.{scale.key}" for scale in definition.scales]
    series = split(scores_series(client, episode, wanted))
    line = course_line(client, episode, today)
    several = len({one.relationship for one in series if one.respondent == "client"}) > 1
    shown = [chart_series(one, zone) for one in series]
    drawn = (
        (scale, _chart(definition, scale, shown, line))
        for scale in definition.scales
        if not (scale.single and scale.barrier)
    )
    return Chosen(
        answered=answered,
        definition=definition,
        passport=passport(answered.version, client.practice),
        lines=tuple(_lines(definition, series, zone, several=several)),
        charts=tuple((scale, chart) for scale, chart in drawn if chart.picture.count),
        single=any(scale.single and scale.barrier for scale in definition.scales),
    )


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


def split(found: dict[tuple[str, str], list[ScorePoint]]) -> list[OneSeries]:
    """A series a relationship: a new partner is a new baseline. The client's before the clinician's."""
    series: dict[tuple[str, str, str], list[ScorePoint]] = {}
    for (scale, respondent), points in found.items():
        for point in points:
            series.setdefault((scale, respondent, point.relationship), []).append(point)
    return [OneSeries(*key, tuple(points)) for key, points in series.items()]


def chart_series(one: OneSeries, zone: tzinfo) -> Series:
    """The same for a chart."""
    slug, _dot, key = one.scale.partition(".")
    points = tuple(ChartPoint(point.at.astimezone(zone).date(), point.value, "") for point in one.points)
    return Series(slug, key, one.respondent, one.relationship, points)


def _chart(definition: Definition, scale: Scale, series: Sequence[Series], line: TimeLine) -> Chart:
    """The report's chart with this scale's ends."""
    low, high = definition.range_of(scale.key)
    chart = scale_chart(f"chart-{scale.key}", scale.title, scale.key, series, line, slug=definition.slug)
    picture = replace(chart.picture, low=low, high=high, step=step_of(high - low), digits=_digits(scale))
    return replace(chart, picture=picture)


def step_of(width: float) -> float:
    """The distance of grid lines: at most eight of them."""
    return next((step for step in (1, 2, 5, 10, 20, 50) if width / step <= 8), 100)


def _lines(definition: Definition, series: Sequence[OneSeries], zone: tzinfo, *, several: bool) -> Iterator[ScaleLine]:
    """In the definition's order, a scale's series one below the other. A clinician who never rated has no line."""
    for scale in definition.scales:
        mine = [one for one in series if one.scale == f"{definition.slug}.{scale.key}"]
        mine = [one for one in mine if one.respondent == "client" or one.values]
        for place, one in enumerate(mine):
            yield _line(definition, scale, one, zone, several=several, continues=place > 0)


def _line(
    definition: Definition, scale: Scale, one: OneSeries, zone: tzinfo, *, several: bool, continues: bool
) -> ScaleLine:
    values, last = one.values, one.points[-1]
    digits = _digits(scale)
    low, high = definition.range_of(scale.key)
    first, latest = (values[0], values[-1]) if values else (None, None)
    previous = values[-2] if len(values) > 1 else None
    return ScaleLine(
        title=scale.title,
        meaning=scale.meaning,
        who=_who(one, several=several),
        clinician_only=scale.visibility == "clinician_only",
        range=_("%(low)g to %(high)g") % {"low": low, "high": high},
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
    )


def _digits(scale: Scale) -> int:
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
