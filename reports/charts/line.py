"""A scale over the sessions: the client's and the clinician's series, told apart by shape as well as colour.

Gaps stay gaps, the baseline is a dotted line, the noise around it a band; life events stand above, times in focus and
homework below the plot.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString

from reports.charts.palette import Palette
from reports.charts.svg import frame, number, say, show, text

Who = Literal["client", "clinician"]

LEFT, RIGHT, TOP, BOTTOM = 34.0, 14.0, 44.0, 38.0
CHARACTER = 5.7
"""Width of a character of a label; only used to keep labels apart."""


@dataclass(frozen=True, slots=True)
class Point:
    """``x`` in days since the first date of the chart; no value is a gap."""

    x: float
    value: float | None
    label: str


@dataclass(frozen=True, slots=True)
class Series:
    """One respondent's points in the order of time."""

    who: Who
    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A date below the plot."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Event:
    """A life event above the plot, or homework below it."""

    x: float
    label: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which the barrier was in focus."""

    start: float
    end: float
    label: str


@dataclass(frozen=True, slots=True)
class TwinRow:
    """A line of the table beside the picture: a date and a shown value for each series."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """All that the picture says. ``ident`` is unique on the page; ``band`` is the noise around the baseline,
    ``digits`` the decimals of shown values (``None``: whole numbers whole)."""

    ident: str
    title: str
    description: str
    series: tuple[Series, ...]
    low: float = 0
    high: float = 4
    step: float = 1
    ticks: tuple[Tick, ...] = ()
    events: tuple[Event, ...] = ()
    spans: tuple[Span, ...] = ()
    done: tuple[Event, ...] = ()
    baseline: float | None = None
    baseline_label: str = ""
    band: tuple[float, float] | None = None
    digits: int | None = None

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum(point.value is not None for series in self.series for point in series.points)

    @property
    def columns(self) -> tuple[str, ...]:
        """Heads of the twin's value columns."""
        return tuple(series.name for series in self.series)

    def table(self) -> list[TwinRow]:
        """The twin: every point of every series by date; two of a day stay two rows."""
        rows: dict[tuple[float, str, int], list[str]] = {}
        for index, series in enumerate(self.series):
            seen: dict[tuple[float, str], int] = {}
            for point in series.points:
                turn = seen[point.x, point.label] = seen.get((point.x, point.label), -1) + 1
                row = rows.setdefault((point.x, point.label, turn), ["–"] * len(self.series))
                row[index] = show(point.value, self.digits)
        return [TwinRow(key[1], tuple(values)) for key, values in sorted(rows.items(), key=lambda item: item[0][0])]


class _Place:
    """Turns days and values into coordinates."""

    def __init__(self, chart: LineChart, width: float, height: float) -> None:
        xs = [point.x for series in chart.series for point in series.points]
        xs += [tick.x for tick in chart.ticks]
        self.first, self.last = (min(xs), max(xs)) if xs else (0.0, 1.0)
        self.left, self.right, self.top, self.bottom = LEFT, width - RIGHT, TOP, height - BOTTOM
        self.low, self.high = chart.low, chart.high
        self.across = (self.right - self.left - 16) / ((self.last - self.first) or 1)
        self.up = (self.bottom - self.top) / ((chart.high - chart.low) or 1)

    def x(self, day: float) -> float:
        return self.left + 8 + (min(max(day, self.first), self.last) - self.first) * self.across

    def y(self, value: float) -> float:
        return self.bottom - (min(max(value, self.low), self.high) - self.low) * self.up


def line_chart(chart: LineChart, palette: Palette, *, width: float = 640, height: float = 230) -> SafeString:
    """The picture as one SVG element (safe markup: every text in it is escaped)."""
    place = _Place(chart, width, height)
    body = [*_ground(chart, place, palette), *_context(chart, place, palette)]
    for series in sorted(chart.series, key=lambda series: series.who, reverse=True):
        body += _lines(series, place, palette, chart.digits)
    body += _legend(chart, palette)
    return frame(chart.ident, chart.title, chart.description, width, height, body)


def _ground(chart: LineChart, place: _Place, palette: Palette) -> Iterator[str]:
    left, right = number(place.left), number(place.right)
    if chart.band:
        top, bottom = place.y(chart.band[1]), place.y(chart.band[0])
        yield (
            f'<rect{palette["band"]} x="{left}" y="{number(top)}" width="{number(place.right - place.left)}"'
            f' height="{number(bottom - top)}"/>'
        )
    steps = round((chart.high - chart.low) / chart.step)
    for index in range(steps + 1):
        value = chart.low + index * chart.step
        y = number(place.y(value))
        yield f'<path{palette["grid" if index else "axis"]} stroke-width="1" d="M{left} {y}H{right}"/>'
        yield (
            f'<text{palette["label"]} font-size="11" text-anchor="end" x="{number(place.left - 7)}"'
            f' y="{number(place.y(value) + 3.8)}">{show(value)}</text>'
        )
    if chart.baseline is not None:
        y = number(place.y(chart.baseline))
        yield f'<path{palette["baseline"]} stroke-width="1.2" stroke-dasharray="1.5 3" d="M{left} {y}H{right}"/>'
    until = -1e9
    for tick in chart.ticks:
        half = len(tick.label) * CHARACTER / 2
        x = min(max(place.x(tick.x), half), place.right + RIGHT - half)
        if x - half < until:
            continue
        until = x + half + 6
        yield (
            f'<text{palette["label"]} font-size="11" text-anchor="middle" x="{number(x)}"'
            f' y="{number(place.bottom + 27)}">{text(tick.label)}</text>'
        )


def _context(chart: LineChart, place: _Place, palette: Palette) -> Iterator[str]:
    for span in chart.spans:
        start, end = place.x(span.start), place.x(span.end)
        yield (
            f'<path{palette["focus"]} stroke-width="3" stroke-linecap="round"'
            f' d="M{number(start)} {number(place.bottom + (6 if chart.done else 9))}H{number(max(end, start + 0.1))}">'
            f"<title>{text(span.label)}</title></path>"
        )
    yield from _done(chart, place, palette)
    free = [-1e9, -1e9]
    for event in chart.events:
        if not place.first <= event.x <= place.last:
            continue
        x, wide = place.x(event.x), len(event.label) * CHARACTER + 16
        yield (
            f'<path{palette["event-line"]} stroke-width="0.8" stroke-dasharray="2 2"'
            f' d="M{number(x)} {number(place.top - 4)}V{number(place.bottom)}"/>'
            f'<path{palette["event"]} d="M{number(x)} {number(place.top - 11)}l3.6 3.6-3.6 3.6-3.6-3.6z">'
            f"<title>{text(event.label)} {text(event.date)}</title></path>"
        )
        flip = x + wide > place.right
        start = x - wide if flip else x
        lane = next((index for index, until in enumerate(free) if start > until), None)
        if lane is None:
            continue
        free[lane] = start + wide
        anchor, shift = ("end", -7.0) if flip else ("start", 7.0)
        yield (
            f'<text{palette["label"]} font-size="10.5" text-anchor="{anchor}" x="{number(x + shift)}"'
            f' y="{number(place.top - 4.5 - 11 * lane)}">{text(event.label)}</text>'
        )


def _done(chart: LineChart, place: _Place, palette: Palette) -> Iterator[str]:
    """A square a piece of homework, in a lane of its own between the axis and the dates."""
    for one in chart.done:
        if place.first <= one.x <= place.last:
            yield (
                f'<rect{palette["done"]} x="{number(place.x(one.x) - 3)}" y="{number(place.bottom + 11)}" width="6"'
                f' height="6"><title>{text(one.label)} {text(one.date)}</title></rect>'
            )


def _runs(points: Iterable[Point]) -> Iterator[list[Point]]:
    """Stretches without a gap."""
    run: list[Point] = []
    for point in points:
        if point.value is None:
            if run:
                yield run
            run = []
        else:
            run.append(point)
    if run:
        yield run


def _lines(series: Series, place: _Place, palette: Palette, digits: int | None) -> Iterator[str]:
    dash = ' stroke-dasharray="5 3"' if series.who == "clinician" else ""
    line, mark = palette[f"{series.who}-line"], palette[f"{series.who}-mark"]
    for run in _runs(series.points):
        spots = [(place.x(point.x), place.y(point.value or 0)) for point in run]
        if len(run) > 1:
            path = " ".join(f"{number(x)},{number(y)}" for x, y in spots)
            yield f'<polyline{line} stroke-width="1.8" stroke-linejoin="round"{dash} points="{path}"/>'
        for (x, y), point in zip(spots, run, strict=True):
            yield _mark(series.who, mark, x, y, f"{series.name}, {point.label}: {show(point.value, digits)}")


def _mark(who: Who, paint: str, x: float, y: float, title: str) -> str:
    inner = f"<title>{text(title)}</title>" if title else ""
    if who == "client":
        return f'<circle{paint} cx="{number(x)}" cy="{number(y)}" stroke-width="1" r="3.6">{inner}</circle>'
    at = f'x="{number(x - 4)}" y="{number(y - 4)}"'
    return f'<rect{paint} stroke-width="1" {at} width="8" height="8">{inner}</rect>'


def _legend(chart: LineChart, palette: Palette) -> Iterator[str]:
    x = LEFT
    for series in chart.series:
        yield _mark(series.who, palette[f"{series.who}-mark"], x + 4, 8, "")
        yield f'<text{palette["label"]} font-size="11" x="{number(x + 13)}" y="11.8">{text(series.name)}</text>'
        x += 13 + len(series.name) * CHARACTER + 20
    if chart.baseline is not None and chart.baseline_label:
        yield f'<path{palette["baseline"]} stroke-width="1.2" stroke-dasharray="1.5 3" d="M{number(x)} 8h16"/>'
        yield say(palette["label"], 11, x + 21, 11.8, chart.baseline_label)
        x += 21 + len(chart.baseline_label) * CHARACTER + 20
    if chart.spans:
        yield f'<path{palette["focus"]} stroke-width="3" d="M{number(x)} 8h16"/>'
        yield say(palette["label"], 11, x + 21, 11.8, chart.spans[0].label)
