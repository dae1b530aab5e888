"""Read a YAML file into plain data and remember the line of every value.

The reader is narrower than YAML on purpose. Every scalar is a string (``no``, ``on`` and ``1e3`` stay words; pydantic
coerces what should be a number). Anchors, aliases, tags and several documents are refused, so that a small file cannot
unfold into a large one and nothing is ever constructed. Nesting is counted on events, before anything recurses.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from assessments.schema.problems import DefinitionInvalid, Loc, Problem, path_of

MAX_BYTES = 256 * 1024
"""A definition file may be this large; the largest of ours is about 10 kB."""
MAX_DEPTH = 8
"""Nesting of lists and mappings; a definition needs five levels."""

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass
class Source:
    """The plain data of one file, the line of each location and the problems found while reading."""

    file: str
    data: Any = None
    lines: dict[Loc, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, loc: Loc) -> int:
        """Line of a location, or of the nearest one above it that is in the file (for what is missing)."""
        for end in range(len(loc), -1, -1):
            line = self.lines.get(loc[:end])
            if line is not None:
                return line
        return 1

    def add(self, loc: Loc, reason: str, line: int | None = None) -> None:
        """Note a problem at a location."""
        self.problems.append(Problem(self.file, line or self.line_of(loc), path_of(loc), reason))


@dataclass
class _Open:
    """A mapping or list that is being read."""

    loc: Loc
    value: dict[str, Any] | list[Any]
    key: str | None = None
    skip: bool = False


def read_source(text: str | bytes, file: str) -> Source:
    """Read YAML text (bytes are decoded as UTF-8) into data with lines.

    Raises ``DefinitionInvalid`` when the file cannot be read at all: too large, not UTF-8, not YAML, nested too deep,
    or with anchors, aliases, tags or several documents. Duplicate keys are noted in ``problems``, the first is kept.
    """
    decoded = _decode(text, file)
    source = Source(file, lines={(): 1})
    reader = _Reader(source)
    try:
        for event in yaml.parse(decoded, Loader=_LOADER):
            reader.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise _refusal(file, mark.line + 1 if mark else 1, f"not readable as YAML: {reason}") from error
    if not isinstance(source.data, dict):
        raise _refusal(file, 1, "the file must hold one mapping of keys to values")
    return source


def _refusal(file: str, line: int, reason: str) -> DefinitionInvalid:
    return DefinitionInvalid([Problem(file, line, path_of(()), reason)])


def _decode(text: str | bytes, file: str) -> str:
    """Check size, encoding and characters; return the text without a byte order mark."""
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise _refusal(file, 1, f"the file has {size} bytes; at most {MAX_BYTES} are read")
    decoded = _utf8(text, file) if isinstance(text, bytes) else text
    decoded = decoded.removeprefix("\ufeff")
    if bad := _FORBIDDEN.search(decoded):
        line = decoded.count("\n", 0, bad.start()) + 1
        raise _refusal(file, line, f"a control character (U+{ord(bad.group()):04X}) is not allowed")
    return decoded


def _utf8(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(file, line, f"not UTF-8: byte {data[error.start]:#04x}") from error


class _Reader:
    """Builds data from parser events with a stack of its own, so depth is bounded before anything recurses."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stack: list[_Open] = []
        self.documents = 0

    def take(self, event: Any) -> None:
        """Take one parser event."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _refusal(self.source.file, line, "a second document (---) is not allowed")
        elif isinstance(event, yaml.AliasEvent):
            raise _refusal(self.source.file, line, "aliases (*name) are not allowed")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            done = self.stack.pop()
            if not done.skip:
                self._place(done.value, None, line, opened=True)
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, line)

    def _node(self, event: Any, line: int) -> None:
        if event.anchor:
            raise _refusal(self.source.file, line, "anchors (&name) are not allowed")
        if event.tag is not None and event.tag != "!":
            raise _refusal(self.source.file, line, f"tags ({event.tag}) are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event.value, line)
            return
        if len(self.stack) >= MAX_DEPTH:
            raise _refusal(self.source.file, line, f"nested deeper than {MAX_DEPTH} levels")
        if self._wants_key():
            raise _refusal(self.source.file, line, "a key must be a plain word")
        loc = self._next_loc()
        skip = bool(self.stack) and self.stack[-1].skip
        top = self.stack[-1] if self.stack else None
        if top and isinstance(top.value, dict) and top.key in top.value:
            skip = True
        if not skip:
            self.source.lines.setdefault(loc, line)
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Open(loc, value, skip=skip))
        if skip and top:
            top.key = None

    def _scalar(self, value: str, line: int) -> None:
        if self._wants_key():
            top = self.stack[-1]
            assert isinstance(top.value, dict)
            top.key = value
            loc = (*top.loc, value)
            if value in top.value:
                first = self.source.line_of(loc)
                if not top.skip:
                    self.source.add(loc, f"the key {value!r} stands twice (first in line {first})", line)
            elif not top.skip:
                self.source.lines[loc] = line
            return
        self._place(value, self._next_loc(), line)

    def _wants_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def _next_loc(self) -> Loc:
        """Location of the value that comes next."""
        if not self.stack:
            return ()
        top = self.stack[-1]
        return (*top.loc, len(top.value) if isinstance(top.value, list) else top.key or "")

    def _place(self, value: Any, loc: Loc | None, line: int, *, opened: bool = False) -> None:
        """Put a finished value into the mapping or list around it."""
        if not self.stack:
            self.source.data = value
            return
        top = self.stack[-1]
        if isinstance(top.value, list):
            if not opened and loc is not None and not top.skip:
                self.source.lines[loc] = line
            top.value.append(value)
        else:
            assert top.key is not None
            top.value.setdefault(top.key, value)
            top.key = None
