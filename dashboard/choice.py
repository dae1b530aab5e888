"""Which clients of the caseload are shown and in which order: opaque codes of the address, read strictly.

The address says nothing about a client (``?f=1&b=b07&o=2``); an unknown code is left out. What is searched for is a
name and stands in the session, never in an address: ``n=1`` says only that there is one. Pure: the rows are read
elsewhere.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.barriers import BY_OPAQUE

IN_CARE, DISCHARGED, EVERYBODY = "a", "b", "c"
TABS: dict[str, Promise] = {IN_CARE: _("In care"), DISCHARGED: _("Discharged"), EVERYBODY: _("All")}

OVERDUE, FLAG, NEW, COUPLE, BOOKED, UNBOOKED, COVERED, TODAY = "12345678"
SHOWS: dict[str, Promise] = {
    NEW: _("New answers"),
    OVERDUE: _("Overdue work"),
    FLAG: _("Safety flag"),
    TODAY: _("Session today"),
    BOOKED: _("Next session planned"),
    UNBOOKED: _("No session planned"),
    COUPLE: _("In a couple"),
    COVERED: _("I cover"),
}
"""What a list can be narrowed to, in the order in which it is offered."""

NAME, NEXT, LAST, LATE, BURDEN, CHANGE = "123456"
SORTS: dict[str, Promise] = {
    NAME: _("Name"),
    NEXT: _("Next session, soonest first"),
    LAST: _("Last session, longest ago first"),
    LATE: _("Overdue, most first"),
    BURDEN: _("Burden, highest first"),
    CHANGE: _("Change, largest rise first"),
}
CLOSED_SORTS = (NAME, LAST)
"""What the lists with discharged clients can be sorted by."""
CLOSED_SHOWS = (FLAG,)


@dataclass(frozen=True, slots=True)
class Choice:
    """One list: its tab, what it is narrowed to, its order. ``backwards`` turns the order round; ``named``: that what
    is searched for counts. Without it, as from the menu, the list begins anew."""

    tab: str = IN_CARE
    shows: tuple[str, ...] = ()
    barrier: str = ""
    sort: str = NAME
    backwards: bool = False
    named: bool = False

    @classmethod
    def read(cls, data: QueryDict) -> "Choice":
        """From the address or a posted form; what is unknown, or means nothing on this tab, is left out."""
        tab = data.get("s", IN_CARE)
        tab = tab if tab in TABS else IN_CARE
        known, sorts = (SHOWS, SORTS) if tab == IN_CARE else (CLOSED_SHOWS, CLOSED_SORTS)
        asked, barrier, sort = set(data.getlist("f")), data.get("b", ""), data.get("o", NAME)
        return cls(
            tab=tab,
            shows=tuple(code for code in known if code in asked),
            barrier=barrier if tab == IN_CARE and barrier in BY_OPAQUE else "",
            sort=sort if sort in sorts else NAME,
            backwards=data.get("d") == "1",
            named=data.get("n") == "1",
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab and the order was chosen."""
        return bool(self.shows or self.barrier)

    @property
    def touched(self) -> bool:
        """Whether anything but the tab was chosen."""
        return self.narrowed or self.sort != NAME or self.backwards

    def pairs(self) -> list[tuple[str, str]]:
        """Names and codes as they stand in the address or in hidden fields; what is usual is left out."""
        pairs = [("s", self.tab)] if self.tab != IN_CARE else []
        pairs += [("f", code) for code in self.shows]
        pairs += [("b", self.barrier)] if self.barrier else []
        pairs += [("o", self.sort)] if self.sort != NAME else []
        pairs += [("d", "1")] if self.backwards else []
        return pairs + ([("n", "1")] if self.named else [])

    def query(self, **more: str) -> str:
        """The address's query with these codes, empty where all is usual."""
        pairs = [*self.pairs(), *((name, value) for name, value in more.items() if value)]
        return f"?{urlencode(pairs)}" if pairs else ""

    def only(self, show: str) -> "Choice":
        """The usual list narrowed to one thing: where "and 7 more" leads."""
        return Choice(shows=(show,))

    def chips(self) -> list[dict[str, Any]]:
        """Each filter with its words, and the query without it."""
        found = [
            {
                "label": SHOWS[code],
                "query": replace(self, shows=tuple(one for one in self.shows if one != code)).query(),
            }
            for code in self.shows
        ]
        if self.barrier:
            label = _("In focus: %(name)s") % {"name": BY_OPAQUE[self.barrier].name}
            found.append({"label": label, "query": replace(self, barrier="").query()})
        return found


_FOLDED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "’": "'"})
"""Letters that are no accented form of another one, as people type them who lack the key."""


def plain(text: str) -> str:
    """The text without case and accents, so that "Zoë" is found as "zoe": the same on every database."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text).casefold().translate(_FOLDED)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def matches(words: Iterable[str], *names: str) -> bool:
    """Whether each of these words (already plain) stands somewhere in the names."""
    text = plain(" ".join(names))
    return all(word in text for word in words)
