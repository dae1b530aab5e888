"""The measures tab: which instruments were answered in an episode, the chosen one's scores and charts, own goals."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.change import focus_note
from assessments.models import InstrumentVersion, Response
from assessments.queries.library import PassportFacts, passport
from assessments.queries.scores import scores_series
from assessments.schema import Definition, Scale
from clients.models import Client, Episode, Goal
from dashboard.queries.record_course import course_line
from dashboard.queries.record_goals import GoalLine, episode_goals, goal_lines
from dashboard.queries.record_lines import (
    Judge,
    OneSeries,
    Reason,
    ScaleLine,
    chart_series,
    digits_of,
    lines,
    reasons,
    split,
    versions_of,
)
from dashboard.queries.record_positions import positions
from reports.builders.pictures import Chart, TimeLine, scale_chart
from reports.builders.positions import Picture
from reports.builders.scores import Series
from reports.charts.svg import show

GOALS = "goals"
"""``?m=`` of the own goals."""


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
class Chosen:
    """The instrument that is open: its passport, its table, a chart a scale (not for single barriers), its pictures."""

    answered: Answered
    definition: Definition
    passport: PassportFacts
    lines: tuple[ScaleLine, ...]
    reasons: tuple[Reason, ...]
    charts: tuple[tuple[Scale, Chart], ...]
    pictures: tuple[Picture, ...]
    line: TimeLine
    single: bool

    @property
    def has_band(self) -> bool:
        """Whether a chart has a noise band."""
        return any(chart.picture.band for _scale, chart in self.charts)

    @property
    def focus_note(self) -> str:
        """What to say where one of the barriers shown is, or was, in focus."""
        barriers = {scale.barrier for scale in self.definition.scales if scale.single and scale.barrier}
        return focus_note() if any(code in barriers for code, _first, _last in self.line.focus) else ""

    @property
    def has_verdict(self) -> bool:
        """Whether a line has one."""
        return any(line.verdict.words for line in self.lines)


@dataclass(frozen=True, slots=True)
class Measures:
    """The whole tab. ``episodes``: all of them, the latest first. ``goal_lines`` is filled while the goals are open."""

    episodes: list[Episode]
    episode: Episode | None
    answered: list[Answered]
    chosen: Chosen | None
    goals: tuple[Goal, ...] = ()
    goal_lines: tuple[GoalLine, ...] = ()
    line: TimeLine | None = None

    @property
    def shows_goals(self) -> bool:
        return self.chosen is None and bool(self.goals)


def measures(client: Client, *, episode: str = "", instrument: str = "", at: datetime | None = None) -> Measures:
    """Read the tab for a client that was loaded through access, in a fixed number of queries.

    ``episode`` is a number and ``instrument`` an id (or ``goals``), as typed in the address; what is not there gives
    the first.
    """
    episodes = list(Episode.objects.filter(client=client).order_by("-number"))
    if not episodes:
        return Measures([], None, [], None)
    current = next((one for one in episodes if str(one.number) == episode), episodes[0])
    found, goals = answered_in(client, current), tuple(episode_goals(client, current))
    line = course_line(client, current, client.practice.today(at or timezone.now()))
    wanted = next((one for one in found if str(one.pk) == instrument), found[0] if found else None)
    if goals and (instrument == GOALS or wanted is None):
        shown = goal_lines(client, goals, current, line)
        return Measures(episodes, current, found, None, goals, shown, line)
    chosen = _chosen(client, current, wanted, line) if wanted else None
    return Measures(episodes, current, found, chosen, goals, line=line)


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


def _chosen(client: Client, episode: Episode, answered: Answered, line: TimeLine) -> Chosen:
    definition, zone = answered.version.definition, client.practice.zone
    series = split(scores_series(client, episode, [f"{definition.slug}.{scale.key}" for scale in definition.scales]))
    judging = Judge(client.practice, versions_of(series))
    several = len({one.relationship for one in series if one.respondent == "client"}) > 1
    shown = [chart_series(one, zone) for one in series]
    drawn = (
        (scale, _chart(definition, scale, shown, line, _band(definition, scale, series, judging)))
        for scale in definition.scales
        if not (scale.single and scale.barrier)
    )
    table = tuple(lines(definition, series, judging, zone, several=several))
    return Chosen(
        answered=answered,
        definition=definition,
        passport=passport(answered.version, client.practice),
        lines=table,
        reasons=reasons(table),
        charts=tuple((scale, chart) for scale, chart in drawn if chart.picture.count),
        pictures=positions(client, definition, answered.version.pk, series, judging),
        line=line,
        single=any(scale.single and scale.barrier for scale in definition.scales),
    )


def _band(
    definition: Definition, scale: Scale, series: Sequence[OneSeries], judging: Judge
) -> tuple[float, float] | None:
    """The band of the series whose baseline is drawn: the client's, about the relationship answered about last."""
    name = f"{definition.slug}.{scale.key}"
    mine = [one for one in series if one.scale == name and one.respondent == "client" and one.values]
    return judging.band(max(mine, key=lambda one: one.values[-1].at)) if mine else None


def _chart(
    definition: Definition,
    scale: Scale,
    series: Sequence[Series],
    line: TimeLine,
    noise: tuple[float, float] | None,
) -> Chart:
    """The report's chart with this scale's ends, and the noise around the baseline where it is known."""
    low, high = definition.range_of(scale.key)
    chart = scale_chart(f"chart-{scale.key}", scale.title, scale.key, series, line, slug=definition.slug)
    digits, description = digits_of(scale), chart.picture.description
    if noise is not None:
        description = _("%(text)s The shaded band, %(low)s to %(high)s, is what chance explains.") % {
            "text": description,
            "low": show(noise[0], 2),
            "high": show(noise[1], 2),
        }
    step = step_of(high - low)
    picture = replace(chart.picture, low=low, high=high, step=step, digits=digits, band=noise, description=description)
    return replace(chart, picture=picture)


def step_of(width: float) -> float:
    """The distance of grid lines: at most eight of them."""
    return next((step for step in (1, 2, 5, 10, 20, 50) if width / step <= 8), 100)
