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
    before_first: bool = False
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
FIGURE_SPACE = "\u2007"
LARGE, SMALL = (8.5, 0.497), (6.8, 0.513)
"""Sizes of the two kinds of figures, with the widths of a figure in Source Sans 3, regular and semibold."""


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
    """All squares of a shade in one path; a row's figures of one paint in one spaced text.

    Ratings are whole and of one figure, and figures are all as wide as a figure space. An element for each cell would
    make a PDF three times as slow.
    """
    squares: dict[str, list[str]] = {}
    dashes: list[str] = []
    underlines: list[str] = []
    texts: list[str] = []
    for line, row in enumerate(plan.rows):
        y = HEAD + line * (SQUARE + STRIP)
        figures: dict[str, list[str]] = {}
        for index, cell in enumerate(row.cells):
            x = NAMES + index * wide
            if cell.client is None:
                dashes.append(f"M{number(x + wide / 2 - 1.8)} {number(y + 7)}h3.6")
            else:
                step = heat(cell.client)
                square = f"M{number(x + 0.5)} {number(y)}h{number(wide - 1)}v{SQUARE:g}h{number(1 - wide)}z"
                squares.setdefault(palette[step], []).append(square)
                _put(figures, palette["on-" + step], index, cell.client)
            if cell.clinician is not None:
                _put(figures, palette["note"], index, cell.clinician)
            if cell.in_focus:
                underlines.append(f"M{number(x)} {number(y + SQUARE + 0.4)}h{number(wide)}")
        for paint, spaced in figures.items():
            below = paint == palette["note"]
            texts.append(_spaced(paint, spaced, y + (SQUARE + 6.4 if below else 10), wide, SMALL if below else LARGE))
    yield from (f'<path{paint} d="{"".join(paths)}"/>' for paint, paths in squares.items())
    if dashes:
        yield f'<path{palette["axis"]} stroke-width="0.7" d="{"".join(dashes)}"/>'
    if underlines:
        yield f'<path{palette["focus"]} stroke-width="1.3" d="{"".join(underlines)}"/>'
    yield from texts


def _put(figures: dict[str, list[str]], paint: str, index: int, value: float) -> None:
    spaced = figures.setdefault(paint, [])
    spaced += [FIGURE_SPACE] * (index - len(spaced))
    spaced.append(f"{value:.0f}")


def _spaced(paint: str, spaced: list[str], y: float, wide: float, size: tuple[float, float]) -> str:
    """Figures under their columns. ``size``: of the text, and the width of its figures as a part of that."""
    start = next(index for index, one in enumerate(spaced) if one != FIGURE_SPACE)
    figure = size[0] * size[1]
    x = NAMES + (start + 0.5) * wide - figure / 2
    return (
        f'<text{paint} font-size="{size[0]:g}" letter-spacing="{wide - figure:.3f}" x="{x:.2f}" y="{number(y)}">'
        f"{''.join(spaced[start:])}</text>"
    )


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
            yield f'<path{palette["axis"]} stroke-width="0.7" d="M{number(x)} {number(y - 3)}h3.6"/>'
        x += 8 if part else 2
        yield f'<text{palette["label"]} font-size="8" x="{number(x)}" y="{number(y - 0.3)}">{text(words[key])}</text>'
        x += len(words[key]) * 3.9 + 14
