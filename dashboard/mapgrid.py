"""The barrier map as a table for the screen: cells as ready markup, since a template loop over 720 ratings is slow.

Every value in the markup is a number, a class or a reversed address; texts are escaped by ``format_html``.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard.addresses import Addresses
from reports.builders.dates import day_text
from reports.builders.scores import signed
from reports.charts.barrier_map import BarrierMap, Cell, Column, MapEvent, Row, heat
from reports.charts.svg import show

JOIN = SafeString("")


@dataclass(frozen=True, slots=True)
class GridRow:
    """One barrier: its head, its cells as markup, and the client's raw change since the baseline."""

    name: str
    meaning: str
    url: str
    is_focus: bool
    cells: SafeString
    change: str
    count: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole table. ``twin`` is a body row a session, the latest first, with plain numbers."""

    heads: SafeString
    marks: SafeString
    rows: tuple[GridRow, ...]
    events: tuple[MapEvent, ...]
    twin: SafeString
    columns: int
    has_focus: bool
    has_clinician: bool


def grid(client_id: uuid.UUID, plan: BarrierMap, episode: int | None = None) -> Grid:
    """The map of a client that was loaded through access; ``episode`` is the number of an earlier one."""
    responses, words = Addresses("dashboard:response", client_id), _Words()
    return Grid(
        heads=_heads(client_id, plan),
        marks=_marks(plan),
        rows=tuple(_row(client_id, row, plan, responses, words, episode) for row in plan.rows),
        events=plan.events,
        twin=_twin(plan),
        columns=len(plan.columns),
        has_focus=any(cell.in_focus for row in plan.rows for cell in row.cells),
        has_clinician=any(column.clinician_response for column in plan.columns),
    )


def _joined(parts: Iterator[SafeString]) -> SafeString:
    return SafeString(JOIN.join(parts))


def _heads(client_id: uuid.UUID, plan: BarrierMap) -> SafeString:
    sessions = Addresses("dashboard:session", client_id)
    return _joined(
        _head(sessions, column, plan.columns[index - 1].day if index else None)
        for index, column in enumerate(plan.columns)
    )


def _head(sessions: Addresses, column: Column, before: date | None) -> SafeString:
    """Day, month, and the year where it is news; hidden otherwise, so that the name is always whole."""
    if column.since_then or column.session is None:
        return format_html(
            '<th scope="col" class="map-head heat-since"><span class="map-since">{}</span>'
            '<span class="visually-hidden">, {}</span></th>',
            _("Before the first session") if column.before_first else column.label,
            column.title,
        )
    day = column.day
    return format_html(
        '<th scope="col" class="map-head"><a href="{}"><span class="map-day">{}</span>'
        ' <span class="map-month">{}</span> <span class="{}">{}</span></a></th>',
        sessions[column.session],
        day.day,
        format_date(day, "M"),
        "map-year" if before is None or before.year != day.year else "visually-hidden",
        day.year,
    )


def _marks(plan: BarrierMap) -> SafeString:
    """A cell a column with its life events, each a diamond with its letter; empty when there are none at all."""
    if not plan.events:
        return JOIN
    above: dict[int, list[MapEvent]] = {}
    for event in plan.events:
        above.setdefault(event.column, []).append(event)
    return _joined(_mark(above.get(index, [])) for index in range(len(plan.columns)))


def _mark(events: list[MapEvent]) -> SafeString:
    marks = _joined(
        format_html(
            '<span class="map-event"><span class="mark-event" aria-hidden="true"></span>{}'
            '<span class="visually-hidden">: {}, {} </span></span>',
            event.mark,
            event.kind,
            event.day,
        )
        for event in events
    )
    return format_html("<td>{}</td>", marks)


def _row(
    client_id: uuid.UUID, row: Row, plan: BarrierMap, responses: Addresses, words: "_Words", episode: int | None
) -> GridRow:
    address = reverse("dashboard:barrier", args=[client_id, row.opaque])
    return GridRow(
        name=row.name,
        meaning=row.meaning,
        url=address if episode is None else f"{address}?e={episode}",
        is_focus=row.focus_now,
        cells=SafeString(
            "".join(_cell(cell, column, responses, words) for cell, column in zip(row.cells, plan.columns, strict=True))
        ),
        change="" if row.change is None else signed(row.change),
        count=row.count,
    )


class _Words:
    """The hidden words of a cell, translated and escaped once a map."""

    def __init__(self) -> None:
        self.client, self.clinician = _hidden(_("client"), " "), _hidden(_("clinician"), " ")
        self.focus, self.nothing = _hidden(_(", in focus")), _hidden(_("not rated"))


def _hidden(text: str, after: str = "") -> str:
    return format_html('<span class="visually-hidden">{}{}</span>', text, after)


# The three below write a map of 720 ratings: with an escape for each part they take ten milliseconds instead of one.
# What they write are numbers, classes, reversed addresses and words that were escaped above.


def _cell(cell: Cell, column: Column, responses: Addresses, words: _Words) -> str:
    """Reads "client 3, clinician 2, in focus"; each rating opens the answers that it comes from."""
    names = f"{'heat-since ' if column.since_then else ''}{'in-focus' if cell.in_focus else ''}"
    focus = words.focus if cell.in_focus else ""
    if cell.client is None and cell.clinician is None:
        return f'<td class="heat-none {names}"><span aria-hidden="true">–</span>{words.nothing}{focus}</td>'
    client = _rating("h-client", cell.client, words.client, responses, column.client_response)
    clinician = _rating("h-clinician", cell.clinician, words.clinician, responses, column.clinician_response)
    return f'<td class="{names}"><span class="heat-pair">{client}{clinician}</span>{focus}</td>'


def _rating(who: str, value: float | None, word: str, responses: Addresses, response: uuid.UUID | None) -> str:
    if value is None or response is None:
        return f'<span class="{who} heat-none" aria-hidden="true">–</span>'
    return f'<a class="{who} {heat(value)}" href="{responses[response]}">{word}{show(value)}</a>'


def _twin(plan: BarrierMap) -> SafeString:
    return SafeString("".join(_twin_row(i, column, plan) for i, column in reversed(list(enumerate(plan.columns)))))


def _twin_row(index: int, column: Column, plan: BarrierMap) -> str:
    cells = "".join(
        f'<td class="num">{row.cells[index].client_text} / {row.cells[index].clinician_text}</td>' for row in plan.rows
    )
    label = column.title if column.since_then else day_text(column.day)
    return f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>'
