"""A position on a line between two ends, with a second line beside it: the relationship spectrum.

Both lines stand in every picture, since the middle of the first says nothing about the second. The earliest answers are
an open circle, the latest a filled one, each in a lane of its own; a bar is the interval in which a value may lie.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.charts.line import CHARACTER, TwinRow
from reports.charts.palette import Palette
from reports.charts.svg import frame, number, say, show, text

LEFT, RIGHT = 22.0, 22.0
TALL, LANE = 98.0, 14.0
"""Height of one line with its words, and between its two lanes."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A value on a line; ``low`` and ``high`` are the ends of its interval, where one is known."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return self.low is not None and self.high is not None

    def clears(self, middle: float) -> bool:
        """Whether the whole interval lies on one side of the middle; never without an interval."""
        return self.low is not None and self.high is not None and (self.low > middle or self.high < middle)

    def words(self, digits: int = 2) -> str:
        """The value, with its interval where it is known."""
        if self.low is None or self.high is None:
            return show(self.value, digits)
        return _("%(value)s (%(low)s to %(high)s)") % {
            "value": show(self.value, digits),
            "low": show(self.low, digits),
            "high": show(self.high, digits),
        }


@dataclass(frozen=True, slots=True)
class Moment:
    """One set of answers on both lines; ``label`` says when it was, ``latest`` whether it is the newest."""

    label: str
    first: Spot
    second: Spot
    latest: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its title, its ends as numbers, and the words below its two ends (and its middle)."""

    title: str
    low: float
    high: float
    left: str = ""
    middle: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class SpectrumChart:
    """All that the picture says. ``ident`` is unique on the page; ``moments`` in the order of time."""

    ident: str
    title: str
    description: str
    upper: Line
    lower: Line
    moments: tuple[Moment, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Heads of the twin's value columns."""
        return (self.upper.title, self.lower.title)

    def table(self) -> list[TwinRow]:
        """The twin: a row for each set of answers."""
        return [TwinRow(one.label, (one.first.words(), one.second.words())) for one in self.moments]


def spectrum_chart(chart: SpectrumChart, palette: Palette, *, width: float = 400) -> SafeString:
    """The picture as one SVG element (safe markup: every text in it is escaped)."""
    body = [
        *_line(chart.upper, [(one, one.first) for one in chart.moments], palette, 14, width),
        *_line(chart.lower, [(one, one.second) for one in chart.moments], palette, 14 + TALL, width),
        *_legend(chart.moments, palette, 14 + 2 * TALL, width),
    ]
    return frame(chart.ident, chart.title, chart.description, width, 18 + 2 * TALL + _legend_rows(chart, width), body)


def mark(paint: Palette, x: float, y: float, *, latest: bool, title: str = "", radius: float = 5) -> str:
    """A circle: filled for the latest answers, open for earlier ones."""
    part = paint["client-mark" if latest else "client-open"]
    inner = f"<title>{text(title)}</title>" if title else ""
    return f'<circle{part} cx="{number(x)}" cy="{number(y)}" stroke-width="1.8" r="{radius:g}">{inner}</circle>'


def _line(line: Line, spots: list[tuple[Moment, Spot]], palette: Palette, top: float, width: float) -> Iterator[str]:
    across = (width - LEFT - RIGHT) / ((line.high - line.low) or 1)

    def x(value: float) -> float:
        return LEFT + (min(max(value, line.low), line.high) - line.low) * across

    axis = top + 16 + LANE * 2
    yield say(palette["strong"], 12, LEFT - 8, top, line.title)
    yield f'<path{palette["axis"]} stroke-width="1.2" d="M{number(LEFT)} {number(axis)}H{number(width - RIGHT)}"/>'
    steps = max(1, round(line.high - line.low))
    for index in range(steps + 1):
        at = line.low + index * (line.high - line.low) / steps
        yield f'<path{palette["axis"]} stroke-width="1" d="M{number(x(at))} {number(axis - 3)}v6"/>'
        yield say(palette["label"], 11, x(at), axis + 15, show(at), "middle")
    if line.middle:
        yield (
            f'<path{palette["baseline"]} stroke-width="1" stroke-dasharray="2 3"'
            f' d="M{number(x((line.low + line.high) / 2))} {number(top + 6)}V{number(axis)}"/>'
        )
    for words, place, anchor in (
        (line.left, LEFT - 8, ""),
        (line.middle, width / 2, "middle"),
        (line.right, width - RIGHT + 8, "end"),
    ):
        if words:
            yield say(palette["label"], 11, place, axis + 30, words, anchor)
    for moment, spot in spots:
        lane = top + 14 + (LANE if moment.latest else 0)
        if spot.low is not None and spot.high is not None:
            left, right = number(x(spot.low)), number(x(spot.high))
            yield (
                f'<path{palette["interval"]} stroke-width="1.5" d="M{left} {number(lane)}H{right}'
                f'M{left} {number(lane - 4)}v8M{right} {number(lane - 4)}v8"/>'
            )
        yield mark(palette, x(spot.value), lane, latest=moment.latest, title=f"{moment.label}: {spot.words()}")


def _legend_rows(chart: SpectrumChart, width: float) -> float:
    return 16.0 * len(_rows(chart.moments, width))


def _rows(moments: tuple[Moment, ...], width: float) -> list[list[Moment]]:
    """The legend's entries in as many rows as their words need."""
    rows: list[list[Moment]] = []
    room = 0.0
    for moment in moments:
        wide = len(moment.label) * CHARACTER + 36
        if not rows or wide > room:
            rows.append([])
            room = width - LEFT
        rows[-1].append(moment)
        room -= wide
    return rows


def _legend(moments: tuple[Moment, ...], palette: Palette, top: float, width: float) -> Iterator[str]:
    for row, entries in enumerate(_rows(moments, width)):
        x, y = LEFT - 8, top + 16 * row
        for moment in entries:
            yield mark(palette, x + 5, y, latest=moment.latest)
            yield say(palette["label"], 11, x + 16, y + 4, moment.label)
            x += 36 + len(moment.label) * CHARACTER
