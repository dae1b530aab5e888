"""One page of questions as a form shows it, and what the form sent as answers. Pure.

Answers of a form are named ``a.<answer id>``, so that nothing else a page posts can be taken for one.
The hidden ``was`` holds what each answer was when the page was made: only what differs is saved, so that an old window
does not put old answers back.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise

from assessments.queries.answers import LINES
from assessments.schema import Question
from clients.barriers import BARRIERS

PREFIX = "a."
MANY = frozenset({"focus_pick", "life_events"})
"""Kinds with several ticks: nothing ticked is an answer taken back."""
MAX_WAS = 20_000


@dataclass(frozen=True, slots=True)
class Field:
    """One question on a page with its answer (or what was typed), its note, and what is to be said about it."""

    question: Question
    value: Any
    note: str = ""
    error: str = ""
    note_error: str = ""
    conflict: str = ""
    heading: str = ""
    item_text: str = ""
    """Set where an item is asked in several time frames and this is its first question."""

    @property
    def name(self) -> str:
        return PREFIX + self.question.id

    @property
    def dom(self) -> str:
        """The stem of the element ids of this question."""
        return "q-" + self.question.id.replace(".", "_")

    @property
    def first_id(self) -> str:
        """The id of the first control, for a link to it."""
        return self.dom + "-1"

    @property
    def note_name(self) -> str:
        return PREFIX + (self.question.note_id or "")

    @property
    def legend(self) -> str:
        return self.question.text

    @property
    def face(self) -> str:
        """Which template part draws it."""
        kind = self.question.kind
        if kind in LINES:
            return "line"
        if kind in MANY:
            return "ticks"
        return kind if kind in {"text", "toggle"} else "choice"

    @property
    def chosen(self) -> str:
        """The chosen radio's value as text; empty when there is none."""
        return "" if self.value is None else str(self.value)

    @property
    def reason(self) -> str:
        """The error without the question, which it stands beside."""
        return self._bare(self.error)

    @property
    def note_reason(self) -> str:
        return self._bare(self.note_error)

    def _bare(self, error: str) -> str:
        reason = error.removeprefix(f"“{self.question.text}”: ")
        return reason[:1].upper() + reason[1:]

    @property
    def text(self) -> str:
        return self.value if isinstance(self.value, str) else ""

    @property
    def picked(self) -> list[str]:
        return self.value if isinstance(self.value, list) else []

    @property
    def ticks(self) -> list[tuple[str, str | Promise, str | Promise]]:
        """What can be ticked, with a line under it: the twelve barriers in kinder words too, or the definition's own
        choices."""
        if self.question.kind == "focus_pick":
            return [(barrier.code, barrier.name, barrier.meaning) for barrier in BARRIERS]
        return [(code, label, "") for code, label in self.question.choices]

    @property
    def steps(self) -> range:
        return range(self.question.minimum or 0, (self.question.maximum or 0) + 1)

    @property
    def low(self) -> str:
        return self.question.label_of(self.question.minimum)

    @property
    def high(self) -> str:
        return self.question.label_of(self.question.maximum)


def rated(questions: Sequence[Question]) -> bool:
    """Whether the page asks for ratings, to which the instrument's common question belongs."""
    return any(question.kind in {"choice", "yes_no", "slider"} for question in questions)


def fields_of(
    questions: Sequence[Question],
    answers: Mapping[str, Any],
    *,
    errors: Mapping[str, str] | None = None,
    conflicts: Mapping[str, str] | None = None,
) -> list[Field]:
    """The page's questions with answers by answer id. ``conflicts`` says what another window had."""
    errors, conflicts = errors or {}, conflicts or {}
    found: list[Field] = []
    heading = item = ""
    for question in questions:
        note_id = question.note_id or ""
        found.append(
            Field(
                question=question,
                value=answers.get(question.id),
                note=str(answers.get(note_id) or "") if note_id else "",
                error=errors.get(question.id, ""),
                note_error=errors.get(note_id, "") if note_id else "",
                conflict=conflicts.get(question.id, "") or (conflicts.get(note_id, "") if note_id else ""),
                heading=(question.heading or "") if question.heading != heading else "",
                item_text=question.text if question.frame and question.item_id != item else "",
            )
        )
        heading, item = question.heading or heading, question.item_id
    return found


def posted(data: QueryDict, questions: Sequence[Question]) -> dict[str, Any]:
    """The answers in a posted page by answer id, unchecked. Names that are no question come through, to be refused."""
    found: dict[str, Any] = {name.removeprefix(PREFIX): data[name] for name in data if name.startswith(PREFIX)}
    for question in questions:
        if question.kind in MANY:
            found[question.id] = data.getlist(PREFIX + question.id) or None
        elif question.kind == "toggle":
            found[question.id] = True if found.get(question.id) else None
    return found


def was(questions: Sequence[Question], answers: Mapping[str, Any]) -> str:
    """What the page's answers are now, for its hidden field; a text as a short digest."""
    names = [name for question in questions for name in (question.id, question.note_id) if name]
    return json.dumps({name: _mark(answers.get(name)) for name in names if answers.get(name) is not None})


def changed(answers: Mapping[str, Any], before: str) -> dict[str, Any]:
    """The posted answers that differ from what the page showed. A hidden field that was tampered with: all of them."""
    try:
        marks = json.loads(before[:MAX_WAS])
    except (ValueError, RecursionError):
        marks = {}
    if not isinstance(marks, dict):
        marks = {}
    return {name: value for name, value in answers.items() if _sent(value) != _shown(marks.get(name))}


def _mark(value: Any) -> Any:
    return _digest(value) if isinstance(value, str) else value


def _shown(mark: Any) -> Any:
    """A mark of ``was`` in the shape of ``_sent``."""
    if isinstance(mark, int) and not isinstance(mark, bool):
        return _digest(str(mark))
    return mark or None


def _sent(value: Any) -> Any:
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        return _digest(text) if text else None
    return value or None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
