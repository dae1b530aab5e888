"""The rows of the caseload as ready markup: forty template tags a row cost more than everything that is read for it.

Names, codes and every word go through ``escape``; what else is written are numbers, classes and reversed addresses.
"""

import string
from collections.abc import Sequence
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
from dashboard.cases import Case, CheckIn, Row, Series, slider_names
from reports.charts import sparkline

NOTHING = "–"
PICK_FORM = "several"
"""The form (an element's id) that the boxes of the rows belong to."""


def case_rows(cases: Sequence[Case], *, pick: bool = False) -> SafeString:
    """A table body a case, a row a client; times in the current zone. ``pick``: each row begins with a box."""
    table = _Table(pick, shared_reason(cases))
    return SafeString("".join(table.case(case) for case in cases))


def reasons(cases: Sequence[Case]) -> dict[str, str]:
    """Why there is no verdict, each reason once with the letter that stands for it in the rows; nothing where all rows
    share one reason."""
    if shared_reason(cases):
        return {}
    found = dict.fromkeys(line.reason for line in _changes(cases) if line.reason)
    return dict(zip(found, string.ascii_lowercase, strict=False))


def shared_reason(cases: Sequence[Case]) -> str:
    """Why there is no verdict on any change of burden, where that is one reason for all rows; else empty. It is said
    once, and the rows say nothing."""
    found = {line.reason for line in _changes(cases)}
    return found.pop() if len(found) == 1 else ""


def shared_words(cases: Sequence[Case]) -> str:
    """The shared reason as one sentence about the whole list; empty where there is none."""
    reason = shared_reason(cases)
    why = reason.removeprefix(_("No verdict:")).strip()
    return _("No verdict on any change of burden: %(why)s") % {"why": why} if reason else ""


def _changes(cases: Sequence[Case]) -> list[Series]:
    """The burden of every row that has a change to judge."""
    lines = (row.burden for case in cases for row in case.rows)
    return [line for line in lines if line and line.change is not None]


@lru_cache(maxsize=1024)
def _rounded(value: float, digits: int, _language: str | None) -> str:
    """As the filter writes it, in the current language; few values come again and again."""
    return escape(floatformat(value, digits))


@lru_cache(maxsize=4096)
def _spark(points: str) -> str:
    """The line of a series of 0 to 4; nothing for a series without points. A list is often opened again unchanged."""
    spark = sparkline(points, width=80, height=20)
    if not spark.size:
        return ""
    lines = "".join(f'<polyline class="spark-line" points="{line}"/>' for line in spark.lines)
    end = f'<circle class="spark-end" r="2.5" cx="{spark.last_x}" cy="{spark.last_y}"/>'
    return f'<svg class="spark" viewBox="0 0 80 20" aria-hidden="true" focusable="false">{lines}{end}</svg>'


class _Table:
    """Addresses, words and the zone, made once a page."""

    def __init__(self, pick: bool, shared: str) -> None:
        self.shared = shared
        self.clients, self.flags = Addresses("dashboard:client"), Addresses("dashboard:flag")
        self.zone, self.language = timezone.get_current_timezone(), get_language()
        self.pick = escape(_("Choose %(name)s")) if pick else ""
        cells = {
            "burden": _("Burden"),
            "focus": _("In focus"),
            "checkin": _("Check-in"),
            "work": _("Work"),
            "sessions": _("Sessions"),
        }
        self.cells = {code: f'<td class="cell-{code}" data-label="{escape(words)}">' for code, words in cells.items()}
        self.flag, self.flag_seen, self.new = (
            escape(text) for text in (_("Safety flag"), _("Safety flag, acknowledged"), _("new answers"))
        )
        self.seats = (_("couple with the next"), _("couple with the one above"))
        self.partner, self.cover, self.cover_for = (
            _("couple with %(name)s"),
            _("you cover until %(day)s"),
            _("you cover for %(name)s until %(day)s"),
        )
        self.none_answered, self.none_chosen, self.none_open, self.none_sent = (
            _meta(escape(text))
            for text in (_("not answered yet"), _("none chosen"), _("nothing open"), _("none in this episode"))
        )
        self.open, self.overdue = _("%(n)s open"), _("%(n)s overdue")
        self.no_verdict = _("no verdict (%(letter)s)")
        self.last, self.none_planned = _("last %(day)s"), escape(_("none planned"))
        self.today, self.today_at = timezone.localdate(), _("today %(time)s")
        self.talk = _meta(escape(_("would rather talk")))
        self.sliders = {code: escape(name) for code, name in slider_names().items()}
        self.letters: dict[str, str] = {}
        self.months = [""] + [escape(str(MONTHS_3[month]).title()) for month in range(1, 13)]
        self.weekdays = [escape(str(WEEKDAYS_ABBR[day])) for day in range(7)]

    def case(self, case: Case) -> str:
        seats = self.seats if case.is_couple else ("",)
        rows = "".join(self._row(row, seat) for row, seat in zip(case.rows, seats, strict=True))
        couple = ' class="couple"' if case.is_couple else ""
        return f"<tbody{couple}>{rows}</tbody>\n"

    def _row(self, row: Row, seat: str) -> str:
        alert = ' class="row-alert"' if row.flag and row.flag_is_open else ""
        cells = self.cells
        return (
            f"<tr{alert}>{self._box(row)}{self._who(row, seat)}"
            f"{cells['burden']}{self._burden(row.burden)}</td>{cells['focus']}{self._focus(row.focus)}</td>"
            f"{cells['checkin']}{self._checkin(row.checkin)}</td>{cells['work']}{self._work(row)}</td>"
            f"{cells['sessions']}{self._sessions(row)}</td></tr>\n"
        )

    def _box(self, row: Row) -> str:
        if not self.pick:
            return ""
        label = self.pick % {"name": escape(row.client.full_name)}
        return (
            f'<td class="pick"><input class="form-check-input" type="checkbox" name="client" form="{PICK_FORM}"'
            f' value="{row.client.pk}" aria-label="{label}"></td>'
        )

    def _who(self, row: Row, seat: str) -> str:
        client, pills = row.client, ""
        if row.flag:
            look, words = ("alert", self.flag) if row.flag_is_open else ("quiet", self.flag_seen)
            pills = f' <a class="pill pill-{look}" href="{self.flags[row.flag]}">{words}</a>'
        if row.is_new:
            pills += f' <span class="pill pill-river">{self.new}</span>'
        notes = [client.code]
        if seat or row.partner:
            notes.append(seat or self.partner % {"name": row.partner.client.full_name if row.partner else ""})
        if row.cover:
            until = f"{row.cover.until.day} {self.months[row.cover.until.month]}"
            text = self.cover_for if row.cover.colleague else self.cover
            notes.append(text % {"name": row.cover.colleague, "day": until})
        link = f'<a href="{self.clients[client.pk]}">{escape(client.full_name)}</a>'
        return f'<th scope="row" class="who">{link}{pills} {_meta(escape(" · ".join(notes)))}</th>'

    def _burden(self, burden: Series | None) -> str:
        if burden is None or burden.latest is None:
            return self.none_answered
        words = burden.verdict
        if burden.reason and burden.reason != self.shared:
            letter = self.letters.setdefault(burden.reason, string.ascii_lowercase[len(self.letters) % 26])
            words = self.no_verdict % {"letter": letter}
        verdict = f" {_meta(escape(words), 'verdict')}" if words else ""
        return (
            f'<span class="series"><span class="series-line">{_spark(burden.points)}'
            f'<span class="num">{_rounded(burden.latest, 1, self.language)}</span>'
            f"</span>{_meta(escape(burden.change_words))}{verdict}</span>"
        )

    def _focus(self, focus: list[Series]) -> str:
        if not focus:
            return self.none_chosen
        items = "".join(
            f"<li><span>{escape(one.name)}</span> {_spark(one.points)}"
            f'<span class="num">{NOTHING if one.latest is None else _rounded(one.latest, 0, self.language)}</span></li>'
            for one in focus
        )
        return f'<ul class="focus-list">{items}</ul>'

    def _checkin(self, checkin: CheckIn | None) -> str:
        if checkin is None:
            return self.none_sent
        day = self._day(checkin.at)
        if checkin.rather_talk:
            return f"{day} {self.talk}"
        values = " · ".join(
            f"{self.sliders[code]} {_rounded(value, -1, self.language)}" for code, value in checkin.values
        )
        return f"{day} {_meta(values)}" if values else day

    def _work(self, row: Row) -> str:
        if not row.open:
            return self.none_open
        text = escape(self.open % {"n": row.open})
        if not row.overdue:
            return text
        return f'{text} <span class="pill pill-larch">{escape(self.overdue % {"n": row.overdue})}</span>'

    def _sessions(self, row: Row) -> str:
        last = escape(self.last % {"day": self._day(row.last_session) if row.last_session else NOTHING})
        if row.next_session is None:
            return f"{_meta(self.none_planned)} {_meta(last)}"
        here = row.next_session.astimezone(self.zone)
        day = f"{self.weekdays[here.weekday()]} {here.day} {self.months[here.month]} {here:%H:%M}"
        if here.date() == self.today:
            day = escape(self.today_at % {"time": f"{here:%H:%M}"})
        return f'<span class="when">{day}</span> {_meta(last)}'

    def _day(self, at: datetime) -> str:
        here = at.astimezone(self.zone)
        return f"{here.day} {self.months[here.month]} {here.year}"


def _meta(markup: str, more: str = "") -> str:
    return f'<span class="row-meta{" " + more if more else ""}">{markup}</span>'
