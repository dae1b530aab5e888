"""What the caseload shows, as plain rows: clients, partners side by side, series, check-ins. Nothing is read here."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from dashboard.choice import matches, plain


@dataclass(slots=True)
class Series:
    """The latest value of a scale, its change since this episode's baseline, and its points as in ``Trajectory``.

    ``…_version`` is the measure's version on which that was answered. ``verdict`` says whether the change is more
    than chance, ``reason`` why nothing is said; both may be empty.
    """

    name: str
    latest: float | None = None
    change: float | None = None
    count: int = 0
    points: str = ""
    opaque: str = ""
    baseline: float | None = None
    baseline_version: uuid.UUID | None = None
    latest_version: uuid.UUID | None = None
    verdict: str = ""
    reason: str = ""

    @property
    def change_words(self) -> str:
        """The raw change since the baseline, or why there is none."""
        if self.change is None:
            return _("first answer")
        if round(self.change, 1) == 0:
            return _("as at the start (%(n)d answers)") % {"n": self.count}
        text = _("%(change)s since the start (%(n)d answers)")
        return text % {"change": signed(self.change), "n": self.count}


def signed(change: float) -> str:
    """With its sign and one decimal."""
    return f"{change:+.1f}".replace("-", "−")


def slider_names() -> dict[str, str]:
    """The five sliders of a check-in in one word each."""
    return {
        "connected": _("connected"),
        "myself": _("myself"),
        "heard": _("heard"),
        "at-ease": _("at ease"),
        "hopeful": _("hopeful"),
    }


@dataclass(frozen=True, slots=True)
class CheckIn:
    """The latest check-in of the episode: when, whether the client would rather talk, the sliders by name."""

    at: datetime
    rather_talk: bool
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Person:
    """What is read of a client."""

    pk: uuid.UUID
    code: str
    first_name: str
    last_name: str
    called: str

    @property
    def full_name(self) -> str:
        return f"{self.called or self.first_name} {self.last_name}"

    @property
    def order(self) -> tuple[str, str, uuid.UUID]:
        """By name; case and accents do not matter."""
        return plain(self.last_name), plain(self.first_name), self.pk

    def is_called(self, words: Sequence[str]) -> bool:
        """Whether every one of these words (already plain) stands in a name or in the code."""
        return not words or matches(words, self.called, self.first_name, self.last_name, self.code)


@dataclass(frozen=True, slots=True)
class Cover:
    """That the reader stands in for a colleague (whose name is known where it is a leave) until a day."""

    until: date
    colleague: str


@dataclass(slots=True)
class Row:
    """What one line of the caseload shows of one client.

    ``about``: which relationship the measures are about now. ``sent_at``: the client's latest answers; ``is_new``: they
    came after the last session held and after the reader last read answers of the record. ``next_session``: planned,
    from the start of today on. ``partner`` is the other one of a couple in the same care. ``has_…``: that it was read.
    """

    client: Person
    about: uuid.UUID
    couple: uuid.UUID | None = None
    partner: "Row | None" = None
    cover: Cover | None = None
    last_session: datetime | None = None
    next_session: datetime | None = None
    sent_at: datetime | None = None
    is_new: bool = False
    today: bool = False
    open: int = 0
    overdue: int = 0
    overdue_since: date | None = None
    flag: uuid.UUID | None = None
    flag_is_open: bool = False
    has_burden: bool = False
    burden: Series | None = None
    has_focus: bool = False
    focus: list[Series] = field(default_factory=list)
    checkin: CheckIn | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One client, or two partners of a couple who are both in this list."""

    rows: tuple[Row, ...]

    @property
    def is_couple(self) -> bool:
        return len(self.rows) == 2


@dataclass(frozen=True, slots=True)
class Page:
    """One page of cases. ``after`` is the key of the next one; ``count`` counts the clients of the whole list."""

    cases: list[Case]
    after: str
    is_later: bool
    count: int = 0

    @property
    def rows(self) -> list[Row]:
        return [row for case in self.cases for row in case.rows]
