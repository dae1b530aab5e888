"""What an instrument is made of: frozen models of a definition, as it stands in its file and in its stored version.

The models hold types, lengths and forbidden keys; what one part says about another stands in ``checks``. A stored
version is ``definition.model_dump(mode="json")``. Two rules keep versions stable: a new field must have a default, and
a default never changes, since the content hash leaves defaults out.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from assessments.schema.questions import Question, ask

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def _normal(text: str) -> str:
    """One spelling for a character (NFC), so that equal texts have equal hashes."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _filled(text: str) -> str:
    if not text:
        raise ValueError("should not be empty")
    return _normal(text)


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError(f"{text[:60]!r} should be small letters, digits, - and _, a letter first, at most 40")
    return text


Key = Annotated[str, AfterValidator(_key)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(_filled)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_filled)]
Point = Annotated[int, Field(ge=-1000, le=1000)]
Respondent = Literal["client", "clinician"]
Kind = Literal["choice", "yes_no", "slider", "text", "toggle", "goals", "focus_ratings", "focus_pick", "life_events"]
Method = Literal["single", "mean", "sum", "count_at_least", "difference"]
Direction = Literal["lower", "higher", "none"]
Visibility = Literal["client", "clinician_only"]

OPTION_KINDS: frozenset[str] = frozenset({"choice", "yes_no", "slider", "goals", "focus_ratings"})
"""Kinds answered with a number of an option set."""
RATED_KINDS: frozenset[str] = frozenset({"choice", "yes_no", "slider"})
"""Kinds with exactly one question, or one for each frame; they make the item count of an instrument."""
SCORED_KINDS: frozenset[str] = frozenset({"choice", "slider", "goals"})
"""Kinds that a scale may use."""
FULLY_LABELLED: frozenset[str] = frozenset({"choice", "yes_no", "focus_ratings"})
"""Kinds shown as a list of options, each of which needs a label; the others show a line with named ends."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceNote(_Part):
    """An article the instrument comes from (A–E) and what was taken from it."""

    article: str
    note: Line


class Passport(_Part):
    """What must be said wherever the instrument is shown: where it comes from and what is not known about it."""

    basis: Line
    validated: bool
    norms: bool
    citation: Line | None = None


class OptionSet(_Part):
    """A range of whole numbers with their labels; a line with named ends may label only some of them."""

    min: Point
    max: Point
    labels: dict[int, Line]

    @cached_property
    def options(self) -> tuple[tuple[int, str], ...]:
        """The labelled values in order."""
        return tuple(sorted(self.labels.items()))


class Frame(_Part):
    """A time an item is asked about, such as now and the past year; each makes a question of its own."""

    key: Key
    label: Line


class Choice(_Part):
    """A thing that can be ticked."""

    code: Key
    label: Line


class Item(_Part):
    """One item. Its id never changes once a version is published."""

    id: Key
    text: Line
    kind: Kind = "choice"
    clinician_text: Line | None = None
    help: Line | None = None
    heading: Line | None = None
    options: Key | None = None
    reversed: bool = False
    scored: bool = True
    barrier: str | None = None
    note_allowed: bool = False
    respondents: tuple[Respondent, ...] = ()
    frames: tuple[Key, ...] = ()
    risk: tuple[Point, ...] = ()
    unsure: tuple[Point, ...] = ()
    private_talk: tuple[Point, ...] = ()
    choices: tuple[Choice, ...] = ()
    max_picks: Annotated[int, Field(ge=1, le=50)] | None = None


class Scale(_Part):
    """One scale: how it is computed from items, or from other scales, and how it may be shown."""

    key: Key
    title: Line
    meaning: Line
    method: Method
    items: tuple[Key, ...] = ()
    parts: tuple[Key, ...] = ()
    requires: tuple[Key, ...] = ()
    threshold: Point | None = None
    barrier: str | None = None
    direction: Direction
    formative: bool = False
    visibility: Visibility = "client"

    @property
    def single(self) -> bool:
        """A scale of one item: shown raw, never with a verdict."""
        return self.method == "single"


class Plane(_Part):
    """Two scales seen as the coordinates of one point."""

    key: Key
    title: Line
    meaning: Line
    x: Key
    y: Key


class Definition(_Part):
    """One instrument in one language."""

    format: Annotated[int, Field(ge=1, le=1)] = 1
    slug: Key
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    title: Line
    neutral_title: Line
    purpose: Prose
    sources: Annotated[tuple[SourceNote, ...], Field(max_length=10)] = ()
    passport: Passport
    recall: Line
    minutes: Annotated[int, Field(ge=1, le=60)]
    respondents: Annotated[tuple[Respondent, ...], Field(min_length=1, max_length=2)]
    introduction: Prose
    remarks: Annotated[tuple[Prose, ...], Field(max_length=10)] = ()
    stem: Line | None = None
    clinician_stem: Line | None = None
    min_interval_days: Annotated[int, Field(ge=1, le=730)] | None = None
    start_pack: bool = False
    asks_relationship: bool = False
    allow_reversed: bool = False
    in_room_only: bool = False
    hidden_from_portal: bool = False
    options: Annotated[dict[Key, OptionSet], Field(max_length=20)] = Field(default_factory=dict)
    frames: Annotated[tuple[Frame, ...], Field(max_length=5)] = ()
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=200)]
    scales: Annotated[tuple[Scale, ...], Field(max_length=60)] = ()
    planes: Annotated[tuple[Plane, ...], Field(max_length=10)] = ()

    @cached_property
    def items_by_id(self) -> Mapping[str, Item]:
        """Items by id."""
        return MappingProxyType({item.id: item for item in self.items})

    @cached_property
    def scales_by_key(self) -> Mapping[str, Scale]:
        """Scales by key."""
        return MappingProxyType({scale.key: scale for scale in self.scales})

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question in the order of asking, for all respondents; an item with frames makes several.

        A *family* (own goals, ratings of focus barriers) is one question here; ``answers.questions_for`` unfolds it.
        """
        return tuple(question for item in self.items for question in ask(self, item))

    @cached_property
    def item_count(self) -> int:
        """How many items are rated or chosen; texts, ticks and the client's own goals are not counted."""
        return sum(item.kind in RATED_KINDS for item in self.items)

    def respondents_of(self, item: Item) -> tuple[Respondent, ...]:
        """Who is asked an item: everybody who answers the instrument unless the item names fewer."""
        return item.respondents or self.respondents

    def range_of(self, key: str) -> tuple[float, float]:
        """Lowest and highest value that a scale can take. Raises ``KeyError`` for an unknown scale."""
        return self._ranges[key]

    @cached_property
    def _ranges(self) -> dict[str, tuple[float, float]]:
        ranges: dict[str, tuple[float, float]] = {}
        for scale in sorted(self.scales, key=lambda scale: scale.method == "difference"):
            count = len(scale.items)
            if scale.method == "difference":
                (low, high), (other_low, other_high) = ranges[scale.parts[0]], ranges[scale.parts[1]]
                ranges[scale.key] = (low - other_high, high - other_low)
            elif scale.method == "count_at_least":
                ranges[scale.key] = (0, count)
            else:
                chosen = self.options[self.items_by_id[scale.items[0]].options or ""]
                times = count if scale.method == "sum" else 1
                ranges[scale.key] = (chosen.min * times, chosen.max * times)
        return ranges
