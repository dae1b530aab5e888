"""The rows of the caseload as ready markup: forty template tags a row cost more than everything that is read for it.

Names, codes and every word go through ``escape``; what else is written are numbers, classes and reversed addresses.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from html import escape

from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboard.addresses import Addresses
from dashboard.queries.caseload import Case, Row, Series
from reports.charts import sparkline

NOTHING = "–"


def case_rows(cases: Iterable[Case]) -> SafeString:
    """A table body a case, a row a client; times in the current zone."""
    table = _Table()
    return SafeString("".join(table.case(case) for case in cases))


@lru_cache(maxsize=1024)
def _rounded(value: float, digits: int, _language: str | None) -> str:
    """As the filter writes it, in the current language; few values come again and again."""
    return escape(floatformat(value, digits))


class _Table:
    """Addresses, words and the zone, made once a page."""

    def __init__(self) -> None:
        self.clients, self.flags = Addresses("dashboard:client"), Addresses("dashboard:flag")
        self.zone, self.language = timezone.get_current_timezone(), get_language()
        self.burden, self.focus, self.work = (
            f'<td data-label="{escape(label)}">' for label in (_("Burden"), _("In focus"), _("Work"))
        )
        self.last, self.next = (
            f'<td class="when" data-label="{escape(label)}">' for label in (_("Last session"), _("Next session"))
        )
        self.flag = escape(_("Safety flag"))
        self.seats = (escape(_("couple with the next")), escape(_("couple with the one above")))
        self.none_answered, self.none_chosen, self.none_open = (
            _meta(escape(text)) for text in (_("not answered yet"), _("none chosen"), _("nothing open"))
        )
        self.open, self.overdue = _("%(n)s open"), _("%(n)s overdue")
        self.months = [""] + [escape(str(MONTHS_3[month]).title()) for month in range(1, 13)]
        self.weekdays = [escape(str(WEEKDAYS_ABBR[day])) for day in range(7)]

    def case(self, case: Case) -> str:
        couple = ' class="couple"' if case.is_couple else ""
        seats = self.seats if case.is_couple else ("",)
        rows = "".join(self._row(row, seat) for row, seat in zip(case.rows, seats, strict=True))
        return f"<tbody{couple}>{rows}</tbody>\n"

    def _row(self, row: Row, seat: str) -> str:
        alert = ' class="row-alert"' if row.flag else ""
        return (
            f"<tr{alert}>{self._who(row, seat)}"
            f"{self.burden}{self._burden(row.burden)}</td>{self.focus}{self._focus(row.focus)}</td>"
            f"{self.work}{self._work(row)}</td>{self.last}{self._last(row.last_session)}</td>"
            f"{self.next}{self._next(row.next_session)}</td></tr>\n"
        )

    def _who(self, row: Row, seat: str) -> str:
        client = row.client
        flag = f' <a class="pill pill-alert" href="{self.flags[row.flag]}">{self.flag}</a>' if row.flag else ""
        code = f"{escape(client.code)} · {seat}" if seat else escape(client.code)
        name = escape(client.full_name)
        return f'<th scope="row" class="who"><a href="{self.clients[client.pk]}">{name}</a>{flag} {_meta(code)}</th>'

    def _burden(self, burden: Series | None) -> str:
        if burden is None or burden.latest is None:
            return self.none_answered
        spark = sparkline(burden.points, width=80, height=20)
        lines = "".join(f'<polyline class="spark-line" points="{line}"/>' for line in spark.lines)
        end = f'<circle class="spark-end" r="2.5" cx="{spark.last_x}" cy="{spark.last_y}"/>'
        return (
            '<span class="series"><span class="series-line"><svg class="spark" viewBox="0 0 80 20" aria-hidden="true"'
            f' focusable="false">{lines}{end}</svg><span class="num">{_rounded(burden.latest, 1, self.language)}</span>'
            f"</span>{_meta(escape(burden.change_words))}</span>"
        )

    def _focus(self, focus: list[Series]) -> str:
        if not focus:
            return self.none_chosen
        items = "".join(
            f'<li><span>{escape(one.name)}</span> <span class="num">'
            f"{NOTHING if one.latest is None else _rounded(one.latest, 0, self.language)}</span></li>"
            for one in focus
        )
        return f'<ul class="focus-list">{items}</ul>'

    def _work(self, row: Row) -> str:
        if not row.open:
            return self.none_open
        text = escape(self.open % {"n": row.open})
        if not row.overdue:
            return text
        return f'{text} <span class="pill pill-larch">{escape(self.overdue % {"n": row.overdue})}</span>'

    def _last(self, at: datetime | None) -> str:
        if at is None:
            return NOTHING
        here = at.astimezone(self.zone)
        return f"{here.day} {self.months[here.month]} {here.year}"

    def _next(self, at: datetime | None) -> str:
        if at is None:
            return NOTHING
        here = at.astimezone(self.zone)
        day = f"{self.weekdays[here.weekday()]} {here.day} {self.months[here.month]}"
        return f"{day} {_meta(f'{here:%H:%M}')}"


def _meta(markup: str) -> str:
    return f'<span class="row-meta">{markup}</span>'
