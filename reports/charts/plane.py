"""Two scales as one point in a square: anxiety across, avoidance upwards, with the middle of each as a dotted line.

The corners have no names: a point near the middle leans nowhere; what a leaning is called stands in the words beside.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString

from reports.charts.line import CHARACTER, TwinRow
from reports.charts.palette import Palette
from reports.charts.spectrum import Moment, mark
from reports.charts.svg import frame, number, say, show

LEFT, TOP, FOOT = 34.0, 34.0, 62.0
PAD = 8.0


@dataclass(frozen=True, slots=True)
class Axis:
    """One scale as an axis from ``low`` to ``high``."""

    title: str
    low: float
    high: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class PlaneChart:
    """All that the picture says. In each moment ``first`` is across, ``second`` upwards."""

    ident: str
    title: str
    description: str
    across: Axis
    up: Axis
    moments: tuple[Moment, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Heads of the twin's value columns."""
        return (self.across.title, self.up.title)

    def table(self) -> list[TwinRow]:
        """The twin: a row for each set of answers."""
        return [TwinRow(one.label, (one.first.words(), one.second.words())) for one in self.moments]


class _Square:
    """Turns values into coordinates, kept inside the square."""

    def __init__(self, chart: PlaneChart, width: float) -> None:
        self.side = width - LEFT - 12
        self.chart = chart

    def x(self, value: float) -> float:
        return LEFT + PAD + _part(value, self.chart.across) * (self.side - 2 * PAD)

    def y(self, value: float) -> float:
        return TOP + self.side - PAD - _part(value, self.chart.up) * (self.side - 2 * PAD)


def _part(value: float, axis: Axis) -> float:
    return (min(max(value, axis.low), axis.high) - axis.low) / ((axis.high - axis.low) or 1)


def plane_chart(chart: PlaneChart, palette: Palette, *, width: float = 340) -> SafeString:
    """The picture as one SVG element (safe markup: every text in it is escaped)."""
    place = _Square(chart, width)
    body = [*_ground(chart, place, palette), *_points(chart, place, palette)]
    foot = TOP + place.side
    for row, moment in enumerate(chart.moments):
        y = foot + 48 + 16 * row
        body += [
            mark(palette, LEFT + 5, y, latest=moment.latest),
            say(palette["label"], 11, LEFT + 16, y + 4, moment.label),
        ]
    height = foot + FOOT + 16 * max(len(chart.moments) - 1, 0)
    return frame(chart.ident, chart.title, chart.description, width, height, body)


def _ground(chart: PlaneChart, place: _Square, palette: Palette) -> Iterator[str]:
    side, foot = number(place.side), TOP + place.side
    yield f'<path{palette["axis"]} stroke-width="1" d="M{LEFT:g} {TOP:g}h{side}v{side}h-{side}z"/>'
    x, y = number(place.x(chart.across.middle)), number(place.y(chart.up.middle))
    middles = f"M{x} {TOP:g}v{side}M{LEFT:g} {y}h{side}"
    yield f'<path{palette["baseline"]} stroke-width="1" stroke-dasharray="2 3" d="{middles}"/>'
    for axis, upwards in ((chart.across, False), (chart.up, True)):
        for value in sorted({axis.low, axis.middle, axis.high}):
            if upwards:
                yield say(palette["label"], 11, LEFT - 7, place.y(value) + 4, show(value), "end")
            else:
                yield say(palette["label"], 11, place.x(value), foot + 15, show(value), "middle")
    yield say(palette["strong"], 12, LEFT - 26, TOP - 12, f"{chart.up.title} \N{UPWARDS ARROW}")
    words = f"{chart.across.title} \N{RIGHTWARDS ARROW}"
    yield say(palette["strong"], 12, max(LEFT + place.side, len(words) * CHARACTER), foot + 31, words, "end")


def _points(chart: PlaneChart, place: _Square, palette: Palette) -> Iterator[str]:
    spots = [(place.x(one.first.value), place.y(one.second.value)) for one in chart.moments]
    if len(spots) > 1:
        path = " ".join(f"{number(x)},{number(y)}" for x, y in spots)
        yield f'<polyline{palette["grid"]} stroke-width="1.2" points="{path}"/>'
    for (x, y), moment in zip(spots, chart.moments, strict=True):
        if moment.first.low is not None and moment.first.high is not None:
            left, right = number(place.x(moment.first.low)), number(place.x(moment.first.high))
            yield f'<path{palette["interval"]} stroke-width="1.5" d="M{left} {number(y)}H{right}"/>'
        if moment.second.low is not None and moment.second.high is not None:
            bottom, top = number(place.y(moment.second.low)), number(place.y(moment.second.high))
            yield f'<path{palette["interval"]} stroke-width="1.5" d="M{number(x)} {bottom}V{top}"/>'
        first, second = moment.first.words(), moment.second.words()
        title = f"{moment.label}: {chart.across.title} {first}, {chart.up.title} {second}"
        yield mark(palette, x, y, latest=moment.latest, title=title)
