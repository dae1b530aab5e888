"""Two days side by side: for each row where a value was (open mark) and where it is (filled), joined by a bar.

The client's marks are round, the clinician's square and on a line of their own: the two are never pooled.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString

from reports.charts.line import CHARACTER, Who
from reports.charts.palette import Palette
from reports.charts.svg import frame, number, say, show, text

NAMES, RIGHT, HEAD, FOOT = 188.0, 14.0, 22.0, 30.0
TALL, BETWEEN = 30.0, 11.0


@dataclass(frozen=True, slots=True)
class Pair:
    """One rater's values on the two days; either may be missing."""

    who: Who
    then: float | None
    now: float | None


@dataclass(frozen=True, slots=True)
class DumbbellRow:
    """One thing that was rated."""

    name: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Dumbbell:
    """All that the picture says. ``then`` and ``now`` name the two days, ``names`` the raters."""

    ident: str
    title: str
    description: str
    rows: tuple[DumbbellRow, ...]
    then: str
    now: str
    names: tuple[tuple[Who, str], ...]
    low: float = 0
    high: float = 4
    digits: int | None = None


def dumbbell_chart(chart: Dumbbell, palette: Palette, *, width: float = 520) -> SafeString:
    """The picture as one SVG element (safe markup: every text in it is escaped)."""
    bottom = HEAD + TALL * len(chart.rows)
    across = (width - NAMES - RIGHT) / ((chart.high - chart.low) or 1)

    def x(value: float) -> float:
        return NAMES + (min(max(value, chart.low), chart.high) - chart.low) * across

    body: list[str] = []
    steps = max(1, round(chart.high - chart.low))
    for index in range(steps + 1):
        value = chart.low + index * (chart.high - chart.low) / steps
        body.append(f'<path{palette["grid"]} stroke-width="1" d="M{number(x(value))} {HEAD - 4:g}V{number(bottom)}"/>')
        body.append(say(palette["label"], 11, x(value), HEAD - 9, show(value), "middle"))
    for place, row in enumerate(chart.rows):
        middle = HEAD + TALL * (place + 0.5)
        body.append(say(palette["label"], 12, 4, middle + 4, row.name))
        start = middle - BETWEEN * (len(row.pairs) - 1) / 2
        for line, pair in enumerate(row.pairs):
            body += _pair(chart, pair, palette, x, start + line * BETWEEN)
    body += _legend(chart, palette, bottom + 20)
    return frame(chart.ident, chart.title, chart.description, width, bottom + FOOT, body)


def _pair(chart: Dumbbell, pair: Pair, palette: Palette, x: Callable[[float], float], y: float) -> Iterator[str]:
    if pair.then is not None and pair.now is not None and pair.then != pair.now:
        yield (
            f'<path{palette[f"{pair.who}-line"]} stroke-width="1.8"'
            f' d="M{number(x(pair.then))} {number(y)}H{number(x(pair.now))}"/>'
        )
    name = dict(chart.names).get(pair.who, "")
    for value, day, latest in ((pair.then, chart.then, False), (pair.now, chart.now, True)):
        if value is not None:
            title = f"{name}, {day}: {show(value, chart.digits)}"
            yield _mark(palette, pair.who, x(value), y, latest=latest, title=title)


def _mark(palette: Palette, who: Who, x: float, y: float, *, latest: bool, title: str = "") -> str:
    paint = palette[f"{who}-mark" if latest else f"{who}-open"]
    size = 3.8 if latest else 5.2
    inner = f"<title>{text(title)}</title>" if title else ""
    if who == "client":
        return f'<circle{paint} cx="{number(x)}" cy="{number(y)}" stroke-width="1.6" r="{size:g}">{inner}</circle>'
    at = f'x="{number(x - size)}" y="{number(y - size)}" width="{2 * size:g}" height="{2 * size:g}"'
    return f'<rect{paint} {at} stroke-width="1.6">{inner}</rect>'


def _legend(chart: Dumbbell, palette: Palette, y: float) -> Iterator[str]:
    place = 8.0
    for who, name in chart.names:
        for day, latest in ((chart.then, False), (chart.now, True)):
            words = f"{name}, {day}" if not latest else day
            yield _mark(palette, who, place, y, latest=latest)
            yield say(palette["label"], 11, place + 10, y + 4, words)
            place += len(words) * CHARACTER + 26
