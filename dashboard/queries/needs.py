"""The strip on top of the caseload: who needs this clinician now, each in one tap. Made of what was read anyway."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import choice as codes
from dashboard.cases import Row
from dashboard.choice import Choice
from dashboard.queries.alerts import Alerts, Appointment, Flag

MOST = 5
"""So many are named in each group; the rest is one tap away."""
MOST_FLAGS = 20


@dataclass(frozen=True, slots=True)
class Item:
    """One client (or couple) with what is there to do, and where."""

    url: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one kind. ``more`` are not named; ``more_url`` lists all of them."""

    code: str
    title: str
    icon: str
    items: list[Item]
    more: int
    more_url: str

    @property
    def count(self) -> int:
        return len(self.items) + self.more


def needs(rows: Sequence[Row], alerts: Alerts) -> list[Group]:
    """The groups that hold anybody, the most urgent first."""
    new = sorted((row for row in rows if row.is_new and row.sent_at), key=lambda row: _sent(row), reverse=True)
    late = sorted((row for row in rows if row.overdue_since), key=lambda row: (row.overdue_since, -row.overdue))
    groups = [
        _group("flags", _("Safety flags"), "flag", codes.FLAG, map(_flag, alerts.open_flags), MOST_FLAGS, tab="c"),
        _group("today", _("Sessions today"), "calendar", codes.TODAY, map(_session, alerts.today), 2 * MOST),
        _group("new", _("New answers"), "note", codes.NEW, map(_new, new)),
        _group("overdue", _("Overdue work"), "clock", codes.OVERDUE, map(_late, late)),
        _group("unrecorded", _("Did it take place?"), "event", "", map(_unrecorded, alerts.unrecorded)),
        *_covers(rows),
    ]
    return [group for group in groups if group.items]


def _group(
    code: str, title: str, icon: str, show: str, items: Iterable[Item], most: int = MOST, tab: str = codes.IN_CARE
) -> Group:
    every = list(items)
    choice = Choice(tab=tab, shows=(show,) if show else ())
    more_url = reverse("dashboard:caseload") + choice.query()
    return Group(code, title, icon, every[:most], max(len(every) - most, 0), more_url)


def _flag(flag: Flag) -> Item:
    when = _("raised %(when)s, not yet acknowledged") % {"when": _moment(flag.raised_at)}
    return Item(reverse("dashboard:flag", args=[flag.id]), flag.name, when)


def _session(one: Appointment) -> Item:
    note = _clock(one.starts_at) if one.is_planned else _("%(time)s, held") % {"time": _clock(one.starts_at)}
    return Item(_session_url(one), _names(one), note)


def _unrecorded(one: Appointment) -> Item:
    return Item(_session_url(one), _names(one), _("session of %(when)s") % {"when": _moment(one.starts_at)})


def _session_url(one: Appointment) -> str:
    return reverse("dashboard:session", args=[one.client_id, one.id])


def _names(one: Appointment) -> str:
    return _(" and ").join(one.names)


def _new(row: Row) -> Item:
    note = _("sent %(when)s") % {"when": _moment(_sent(row))}
    return Item(reverse("dashboard:client", args=[row.client.pk]), row.client.full_name, note)


def _sent(row: Row) -> datetime:
    assert row.sent_at
    return row.sent_at


def _late(row: Row) -> Item:
    since = date_format(row.overdue_since, "j M") if row.overdue_since else ""
    note = ngettext("%(n)s overdue, due %(day)s", "%(n)s overdue, the first due %(day)s", row.overdue)
    url = reverse("dashboard:client", args=[row.client.pk])
    return Item(url, row.client.full_name, note % {"n": row.overdue, "day": since})


def _covers(rows: Sequence[Row]) -> list[Group]:
    """A group for each colleague the reader stands in for."""
    covered: dict[Any, list[Row]] = {}
    for row in rows:
        if row.cover:
            covered.setdefault((row.cover.until, row.cover.colleague), []).append(row)
    groups = []
    for (until, colleague), held in sorted(covered.items(), key=lambda pair: pair[0]):
        words = {"name": colleague, "day": date_format(until, "j M")}
        title = _("You cover for %(name)s until %(day)s") if colleague else _("You cover until %(day)s")
        groups.append(_group("cover", title % words, "people", codes.COVERED, map(_covered, held)))
    return groups


def _covered(row: Row) -> Item:
    note = _("next session %(when)s") % {"when": _moment(row.next_session)} if row.next_session else ""
    return Item(reverse("dashboard:client", args=[row.client.pk]), row.client.full_name, note)


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j M, H:i")


def _clock(at: datetime) -> str:
    return date_format(timezone.localtime(at), "H:i")
