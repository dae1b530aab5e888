"""The questions that an instrument asks, flat: what the answering form draws and what answers are checked against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessments.schema.models import Definition, Item

FAMILIES = frozenset({"goals", "focus_ratings"})
"""Kinds whose questions depend on the client: one for each own goal, one for each focus barrier."""
NOTE_SUFFIX = ".note"


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to answer. ``id`` is the answer's id: the item id, ``item.frame``, or ``item.key`` within a family."""

    id: str
    item_id: str
    kind: str
    text: str
    clinician_text: str | None
    help: str | None
    heading: str | None
    frame: str | None
    frame_label: str | None
    options: tuple[tuple[int, str], ...]
    """The labelled values in order; a slider names only some of them."""
    minimum: int | None
    maximum: int | None
    choices: tuple[tuple[str, str], ...]
    max_picks: int | None
    barrier: str | None
    note_allowed: bool
    respondents: tuple[str, ...]
    family: bool
    """Stands for one question for each goal or focus barrier; not itself answerable."""

    @property
    def note_id(self) -> str | None:
        """Answer id of the note to this question, where one may be written."""
        return self.id + NOTE_SUFFIX if self.note_allowed else None

    def wording(self, respondent: str = "client") -> str:
        """The text for this respondent."""
        return self.clinician_text if respondent == "clinician" and self.clinician_text else self.text

    def label_of(self, value: int | None) -> str:
        """Label of a value; a value between the named points of a line is its own label, missing is empty."""
        return "" if value is None else dict(self.options).get(value, str(value))


def ask(definition: Definition, item: Item) -> Iterator[Question]:
    """The questions of one item: one, or one for each of its frames."""
    chosen = definition.options.get(item.options) if item.options else None
    labels = {frame.key: frame.label for frame in definition.frames}
    for frame in item.frames or (None,):
        yield Question(
            id=item.id if frame is None else f"{item.id}.{frame}",
            item_id=item.id,
            kind=item.kind,
            text=item.text,
            clinician_text=item.clinician_text,
            help=item.help,
            heading=item.heading,
            frame=frame,
            frame_label=None if frame is None else labels.get(frame),
            options=chosen.options if chosen else (),
            minimum=chosen.min if chosen else None,
            maximum=chosen.max if chosen else None,
            choices=tuple((choice.code, choice.label) for choice in item.choices),
            max_picks=item.max_picks,
            barrier=item.barrier,
            note_allowed=item.note_allowed,
            respondents=definition.respondents_of(item),
            family=item.kind in FAMILIES,
        )
