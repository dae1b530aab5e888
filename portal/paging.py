"""Cutting an instrument's questions into short pages. Pure: the same questions give the same pages on every device."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from assessments.schema import Question

MOST = 5
"""So much fits on a page of a phone without it feeling long."""
WEIGHTS = {"toggle": 0, "life_events": 2, "focus_pick": 3}
"""What a question counts towards a page; a rating, a line or a text counts 1."""

_RATED = frozenset({"choice", "yes_no", "slider", "goals", "focus_ratings"})


@dataclass(frozen=True, slots=True)
class Page:
    """Questions shown together; ``number`` counts from 1."""

    number: int
    questions: tuple[Question, ...]


def pages_of(questions: Sequence[Question]) -> tuple[Page, ...]:
    """The pages, in order: evenly filled, a heading or the change from ratings to other questions may begin one.

    The questions of one item (asked about now and the past year) stay together.
    """
    pages: list[list[Question]] = []
    for section in _sections(questions):
        chunks = _even(section)
        if pages and len(chunks) == 1 and _weight(pages[-1]) + _weight(chunks[0]) <= MOST:
            pages[-1] += chunks.pop(0)
        pages += chunks
    return tuple(Page(number, tuple(page)) for number, page in enumerate(pages, 1))


def first_open(pages: Sequence[Page], touched: Mapping[str, Any] | frozenset[str]) -> int:
    """The number of the first page with a question that was never answered or passed over; past the last when none."""
    for page in pages:
        if any(question.id not in touched for question in page.questions):
            return page.number
    return len(pages) + 1


def _sections(questions: Sequence[Question]) -> list[list[Question]]:
    """Runs of questions: a new one at each heading, and where ratings end or begin. A toggle opens what follows it."""
    found: list[list[Question]] = []
    for question in questions:
        last = found[-1][-1] if found else None
        starts = last is None or (
            (bool(question.heading) and question.item_id != last.item_id and question.heading != last.heading)
            or (last.kind != "toggle" and (last.kind in _RATED) != (question.kind in _RATED))
        )
        if starts:
            found.append([])
        found[-1].append(question)
    return found


def _even(section: Sequence[Question]) -> list[list[Question]]:
    """The section in as few pages as fit, each about as full as the others."""
    blocks = [list(block) for _item, block in groupby(section, key=_block)]
    total = sum(_weight(block) for block in blocks)
    count = max(1, -(-total // MOST))
    share = total / count
    chunks: list[list[Question]] = [[]]
    filled = 0
    for block in blocks:
        weight = _weight(block)
        if chunks[-1] and filled + weight > share * len(chunks) + 0.5:
            chunks.append([])
        chunks[-1] += block
        filled += weight
    return chunks


def _block(question: Question) -> str:
    return question.item_id if question.frame else question.id


def _weight(questions: Sequence[Question]) -> int:
    return sum(WEIGHTS.get(question.kind, 1) for question in questions)
