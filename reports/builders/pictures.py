"""Which charts a progress report has, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.barriers import BY_CODE
from clients.models import Client, Episode
from reports.builders.barrier_map import CourseRows, read_course
from reports.builders.dates import day_text
from reports.builders.options import ProgressOptions
from reports.builders.scores import BARRIERS, ValuePoint, signed
from reports.builders.scores import Series as ScoreSeries
from reports.builders.words import BURDEN
from reports.charts.barrier_map import BarrierMap
from reports.charts.line import Event, LineChart, Point, Series, Span, Tick
from reports.charts.svg import show

MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Chart:
    """A line chart and a line about it. ``scale`` is the scale's key."""

    picture: LineChart
    note: str
    scale: str = ""


@dataclass(frozen=True, slots=True)
class TimeLine:
    """What stands on every chart's time line: the period, life events, times in focus by barrier, and homework."""

    start: date
    end: date
    events: tuple[tuple[date, str], ...]
    focus: tuple[tuple[str, date, date], ...]
    done: tuple[tuple[date, str], ...] = ()

    def x(self, day: date) -> float:
        """Days since the start of the period."""
        return (day - self.start).days


def time_line(client: Client, episode: Episode, start: date, end: date) -> TimeLine:
    """Read events and focus of an episode. Two queries."""
    return time_line_of(read_course(client, episode), start, end)


def time_line_of(course: CourseRows, start: date, end: date) -> TimeLine:
    """The time line of rows that were read already."""
    return TimeLine(
        start,
        end,
        tuple((row.happened_on, row.get_kind_display()) for row in course.since(start)),
        tuple((row.barrier, row.starts_on, row.ends_on or end) for row in course.focus if row.starts_on),
    )


def charts(
    series: Sequence[ScoreSeries], plan: BarrierMap, options: ProgressOptions, line: TimeLine
) -> tuple[Chart, ...]:
    """The charts that were chosen and have something to show."""
    wanted = [(row.code, row.name) for row in plan.rows if row.focus_now] if "focus" in options.charts else []
    if "burden" in options.charts:
        wanted.append((BURDEN, _("All barriers together (burden)")))
    found = [scale_chart(f"chart-{key}", title, key, series, line) for key, title in wanted]
    return tuple(chart for chart in found if chart.picture.count)


def _note(values: Sequence[ValuePoint], digits: int | None) -> str:
    """The client's series in words: raw change only when there are two answers or more."""
    if not values:
        return ""
    first, last, count = values[0], values[-1], len(values)
    words = {"latest": show(last.value, digits), "day": day_text(last.day)}
    if count == 1:
        return _("Client: %(latest)s on %(day)s, one answer so far.") % words
    text = ngettext(
        "Client: baseline %(baseline)s, latest %(latest)s on %(day)s, change %(change)s, %(n)s answer.",
        "Client: baseline %(baseline)s, latest %(latest)s on %(day)s, change %(change)s, %(n)s answers.",
        count,
    )
    change = signed(last.value - first.value, digits)
    return text % {**words, "baseline": show(first.value, digits), "change": change, "n": count}


def scale_chart(
    ident: str, title: str, key: str, series: Sequence[ScoreSeries], line: TimeLine, slug: str = BARRIERS
) -> Chart:
    """A scale's chart: both respondents' points within the period, baseline, focus and life events."""
    mine = [one for one in series if one.slug == slug and one.key == key and one.values]
    drawn = tuple(_series(one, line) for one in sorted(mine, key=lambda one: (one.who, one.relationship)))
    digits = None if key in BY_CODE else 2
    rated = [one.values for one in mine if one.who == "client"]
    client_values = max(rated, key=lambda values: values[-1].day, default=[])
    baseline = client_values[0].value if client_values else None
    note = _note(client_values, digits)
    picture = LineChart(
        ident=ident,
        title=title,
        description=_describe(title, note, drawn, line),
        series=drawn,
        ticks=_ticks(line),
        events=tuple(Event(line.x(day), kind, day_text(day)) for day, kind in line.events),
        spans=tuple(
            Span(line.x(max(first, line.start)), line.x(last), _("In focus"))
            for code, first, last in line.focus
            if code == key and last >= line.start
        ),
        done=tuple(Event(line.x(day), title, day_text(day)) for day, title in line.done if day >= line.start),
        baseline=baseline,
        digits=digits,
        baseline_label=_("Client's baseline") if baseline is not None else "",
    )
    return Chart(picture, note, key)


def _series(one: ScoreSeries, line: TimeLine) -> Series:
    name = _("Clinician") if one.who == "clinician" else _("Client")
    points = tuple(
        Point(line.x(point.day), point.value, day_text(point.day)) for point in one.points if point.day >= line.start
    )
    return Series("clinician" if one.who == "clinician" else "client", name, points)


def _ticks(line: TimeLine) -> tuple[Tick, ...]:
    span = (line.end - line.start).days
    count = min(MOST_TICKS, max(2, span // 14 + 1))
    days = sorted({round(span * index / (count - 1)) for index in range(count)})
    return tuple(Tick(day, day_text(date.fromordinal(line.start.toordinal() + day))) for day in days)


def _describe(title: str, note: str, drawn: Sequence[Series], line: TimeLine) -> str:
    """The picture in sentences; every value stands in the table twin."""
    parts = [
        _("Line chart of %(title)s from %(start)s to %(end)s.")
        % {"title": title, "start": day_text(line.start), "end": day_text(line.end)},
        note,
    ]
    if any(series.who == "clinician" for series in drawn):
        parts.append(_("The clinician's own ratings are a second, dashed line with square marks."))
    kinds = ", ".join(f"{kind} ({day_text(day)})" for day, kind in line.events)
    if kinds:
        parts.append(_("Life events are marked above it: %(kinds)s.") % {"kinds": kinds})
    given = ", ".join(f"{title} ({day_text(day)})" for day, title in line.done)
    if given:
        parts.append(_("Homework is marked below it, which does not make it a cause: %(given)s.") % {"given": given})
    parts.append(_("Every value stands in the table."))
    return " ".join(part for part in parts if part)
