"""A client's own goals over time: the same lines on the clinician's page and on the client's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Score
from clients.models import Client, Goal
from reports.builders.dates import day_text
from reports.builders.scores import ValuePoint, signed
from reports.charts.line import Event, LineChart, Point, Series, Tick
from reports.charts.spark import Spark, sparkline
from reports.charts.svg import show

PREFIX = "session-checkin.goals."
"""Scale names of own goals: this, then the goal's key."""
LOW, HIGH = 0, 10
MOST_TICKS = 3


@dataclass(frozen=True, slots=True)
class GoalLine:
    """One goal with what the client answered at check-ins, 0–10. ``asked``: how often, whether answered or not."""

    goal: Goal
    values: tuple[ValuePoint, ...]
    asked: int
    spark: Spark
    chart: LineChart | None

    @property
    def latest(self) -> str:
        """The latest answer; empty before the first."""
        return show(self.values[-1].value) if self.values else ""

    @property
    def latest_day(self) -> str:
        return day_text(self.values[-1].day) if self.values else ""

    @property
    def baseline(self) -> str:
        """The first answer: of these words, and so of this episode."""
        return show(self.values[0].value) if self.values else ""

    @property
    def baseline_day(self) -> str:
        return day_text(self.values[0].day) if self.values else ""

    @property
    def change(self) -> str:
        """Raw, from the first answer to the latest; empty with fewer than two."""
        return signed(self.values[-1].value - self.values[0].value) if len(self.values) > 1 else ""

    @property
    def times(self) -> str:
        """How many answers there are, in words."""
        count = len(self.values)
        return ngettext("%(n)s answer", "%(n)s answers", count) % {"n": count}


def goal_lines(
    client: Client,
    goals: Sequence[Goal],
    *,
    until: date,
    who: str,
    events: Sequence[tuple[date, str]] = (),
) -> list[GoalLine]:
    """The lines of these goals, in their order, in one query. ``who`` names the client on the chart; ``events`` are
    marked above it."""
    if not goals:
        return []
    scales = [PREFIX + goal.key for goal in goals]
    rows = Score.objects.filter(practice=client.practice_id, client=client, scale__in=scales, respondent="client")
    found: dict[str, list[tuple[date, float | None]]] = {}
    for scale, at, value in rows.order_by("at", "pk").values_list("scale", "at", "value"):
        found.setdefault(scale.removeprefix(PREFIX), []).append((client.practice.today(at), value))
    return [_line(client, goal, found.get(goal.key, []), until, who, events) for goal in goals]


def _line(
    client: Client,
    goal: Goal,
    points: list[tuple[date, float | None]],
    until: date,
    who: str,
    events: Sequence[tuple[date, str]],
) -> GoalLine:
    values = tuple(ValuePoint(day, value) for day, value in points if value is not None)
    drawn = " ".join(f"{(one.day - values[0].day).days}:{one.value:g}" for one in values)
    start = min([client.practice.today(goal.set_at), *(day for day, _value in points)])
    end = max([goal.ended_on or until, start, *(day for day, _value in points)])
    chart = _chart(goal, values, points, (start, end), who, events) if values else None
    return GoalLine(goal, values, len(points), sparkline(drawn, LOW, HIGH), chart)


def _chart(
    goal: Goal,
    values: tuple[ValuePoint, ...],
    points: list[tuple[date, float | None]],
    span: tuple[date, date],
    who: str,
    events: Sequence[tuple[date, str]],
) -> LineChart:
    start, end = span
    spots = tuple(Point((day - start).days, value, day_text(day)) for day, value in points)
    within = [(day, kind) for day, kind in events if start <= day <= end]
    return LineChart(
        ident=f"goal-{goal.key}",
        title=goal.words,
        description=_describe(values, span, within),
        series=(Series("client", who, spots),),
        low=LOW,
        high=HIGH,
        step=2,
        ticks=_ticks(start, end),
        events=tuple(Event((day - start).days, kind, day_text(day)) for day, kind in within),
        baseline=values[0].value,
        baseline_label=_("First answer"),
    )


def _describe(values: tuple[ValuePoint, ...], span: tuple[date, date], events: Sequence[tuple[date, str]]) -> str:
    """The picture in sentences; every value stands in the table twin."""
    first, last = values[0], values[-1]
    parts = [
        _("Line chart of answers from 0 to 10, from %(start)s to %(end)s.")
        % {"start": day_text(span[0]), "end": day_text(span[1])},
        _("First answer %(first)s, latest %(last)s.") % {"first": show(first.value), "last": show(last.value)},
    ]
    if events:
        kinds = ", ".join(f"{kind} ({day_text(day)})" for day, kind in events)
        parts.append(_("Life events are marked above it: %(kinds)s.") % {"kinds": kinds})
    return " ".join([*parts, _("Every value stands in the table.")])


def _ticks(start: date, end: date) -> tuple[Tick, ...]:
    span = (end - start).days
    count = min(MOST_TICKS, max(2, span // 21 + 1)) if span else 1
    days = sorted({round(span * index / max(count - 1, 1)) for index in range(count)})
    return tuple(Tick(day, day_text(date.fromordinal(start.toordinal() + day))) for day in days)
