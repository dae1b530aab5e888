"""One barrier over an episode: both raters' series, its chart, and raw changes in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from assessments.change import focus_note
from assessments.queries.barriers import PREFIX
from assessments.queries.scores import scores_series
from clients.barriers import Barrier
from clients.models import Client, Episode
from dashboard.queries.record_course import course_line
from dashboard.queries.record_lines import OneSeries, chart_series, split
from reports.builders.dates import day_text
from reports.builders.pictures import Chart, TimeLine, scale_chart
from reports.builders.scores import signed
from reports.charts.svg import show


@dataclass(frozen=True, slots=True)
class Side:
    """What one rater's series says: shown texts; a change is empty while there is nothing to compare."""

    is_clinician: bool
    relationship: str
    latest: str
    latest_day: str
    baseline: str
    baseline_day: str
    from_baseline: str
    from_previous: str
    count: int


@dataclass(frozen=True, slots=True)
class BarrierPage:
    """One barrier's chart and numbers. ``in_focus``: now; ``spans``: every time in focus, as (from, until) texts."""

    barrier: Barrier
    chart: Chart | None
    sides: tuple[Side, ...]
    in_focus: bool
    spans: tuple[tuple[str, str], ...]
    line: TimeLine

    @property
    def focus_note(self) -> str:
        """What to say beside a change of a barrier that is, or was, in focus."""
        return focus_note()


def barrier_page(client: Client, episode: Episode, barrier: Barrier, *, at: datetime | None = None) -> BarrierPage:
    """Read it for a client that was loaded through access: four queries."""
    today = client.practice.today(at or timezone.now())
    series = split(scores_series(client, episode, [PREFIX + barrier.code]))
    line = course_line(client, episode, today)
    shown = [chart_series(one, client.practice.zone) for one in series]
    chart = scale_chart("chart-barrier", str(barrier.name), barrier.code, shown, line)
    spans = [(first, last) for code, first, last in line.focus if code == barrier.code]
    return BarrierPage(
        barrier=barrier,
        chart=chart if chart.picture.count else None,
        sides=tuple(_side(one, client) for one in series if one.values),
        in_focus=any(last >= line.end for _first, last in spans) and episode.ends_on is None,
        spans=tuple((day_text(first), "" if last >= line.end else day_text(last)) for first, last in spans),
        line=line,
    )


def _side(one: OneSeries, client: Client) -> Side:
    numbers = [(point.at.astimezone(client.practice.zone).date(), point.value or 0.0) for point in one.values]
    (first_day, first), (last_day, last) = numbers[0], numbers[-1]
    several = len(numbers) > 1
    return Side(
        is_clinician=one.respondent == "clinician",
        relationship=one.relationship,
        latest=show(last),
        latest_day=day_text(last_day),
        baseline=show(first),
        baseline_day=day_text(first_day),
        from_baseline=signed(last - first) if several else "",
        from_previous=signed(last - numbers[-2][1]) if several else "",
        count=len(numbers),
    )
