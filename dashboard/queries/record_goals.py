"""A client's own goals over an episode: a line and a chart a goal, in the client's own words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from assessments.queries.scores import ScorePoint, scores_series
from clients.models import Client, Episode, Goal
from clients.queries.goals import goals_of
from dashboard.queries.record_lines import OneSeries, chart_series
from reports.builders.dates import day_text
from reports.builders.pictures import Chart, TimeLine, scale_chart
from reports.builders.scores import signed
from reports.charts.svg import show

CHECK_IN = "session-checkin"
LOW, HIGH, STEP = 0, 10, 2


@dataclass(frozen=True, slots=True)
class GoalLine:
    """One goal with what the client said of it: shown texts, and its chart once it was rated."""

    goal: Goal
    baseline: str
    latest: str
    change: str
    since: str
    count: int
    chart: Chart | None

    @property
    def is_active(self) -> bool:
        return self.goal.state == Goal.State.ACTIVE

    @property
    def ended(self) -> str:
        """The day on which it was reached or set aside."""
        return day_text(self.goal.ended_on) if self.goal.ended_on else ""


def goal_lines(client: Client, goals: Sequence[Goal], episode: Episode, line: TimeLine) -> tuple[GoalLine, ...]:
    """A line for each goal, in their order. One query, and one for the words of relationships.

    A goal is the client's own: it is one series whichever relationship the check-in was about.
    """
    names = {f"{CHECK_IN}.goals.{goal.key}": goal for goal in goals}
    found = scores_series(client, episode, names, respondent="client") if names else {}
    return tuple(
        _line(client, goal, OneSeries(name, "client", "", tuple(found.get((name, "client"), ()))), line)
        for name, goal in names.items()
    )


def episode_goals(client: Client, episode: Episode) -> list[Goal]:
    """The episode's goals: what is worked on first. One query."""
    return goals_of(client, episode)


def _line(client: Client, goal: Goal, one: OneSeries, line: TimeLine) -> GoalLine:
    values: list[ScorePoint] = one.values
    first, latest = (values[0].value, values[-1].value) if values else (None, None)
    return GoalLine(
        goal=goal,
        baseline=show(first, 0),
        latest=show(latest, 0),
        change=signed(latest - first, 0) if first is not None and latest is not None and len(values) > 1 else "–",
        since=day_text(client.practice.today(values[-1].at)) if values else "",
        count=len(values),
        chart=_chart(client, goal, one, line) if values else None,
    )


def _chart(client: Client, goal: Goal, one: OneSeries, line: TimeLine) -> Chart:
    series = chart_series(one, client.practice.zone)
    chart = scale_chart(
        f"goal-{goal.key}", _("Own goal: %(words)s") % {"words": goal.words}, series.key, [series], line, CHECK_IN
    )
    return replace(chart, picture=replace(chart.picture, low=LOW, high=HIGH, step=STEP, digits=0))
