"""What the columns of a file mean for one instrument, and one record read by them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.answers import Answer, Asked, clean_answers, questions_for, split_texts
from assessments.imports.source import OTHER_ENCODINGS, Unreadable, records
from assessments.schema import NOTE_SUFFIX, Definition, Question

CLIENT, DATE, TIME, RELATIONSHIP = "client", "date", "time", "relationship"
OTHER_NAMES: Final = {
    **dict.fromkeys(("code", "client code", "client_code", "client-code"), CLIENT),
    "day": DATE,
}
"""What the first columns may be called as well."""
RATED: Final = frozenset({"choice", "yes_no", "slider"})
"""Questions whose column must be there; the others may be left out."""
SHOWN = 12
"""So many characters of a cell are quoted at most."""
NAMED = 4
"""So many columns are named at most."""

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(:\d{2})?")
_WHOLE = re.compile(r"(-?\d{1,4})\.0+")
_LIST = re.compile(r"[\s,;|]+")
_ASKED = Asked("client", goals={}, focus=None)


class Problem(NamedTuple):
    """What is wrong, at which line and in which column (empty: the whole line)."""

    line: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that the file may have: its name, whether it must be there, and what stands in it."""

    name: str
    needed: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Record:
    """One administration as it stands in the file."""

    line: int
    code: str
    day: date
    clock: time | None
    moment: datetime | None
    """Given with its offset from UTC; else ``day`` and ``clock`` are in the practice's zone."""
    relationship: str
    answers: Mapping[str, Answer]
    texts: Mapping[str, str]


def columns(definition: Definition) -> list[Column]:
    """Every column that a file for this instrument may have, in the template's order."""
    found = [
        Column(CLIENT, True, _("The client's code, such as C-0042.")),
        Column(DATE, True, _("The day, as 2024-03-05. A time may follow: 2024-03-05 14:30.")),
    ]
    for question in questions_for(definition, _ASKED):
        if question.kind != "goals":
            found.append(Column(question.id, question.kind in RATED, _meaning(question)))
    found.append(Column(TIME, False, _("The time, as 14:30, when the date does not tell it.")))
    if definition.asks_relationship:
        found.append(Column(RELATIONSHIP, False, _("Which relationship it was about, in the words the client uses.")))
    notes = [question for question in questions_for(definition, _ASKED) if question.note_id]
    found += [Column(q.note_id or "", False, _("The note to “%(id)s”.") % {"id": q.id}) for q in notes]
    return found


def _meaning(question: Question) -> str:
    if question.minimum is not None:
        bounds = {"low": question.minimum, "high": question.maximum, "text": question.text}
        return _("A whole number from %(low)s to %(high)s, or empty. “%(text)s”") % bounds
    if question.kind == "focus_pick":
        return _("Codes of barriers with spaces between, or empty.")
    if question.kind == "life_events":
        codes = ", ".join(code for code, _label in question.choices)
        return _("Codes with spaces between, or empty: %(codes)s.") % {"codes": codes}
    return _("1 or 0, or empty.") if question.kind == "toggle" else _("Text, or empty.")


@dataclass(frozen=True)
class Plan:
    """How the cells of a record are read. ``names`` are the columns by place."""

    definition: Definition
    names: tuple[str, ...]
    numbers: Mapping[int, tuple[str, Mapping[str, int | None]]] = field(default_factory=dict)
    """By place: answer id, and what each accepted cell means."""
    others: Mapping[int, str] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    """Ids of which several codes may be picked."""
    blank: Mapping[str, None] = field(default_factory=dict)

    @property
    def has_relationship(self) -> bool:
        return RELATIONSHIP in self.names

    def read(self, line: int, cells: Sequence[str]) -> tuple[Record | None, list[Problem]]:
        """The record, or what is wrong with it; none of both for an empty line."""
        if not any(map(str.strip, cells)):
            return None, []
        if len(cells) != len(self.names):
            counts = {"found": len(cells), "wanted": len(self.names)}
            return None, [Problem(line, "", _("%(found)s fields, but the first line names %(wanted)s.") % counts)]
        problems: list[Problem] = []
        given = {name: cells[place].strip() for place, name in enumerate(self.names) if name in _HEAD}
        when = _when(given.get(DATE, ""), given.get(TIME, ""), lambda *what: problems.append(Problem(line, *what)))
        if not given[CLIENT]:
            problems.append(Problem(line, CLIENT, _("The client's code is missing.")))
        answers, texts = self._answers(line, cells, problems)
        if not problems and not texts and all(value is None or value == [] for value in answers.values()):
            problems.append(Problem(line, "", _("Nothing is answered in this line.")))
        if problems or when is None:
            return None, problems
        return Record(line, given[CLIENT], *when, given.get(RELATIONSHIP, ""), answers, texts), []

    def _answers(
        self, line: int, cells: Sequence[str], problems: list[Problem]
    ) -> tuple[dict[str, Answer], dict[str, str]]:
        answers: dict[str, Answer] = dict(self.blank)
        for place, (name, known) in self.numbers.items():
            cell = cells[place].strip()
            if cell not in known and (whole := _WHOLE.fullmatch(cell)):
                cell = whole[1]
            if cell in known:
                value = known[cell]
                if value is not None or name in answers:
                    answers[name] = value
            else:
                problems.append(Problem(line, name, _not_among(cell, known)))
        raw = {name: self._raw(name, cell) for place, name in self.others.items() if (cell := cells[place].strip())}
        if not raw:
            return answers, {}
        clean, errors = clean_answers(self.definition, raw, partial=True, asked=_ASKED)
        problems += [Problem(line, name, text) for name, text in errors.items()]
        values, texts = split_texts(self.definition, clean)
        return {**answers, **values}, {name: text for name, text in texts.items() if text}

    def _raw(self, name: str, cell: str) -> object:
        return [code for code in _LIST.split(cell) if code] if name in self.listed else cell


_HEAD: Final = frozenset({CLIENT, DATE, TIME, RELATIONSHIP})


def read_header(definition: Definition, cells: Sequence[str]) -> tuple[Plan | None, list[Problem]]:
    """The plan of a file by its first line, or which columns are unknown, twice there or missing."""
    names = [_name(cell) for cell in cells]
    known = {column.name: column for column in columns(definition)}
    problems = []
    for place, name in enumerate(names):
        if not name:
            problems.append(Problem(1, "", _("Column %(place)s has no name.") % {"place": place + 1}))
        elif name not in known:
            problems.append(Problem(1, name[:40], _("This column is not known here.")))
        elif name in names[:place]:
            problems.append(Problem(1, name, _("This column is there twice.")))
    missing = [name for name, column in known.items() if column.needed and name not in names]
    problems += [Problem(1, name, _("This column is missing.")) for name in missing]
    return (None if problems else _plan(definition, names)), problems


def beginning(chunks: Iterable[bytes], definition: Definition) -> list[str]:
    """What is wrong with the first lines of a file: no text, or columns that are not those of the measure."""
    first = next(iter(chunks), b"")
    if b"\x00" in first and not first.startswith(OTHER_ENCODINGS):
        return [_("There is a NUL character: this is not a text file.")]
    try:
        _line, names = next(records([first]))
    except Unreadable as error:
        return [error.text]
    except StopIteration:
        return [_("The file is empty.")]
    _plan_of, problems = read_header(definition, names)
    return _of_head(definition, problems)


def _of_head(definition: Definition, problems: Sequence[Problem]) -> list[str]:
    """What is wrong with the first line, each kind once; a file of something else is told as that alone."""
    by_text: dict[str, list[str]] = {}
    for _number, column, text in problems:
        by_text.setdefault(text, []).append(column)
    missing = by_text.pop(_("This column is missing."), [])
    if 2 * len(missing) > sum(column.needed for column in columns(definition)):
        what = {"measure": definition.title, "names": _named(missing)}
        return [_("This does not look like the file for %(measure)s: it has no columns %(names)s.") % what]
    told = [f"{_named(names)}: {text}" if names[0] else text for text, names in by_text.items()]
    if missing:
        words = ngettext("The column %(names)s is missing.", "The columns %(names)s are missing.", len(missing))
        told.append(words % {"names": _named(missing)})
    return told


def _named(names: Sequence[str]) -> str:
    """Names in quotes; of many the first."""
    some = ", ".join(f"“{name}”" for name in names[:NAMED])
    more = len(names) - NAMED
    return some if more < 1 else _("%(names)s and %(count)s more") % {"names": some, "count": more}


def _name(cell: str) -> str:
    name = " ".join(cell.split()).casefold()
    return OTHER_NAMES.get(name, name)


def _plan(definition: Definition, names: list[str]) -> Plan:
    asked = {question.id: question for question in questions_for(definition, _ASKED)}
    numbers, others = {}, {}
    for place, name in enumerate(names):
        question = asked.get(name)
        if question is not None and question.minimum is not None and question.maximum is not None:
            values = range(question.minimum, question.maximum + 1)
            numbers[place] = name, {"": None, **{str(value): value for value in values}}
        elif question is not None or name.endswith(NOTE_SUFFIX):
            others[place] = name
    rated = {item.id for item in definition.items if item.kind == "focus_ratings"}
    return Plan(
        definition=definition,
        names=tuple(names),
        numbers=numbers,
        others=others,
        listed=frozenset(name for name, one in asked.items() if one.kind in ("focus_pick", "life_events")),
        blank={
            name: None for name, one in asked.items() if one.kind not in ("text", "goals") and one.item_id not in rated
        },
    )


def _not_among(cell: str, known: Mapping[str, int | None]) -> str:
    numbers = [value for value in known.values() if value is not None]
    bounds = {"cell": cell[:SHOWN], "low": min(numbers), "high": max(numbers)}
    return _("“%(cell)s” is not a whole number from %(low)s to %(high)s.") % bounds


def _when(day: str, clock: str, wrong: Callable[[str, str], None]) -> tuple[date, time | None, datetime | None] | None:
    """Day, time and moment as they are written; calls ``wrong`` with column and reason."""
    if not day:
        wrong(DATE, _("The date is missing."))
        return None
    try:
        if _DAY.fullmatch(day):
            return (date.fromisoformat(day), _clock(clock) if clock else None, None)
        if clock and _MOMENT.fullmatch(day):
            wrong(TIME, _("The date tells a time already."))
            return None
        if _MOMENT.fullmatch(day):
            at = datetime.fromisoformat(day)
            return (at.date(), at.time(), at if at.tzinfo else None)
    except _NoTime:
        wrong(TIME, _("“%(cell)s” is not a time such as 14:30.") % {"cell": clock[:SHOWN]})
        return None
    except ValueError:
        pass
    wrong(DATE, _("“%(cell)s” is not a day such as 2024-03-05.") % {"cell": day[:SHOWN]})
    return None


class _NoTime(Exception):
    pass


def _clock(text: str) -> time:
    if not (found := _TIME.fullmatch(text)):
        raise _NoTime
    try:
        return time(int(found[1]), int(found[2]), int(found[3][1:]) if found[3] else 0)
    except ValueError:
        raise _NoTime from None
