"""The barrier map: twelve rows × held sessions, the client's rating as a shade with its number, the clinician's below.

The dataclass is what screen and PDF both show; the SVG here is the PDF's picture of it (on the page it is a table whose
cells are links).
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.utils.safestring import SafeString

from reports.charts.palette import HEAT_STEPS, Palette
from reports.charts.svg import frame, number, say, show, text


@dataclass(frozen=True, slots=True)
class Cell:
    """Both ratings (0–4) of a barrier at a session, and whether it was in focus then. Nothing is "not answered"."""

    client: float | None
    clinician: float | None
    in_focus: bool = False

    @property
    def heat(self) -> str:
        """Class of the client's shade: ``heat-0`` … ``heat-4``, or ``heat-none``."""
        return heat(self.client)

    @property
    def clinician_heat(self) -> str:
        """The same for the clinician's rating."""
        return heat(self.clinician)

    @property
    def client_text(self) -> str:
        return show(self.client)

    @property
    def clinician_text(self) -> str:
        return show(self.clinician)


@dataclass(frozen=True, slots=True)
class Column:
    """One held session, or the last column "since then". ``client_response`` is the response that its cells open,
    the latest of ``submissions``."""

    label: str
    title: str
    day: date
    session: uuid.UUID | None = None
    since_then: bool = False
    client_response: uuid.UUID | None = None
    clinician_response: uuid.UUID | None = None
    submissions: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One barrier. ``baseline`` and ``latest`` are the client's first and last ratings of the episode."""

    code: str
    opaque: str
    name: str
    meaning: str
    cells: tuple[Cell, ...]
    focus_now: bool
    focus_since: str
    baseline: float | None
    latest: float | None
    count: int

    @property
    def change(self) -> float | None:
        """Raw change since baseline; nothing with fewer than two ratings."""
        if self.count < 2 or self.baseline is None or self.latest is None:
            return None
        return self.latest - self.baseline


@dataclass(frozen=True, slots=True)
class MapEvent:
    """A life event: above the first column on or after its day. ``mark`` is the letter that names it below."""

    mark: str
    kind: str
    day: str
    column: int


@dataclass(frozen=True, slots=True)
class BarrierMap:
    """What is shown on the screen and in the PDF. Ratings go from ``low`` to ``high``."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    events: tuple[MapEvent, ...] = ()
    low: int = 0
    high: int = 4

    @property
    def is_empty(self) -> bool:
        """No column, or none with any rating."""
        return not any(cell.client is not None or cell.clinician is not None for row in self.rows for cell in row.cells)

    def parts(self, size: int) -> tuple["BarrierMap", ...]:
        """Split into maps of at most ``size`` columns, so that each can be read in print."""
        return tuple(self._part(start, size) for start in range(0, len(self.columns), size)) or (self,)

    def _part(self, start: int, size: int) -> "BarrierMap":
        end = start + size
        return replace(
            self,
            columns=self.columns[start:end],
            rows=tuple(replace(row, cells=row.cells[start:end]) for row in self.rows),
            events=tuple(
                replace(event, column=event.column - start) for event in self.events if start <= event.column < end
            ),
        )


NAMES, HEAD, FOOT, MOST = 158.0, 58.0, 22.0, 34.0
SQUARE, STRIP = 14.0, 10.0
"""Heights of the client's square and of the clinician's number below it."""


def heat(value: float | None) -> str:
    """The shade of a rating of 0–4."""
    return "heat-none" if value is None else f"heat-{min(max(round(value), 0), HEAT_STEPS - 1)}"


def barrier_map(
    plan: BarrierMap,
    palette: Palette,
    *,
    ident: str,
    title: str,
    description: str,
    words: dict[str, str],
    width: float = 520,
) -> SafeString:
    """The picture. ``words`` of the legend: ``client``, ``clinician``, ``focus``, ``event``, ``missing``."""
    wide = min(MOST, (width - NAMES) / max(len(plan.columns), 1))
    tall = SQUARE + STRIP
    height = HEAD + tall * len(plan.rows) + FOOT
    body = [*_head(plan, palette, wide), *_marks(plan, palette, wide)]
    for index, row in enumerate(plan.rows):
        body += _name(row, palette, HEAD + index * tall)
    body += _cells(plan, palette, wide)
    body += _legend(palette, height - 7, words)
    return frame(ident, title, description, width, height, body)


def _head(plan: BarrierMap, palette: Palette, wide: float) -> Iterator[str]:
    for index, column in enumerate(plan.columns):
        x = NAMES + (index + 0.5) * wide
        part = "strong" if column.since_then else "label"
        yield (
            f'<text{palette[part]} font-size="8" transform="translate({number(x + 2.6)} {HEAD - 5:g}) rotate(-90)">'
            f"{text(column.label)}</text>"
        )
        if column.since_then:
            edge = number(NAMES + index * wide)
            bottom = HEAD + (SQUARE + STRIP) * len(plan.rows)
            yield f'<path{palette["axis"]} stroke-width="0.6" stroke-dasharray="2 2" d="M{edge} 12V{number(bottom)}"/>'


def _marks(plan: BarrierMap, palette: Palette, wide: float) -> Iterator[str]:
    placed: dict[int, int] = {}
    for event in plan.events:
        turn = placed[event.column] = placed.get(event.column, -1) + 1
        x = NAMES + (event.column + 0.5) * wide + turn * 7
        yield (
            f'<path{palette["event"]} d="M{number(x)} 8.4l2.6 2.6-2.6 2.6-2.6-2.6z"/>'
            + say(palette["label"], 7.5, x, 6.8, event.mark, "middle")
        )


def _name(row: Row, palette: Palette, y: float) -> Iterator[str]:
    if row.focus_now:
        yield f'<circle{palette["focus"]} stroke-width="1.6" cx="4" cy="{number(y + 7)}" r="2.6"/>'
    yield say(palette["strong" if row.focus_now else "label"], 9, 10, y + 10, row.name)


def _cells(plan: BarrierMap, palette: Palette, wide: float) -> Iterator[str]:
    """All squares of a shade in one path, all figures of a paint in one text with a place for each.

    Ratings are whole and of one figure. An element for each cell would make a PDF three times as slow.
    """
    squares: dict[str, list[str]] = {}
    figures: dict[tuple[str, float], list[tuple[float, float, str]]] = {}
    underlines: list[str] = []
    for line, row in enumerate(plan.rows):
        y = HEAD + line * (SQUARE + STRIP)
        for index, cell in enumerate(row.cells):
            x = NAMES + index * wide
            middle, paint, figure = x + wide / 2, palette["missing"], "–"
            if cell.client is not None:
                step = heat(cell.client)
                square = f"M{number(x + 0.5)} {number(y)}h{number(wide - 1)}v{SQUARE:g}h{number(1 - wide)}z"
                squares.setdefault(palette[step], []).append(square)
                paint, figure = palette["on-" + step], f"{cell.client:.0f}"
            figures.setdefault((paint, 8.5), []).append((middle, y + 10, figure))
            if cell.clinician is not None:
                place = (middle, y + SQUARE + 6.4, f"{cell.clinician:.0f}")
                figures.setdefault((palette["note"], 6.8), []).append(place)
            if cell.in_focus:
                underlines.append(f"M{number(x)} {number(y + SQUARE + 0.4)}h{number(wide)}")
    yield from (f'<path{paint} d="{"".join(paths)}"/>' for paint, paths in squares.items())
    if underlines:
        yield f'<path{palette["focus"]} stroke-width="1.3" d="{"".join(underlines)}"/>'
    for (paint, size), places in figures.items():
        xs, ys = " ".join(number(x) for x, _y, _one in places), " ".join(number(y) for _x, y, _one in places)
        words = "".join(place[2] for place in places)
        yield f'<text{paint} font-size="{size:g}" text-anchor="middle" x="{xs}" y="{ys}">{words}</text>'


def _legend(palette: Palette, y: float, words: dict[str, str]) -> Iterator[str]:
    x = 10.0
    for step in range(HEAT_STEPS):
        yield f'<rect{palette[f"heat-{step}"]} x="{number(x)}" y="{number(y - 8)}" width="11" height="10"/>'
        yield (
            f'<text{palette[f"on-heat-{step}"]} font-size="7.5" text-anchor="middle" x="{number(x + 5.5)}"'
            f' y="{number(y - 0.3)}">{step}</text>'
        )
        x += 12
    for part, key in (
        ("", "client"),
        ("note", "clinician"),
        ("focus", "focus"),
        ("event", "event"),
        ("missing", "missing"),
    ):
        if part == "note":
            yield f'<text{palette["note"]} font-size="7" x="{number(x)}" y="{number(y - 0.5)}">2</text>'
        elif part == "focus":
            yield f'<path{palette["focus"]} stroke-width="1.3" d="M{number(x - 3)} {number(y - 3)}h9"/>'
        elif part == "event":
            yield f'<path{palette["event"]} d="M{number(x + 2)} {number(y - 5.6)}l2.6 2.6-2.6 2.6-2.6-2.6z"/>'
        elif part == "missing":
            yield f'<text{palette["missing"]} font-size="8" x="{number(x)}" y="{number(y - 0.5)}">–</text>'
        x += 8 if part else 2
        yield f'<text{palette["label"]} font-size="8" x="{number(x)}" y="{number(y - 0.3)}">{text(words[key])}</text>'
        x += len(words[key]) * 3.9 + 14
