"""One page of the caseload: what was chosen of the rows, in the chosen order, from a key on."""

import base64
import binascii
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from clients.models import Client
from dashboard import choice as codes
from dashboard.cases import Case, Page, Person, Row
from dashboard.choice import Choice
from dashboard.queries import caseload_rows
from practice.models import Practice

PAGE = 50


def page(rows: list[Row], choice: Choice, *, practice: Practice, search: str = "", after: str = "") -> Page:
    """One page of what was chosen. ``after`` is a page key from an earlier page; a bad one gives the first page."""
    ordered = arranged(rows, choice, practice=practice)
    found = chosen(ordered, choice, search)
    places = {row.client.pk: place for place, row in enumerate(ordered)}
    cases = _cases(found)
    later = _later(cases, places, after)
    shown = _fitting(later)
    more = len(later) > len(shown)
    result = Page(shown, page_key(shown[-1].rows[0].client) if more else "", len(later) < len(cases), len(found))
    caseload_rows.fill(result.rows, practice)
    return result


def whole(rows: list[Row], choice: Choice, *, practice: Practice, search: str = "") -> list[Row]:
    """All of what was chosen, filled, in the order in which its pages show it."""
    cases = _cases(chosen(arranged(rows, choice, practice=practice), choice, search))
    found = [row for case in cases for row in case.rows]
    caseload_rows.fill(found, practice)
    return found


def arranged(rows: list[Row], choice: Choice, *, practice: Practice) -> list[Row]:
    """Every row in the chosen order, with what the order and the filters need."""
    if choice.sort in (codes.BURDEN, codes.CHANGE):
        caseload_rows.burden(rows, practice)
    if choice.barrier:
        caseload_rows.focus(rows, practice)
    if choice.sort == codes.NAME:
        return rows[::-1] if choice.backwards else rows
    value = _VALUES[choice.sort]
    known = [row for row in rows if value(row) is not None]
    known.sort(key=value, reverse=choice.backwards is not (choice.sort in _HIGHEST_FIRST))
    return known + [row for row in rows if value(row) is None]


def _change(row: Row) -> float | None:
    return row.burden.change if row.burden else None


_VALUES: dict[str, Any] = {
    codes.NEXT: lambda row: row.next_session,
    codes.LAST: lambda row: row.last_session,
    codes.LATE: lambda row: row.overdue or None,
    codes.BURDEN: lambda row: row.burden.latest if row.burden else None,
    codes.CHANGE: _change,
}
"""What a row is sorted by; rows without it come last in either direction."""
_HIGHEST_FIRST = (codes.LATE, codes.BURDEN, codes.CHANGE)

_SHOWN: dict[str, Any] = {
    codes.OVERDUE: lambda row: row.overdue,
    codes.FLAG: lambda row: row.flag,
    codes.NEW: lambda row: row.is_new,
    codes.COUPLE: lambda row: row.couple,
    codes.BOOKED: lambda row: row.next_session,
    codes.UNBOOKED: lambda row: not row.next_session,
    codes.COVERED: lambda row: row.cover,
    codes.TODAY: lambda row: row.today,
}


def chosen(rows: Iterable[Row], choice: Choice, search: str = "") -> list[Row]:
    """The rows that are all that was chosen, and whose names or code hold every word that is searched for."""
    words = codes.plain(search).split()
    wanted = [_SHOWN[code] for code in choice.shows]
    return [
        row
        for row in rows
        if all(test(row) for test in wanted)
        and (not choice.barrier or any(one.opaque == choice.barrier for one in row.focus))
        and row.client.is_called(words)
    ]


def _cases(rows: Sequence[Row]) -> list[Case]:
    """Partners who are both among these rows stand together, at the first one's place."""
    here = {row.client.pk for row in rows}
    seen: set[uuid.UUID] = set()
    cases = []
    for row in rows:
        if row.client.pk in seen:
            continue
        partner = row.partner if row.partner and row.partner.client.pk in here else None
        cases.append(Case((row, partner)) if partner else Case((row,)))
        if partner:
            seen.add(partner.client.pk)
    return cases


def _fitting(cases: list[Case]) -> list[Case]:
    """As many cases as make up to ``PAGE`` rows; a couple, which has two, is never parted."""
    rows = 0
    for place, case in enumerate(cases):
        rows += len(case.rows)
        if rows > PAGE:
            return cases[: max(place, 1)]
    return cases


def page_key(client: Person | Client) -> str:
    """The opaque key of the page after this client: its id only, never a name."""
    return base64.urlsafe_b64encode(client.pk.bytes).decode().rstrip("=")


def key_of(key: str) -> uuid.UUID | None:
    """The client whose key it is; none for any other text."""
    try:
        return uuid.UUID(bytes=base64.urlsafe_b64decode(key + "=="))
    except (ValueError, binascii.Error):
        return None


def _later(cases: list[Case], places: dict[uuid.UUID, int], key: str) -> list[Case]:
    """Those that follow the one whose key it is; all of them for any other key. It is looked up among these clients
    only: the place of somebody else's client must not show in whose names follow."""
    anchor = key_of(key)
    place = places.get(anchor) if anchor else None
    return cases if place is None else [case for case in cases if places[case.rows[0].client.pk] > place]
