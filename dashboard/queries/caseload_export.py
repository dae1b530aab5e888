"""The caseload as a table of plain values for CSV and workbooks: what the page shows, of the whole list."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from clients.barriers import MAX_FOCUS
from dashboard.cases import Row, slider_names
from dashboard.queries.caseload_rows import SLIDERS
from dashboard.queries.closed import Entry
from practice.models import Practice
from practice.spreadsheets import Cell, Table


def table(rows: Iterable[Row], practice: Practice) -> Table:
    """One line a client of those in care."""
    return Table(_("Clients"), _heads(), [_line(row, practice) for row in rows])


def _heads() -> list[str]:
    names = slider_names()
    focus = [
        text % {"n": place}
        for place in range(1, MAX_FOCUS + 1)
        for text in (_("In focus %(n)s"), _("In focus %(n)s: latest, 0 to 4"), _("In focus %(n)s: change"))
    ]
    return [
        *(_("Name"), _("Code"), _("Couple with"), _("Safety flag"), _("New answers")),
        *(_("Burden, 0 to 4"), _("Burden: change since the start"), _("Burden: answers"), _("Burden: verdict")),
        *focus,
        *(_("Last check-in"), _("Would rather talk")),
        *(_("Check-in, 0 to 10: %(name)s") % {"name": names[code]} for code in SLIDERS),
        *(_("Open"), _("Overdue"), _("Last session"), _("Next session"), _("You cover until")),
    ]


def _line(row: Row, practice: Practice) -> list[Cell]:
    burden, checkin = row.burden, row.checkin
    focus: list[Cell] = []
    for one in row.focus[:MAX_FOCUS]:
        focus += [one.name, _number(one.latest), _number(one.change)]
    focus += [None] * (3 * MAX_FOCUS - len(focus))
    values = dict(checkin.values) if checkin else {}
    return [
        *(row.client.full_name, row.client.code, row.partner.client.full_name if row.partner else None),
        *(_flag(row), _yes(row.is_new)),
        *((_number(burden.latest), _number(burden.change), burden.count) if burden else (None, None, None)),
        (burden.verdict or burden.reason) if burden else None,
        *focus,
        *(_local(checkin.at if checkin else None, practice), _yes(checkin is not None and checkin.rather_talk)),
        *(values.get(code) for code in SLIDERS),
        *(row.open, row.overdue, _local(row.last_session, practice), _local(row.next_session, practice)),
        row.cover.until if row.cover else None,
    ]


def closed_table(entries: Iterable[Entry], practice: Practice) -> Table:
    """One line a client of the lists with discharged clients."""
    heads = [
        *(_("Name"), _("Code"), _("Status"), _("Episode from"), _("Episode until"), _("Last session")),
        _("Safety flag"),
    ]
    lines: list[list[Cell]] = [
        [
            *(one.client.full_name, one.client.code, one.status_words, one.since, one.until),
            *(_local(one.last_session, practice), _yes(one.flag is not None)),
        ]
        for one in entries
    ]
    return Table(_("Clients"), heads, lines)


def _flag(row: Row) -> str | None:
    if row.flag is None:
        return None
    return _("not acknowledged") if row.flag_is_open else _("acknowledged")


def _yes(value: bool) -> str | None:
    return _("yes") if value else None


def _number(value: float | None) -> float | None:
    """With two decimals at most, as the record shows a change; never "-0"."""
    return None if value is None else round(value, 2) + 0.0


def _local(at: datetime | None, practice: Practice) -> datetime | None:
    """In the practice's zone, naive: a spreadsheet knows no zones."""
    return at.astimezone(practice.zone).replace(tzinfo=None) if at else None
