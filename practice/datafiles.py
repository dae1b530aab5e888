"""Reading the definition files (instruments, exercises): strict YAML in, a pydantic model or a list of problems out.

The files are written by people, so every fault is named with file, line, path and reason, and as many as possible at
once. What YAML offers beyond plain mappings, lists and strings is refused: aliases, anchors, tags, several documents.
Every scalar is read as a string (``no`` stays the word "no"); the model turns it into a number or a boolean.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

MAX_BYTES = 256 * 1024
"""A definition file is at most this long (bytes of UTF-8)."""
MAX_DEPTH = 12
"""Mappings and lists inside each other, the outermost counted."""

PathPart = str | int
Path = tuple[PathPart, ...]
LineOf = Callable[[Sequence[PathPart]], int]
Model = TypeVar("Model", bound=BaseModel)

_REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "model_type": "should be a mapping of keys to values",
    "model_attributes_type": "should be a mapping of keys to values",
    "dict_type": "should be a mapping of keys to values",
    "list_type": "should be a list",
    "tuple_type": "should be a list",
    "string_type": "should be text",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "bool_type": "should be yes or no",
    "bool_parsing": "should be yes or no",
}


@dataclass(frozen=True)
class Problem:
    """One fault of a data file. ``line`` counts from 1; 0 means that there are no lines (data read back from JSON)."""

    file: str
    line: int
    path: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.path}: {self.reason}" if self.path else f"{where}: {self.reason}"


class DataFileInvalid(Exception):
    """A data file was refused; ``problems`` holds every fault found, in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: Sequence[PathPart]) -> str:
    """A path as people read it: ``items[2].text`` (positions count from 0, as in the data)."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def no_lines(_path: Sequence[PathPart]) -> int:
    """The ``line_of`` of data that never had lines (JSON from the database)."""
    return 0


def read_yaml(text: str | bytes, file: str) -> tuple[Any, LineOf]:
    """Read one YAML document of plain mappings, lists and strings.

    Returns the data (``dict``, ``list``, ``str`` only) and ``line_of(path)``: the line where the value at ``path`` is
    written, or the nearest enclosing one that is known (a missing key gives the line of its parent).
    Raises DataFileInvalid: over 256 kB, not UTF-8, NUL or other control characters, a syntax error, nesting deeper than
    12, aliases, anchors, tags, a second document, keys that are no words, and duplicate keys (all of these at once).
    """
    decoded = _decoded(text, file)
    reader = _Reader(file)
    try:
        loader: Any = yaml.SafeLoader(decoded)
        try:
            data = reader.document(loader)
        finally:
            loader.dispose()
    except yaml.reader.ReaderError as error:
        line = decoded.count("\n", 0, error.position) + 1
        reason = f"holds a character that is not allowed: U+{int(error.character):04X}"
        raise DataFileInvalid([Problem(file, line, "", reason)]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"is not readable YAML: {error.problem or error.context}"
        raise DataFileInvalid([Problem(file, mark.line + 1 if mark else 1, "", reason)]) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # an escape beyond Unicode ends in chr()
        raise DataFileInvalid([Problem(file, 1, "", f"is not readable YAML: {error}")]) from None
    if reader.problems:
        raise DataFileInvalid(sorted(reader.problems, key=lambda problem: problem.line))
    return data, reader.line_of


def validate(model_cls: type[Model], data: Any, line_of: LineOf, file: str) -> Model:
    """``data`` as a ``model_cls``, or DataFileInvalid with each of pydantic's errors as a Problem with its line."""
    try:
        return model_cls.model_validate(data)
    except ValidationError as error:
        problems = {
            Problem(file, line_of(path), dotted(path), reason): None
            for detail in _told(error.errors(include_url=False, include_input=False))
            for path, reason in _faults_of(detail)
        }
    raise DataFileInvalid(sorted(problems, key=lambda problem: problem.line))


def faults(found: Sequence[tuple[Path, str]]) -> PydanticCustomError:
    """An error to raise in a model validator: several faults at once, each at a path below that model.

    >>> raise faults([(("items", 3, "text"), "reads at grade 9.1")])  # doctest: +SKIP
    """
    return PydanticCustomError(
        "faults", "{summary}", {"summary": "; ".join(f"{dotted(p)}: {r}" for p, r in found), "found": list(found)}
    )


def _told(details: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """The errors worth telling: a list is counted without its faulty entries, so "too short" is no news beside them."""
    for detail in details:
        place = detail["loc"]
        below = any(other["loc"][: len(place)] == place and len(other["loc"]) > len(place) for other in details)
        if detail["type"] != "too_short" or not below:
            yield detail


def _faults_of(detail: ErrorDetails) -> Iterator[tuple[Path, str]]:
    place, kind = tuple(detail["loc"]), detail["type"]
    if kind == "faults":
        for below, reason in detail["ctx"]["found"]:
            yield (*place, *below), reason
        return
    if kind == "too_short":  # of a list; a string has kinds of its own
        reason = f"needs at least {detail['ctx']['min_length']} entries, has {detail['ctx']['actual_length']}"
    elif kind == "too_long":
        reason = f"takes at most {detail['ctx']['max_length']} entries, has {detail['ctx']['actual_length']}"
    else:
        reason = _REASONS.get(kind) or detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    yield place, reason


def _decoded(text: str | bytes, file: str) -> str:
    """The text, its size and encoding checked."""
    try:
        raw = text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError:
        raise DataFileInvalid([Problem(file, 1, "", "holds half of a surrogate pair, so it is not UTF-8")]) from None
    if len(raw) > MAX_BYTES:
        raise DataFileInvalid([Problem(file, 1, "", f"is {len(raw)} bytes long; at most {MAX_BYTES} are read")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataFileInvalid([Problem(file, line, "", "is not UTF-8")]) from None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Reader:
    """Builds data from YAML events (never recursing deeper than MAX_DEPTH), noting lines and what is refused.

    ``loader`` is a yaml.SafeLoader, whose event methods carry no types.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def line_of(self, path: Sequence[PathPart]) -> int:
        known: Path = ()
        for part in path:  # a part the data does not have (a missing key, a union's tag) is passed over
            if (*known, part) in self.lines:
                known = (*known, part)
        return self.lines.get(known, 1)

    def document(self, loader: Any) -> Any:
        loader.get_event()  # stream start
        if loader.check_event(yaml.StreamEndEvent):
            raise DataFileInvalid([Problem(self.file, 1, "", "is empty")])
        loader.get_event()  # document start
        data = self._node(loader, (), None, 0)
        loader.get_event()  # document end
        if not loader.check_event(yaml.StreamEndEvent):
            self._refuse(loader.get_event(), (), "holds a second document")
        return data

    def _refuse(self, event: yaml.Event, path: Path, reason: str) -> None:
        self.problems.append(Problem(self.file, _line(event), dotted(path), reason))

    def _stop(self, event: yaml.Event, path: Path, reason: str) -> NoReturn:
        """Refuse what cannot be read past."""
        self._refuse(event, path, reason)
        raise DataFileInvalid(self.problems)

    def _node(self, loader: Any, path: Path, line: int | None, depth: int) -> Any:
        event = loader.get_event()
        self.lines.setdefault(path, line or _line(event))
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, path, f"an alias (*{event.anchor}) is not allowed: write the value out")
            return ""
        if event.anchor is not None:
            self._refuse(event, path, f"an anchor (&{event.anchor}) is not allowed")
        if event.tag is not None:
            self._refuse(event, path, f"a tag ({event.tag}) is not allowed")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if depth >= MAX_DEPTH:
            self._stop(event, path, f"is nested deeper than {MAX_DEPTH}")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(loader, path, depth)
        return self._mapping(loader, path, depth)

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> str:
        value: str = event.value
        if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):  # written as an escape: "\0"
            self._refuse(event, path, "holds NUL or half of a surrogate pair")
        return value

    def _sequence(self, loader: Any, path: Path, depth: int) -> list[Any]:
        values: list[Any] = []
        while not loader.check_event(yaml.SequenceEndEvent):
            values.append(self._node(loader, (*path, len(values)), None, depth + 1))
        loader.get_event()
        return values

    def _mapping(self, loader: Any, path: Path, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not loader.check_event(yaml.MappingEndEvent):
            event = loader.peek_event()
            if not isinstance(event, yaml.ScalarEvent):
                self._stop(event, path, "a key should be a word")
            key = self._key(loader.get_event(), path)
            value = self._node(loader, (*path, key), _line(event), depth + 1)
            if key in values:
                first = self.lines[(*path, key)]
                self._refuse(event, (*path, key), f"is written twice (first on line {first})")
            else:
                values[key] = value
        loader.get_event()
        return values

    def _key(self, event: yaml.ScalarEvent, path: Path) -> str:
        if event.anchor is not None:
            self._refuse(event, path, f"an anchor (&{event.anchor}) is not allowed")
        if event.tag is not None:
            self._refuse(event, path, f"a tag ({event.tag}) is not allowed")
        return self._scalar(event, path)
