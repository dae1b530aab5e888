"""Reading answers: who is asked what, and what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from assessments.answers import Asked, questions_for
from assessments.models import Response, ResponseRevision, ResponseText, Score
from assessments.queries.earlier import compared_with
from assessments.schema import Definition, Question
from assessments.scoring import ScaleScore, reason_text
from clients.barriers import BARRIERS
from clients.models import FocusBarrier
from clients.queries.goals import asked_goals

PAPER_KEY = "paper:"
"""Begins the key of the revision by which answers on paper were entered."""
LINES = frozenset({"slider", "goals"})
"""Kinds of questions that are answered by a place on a line."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One question with its answer: the value (``None``: left open), how it reads, and the note to it."""

    question: Question
    value: Any
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One scale as it was scored; ``why_not`` says why there is no value. ``low`` and ``high`` bound the scale."""

    scale: str
    title: str
    meaning: str
    value: float | None
    answered: int
    of: int
    why_not: str
    low: float
    high: float
    clinician_only: bool


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """One response, ready to show: its definition, the questions that were asked, the scores."""

    response: Response
    definition: Definition
    rows: tuple[Answered, ...]
    scores: tuple[ScoreLine, ...]
    compared_with: datetime | None = None
    """When this was answered before, where the client said how things are compared with then."""
    entered_at: datetime | None = None
    """When somebody entered it, where it came on paper."""

    @property
    def answered(self) -> int:
        """How many questions have an answer."""
        return sum(bool(row.label or row.note) for row in self.rows)


def asked_for(response: Response, answers: Mapping[str, Any]) -> Asked:
    """Whom and what this response asks. A draft asks the client's own goals and the barriers in focus of now, and those
    that were answered already, so that a goal reached or a change of focus does not take back an answer."""
    keys = _family_keys(response.version.definition, answers)
    asking = response.state == Response.State.DRAFT
    goals: dict[str, str] = {}
    if "goals" in keys:
        client, episode = response.client_id, response.episode_id
        goals = asked_goals(client, episode, answered=keys["goals"], asking=asking)
    if "focus_ratings" not in keys:
        return Asked(response.respondent, goals=goals)
    active: set[str] = set()
    if asking:
        rows = FocusBarrier.objects.filter(
            client=response.client_id, episode=response.episode_id, state=FocusBarrier.State.ACTIVE
        )
        active = set(rows.values_list("barrier", flat=True))
    return Asked(response.respondent, goals=goals, focus=sorted(active | keys["focus_ratings"]))


def _family_keys(definition: Definition, answers: Mapping[str, Any]) -> dict[str, set[str]]:
    """The families that a definition asks, each with the keys that have an answer."""
    families = {question.item_id: question.kind for question in definition.questions if question.family}
    found: dict[str, set[str]] = {kind: set() for kind in families.values()}
    for name in answers if families else ():
        item, _dot, key = name.partition(".")
        if key and item in families:
            found[families[item]].add(key)
    return found


def texts_of(response: Response) -> dict[str, str]:
    """The free texts of a response by question id, opened."""
    return {row.question: row.text for row in ResponseText.objects.filter(response=response)}


def draft_answers(response: Response) -> dict[str, Any]:
    """Everything answered so far, values and texts together, for the answering form."""
    return {**response.answers, **texts_of(response)}


def answers_of(response: Response) -> AnswerSheet:
    """The sheet of a response (its version loaded): two queries, and one each for own goals, focus barriers, an anchor
    answer, and paper."""
    definition = response.version.definition
    texts = texts_of(response)
    questions = questions_for(definition, asked_for(response, response.answers))
    rows = tuple(_answered(question, response.answers, texts) for question in questions)
    return AnswerSheet(
        response=response,
        definition=definition,
        rows=rows,
        scores=tuple(score_lines(response)),
        compared_with=compared_with(response) if response.anchor else None,
        entered_at=_entered_at(response) if response.entry == Response.Entry.PAPER else None,
    )


def _entered_at(response: Response) -> datetime | None:
    """The time of the first revision, which later corrections leave as it is."""
    saved = ResponseRevision.objects.filter(response=response, key__startswith=PAPER_KEY).order_by("number")
    found: datetime | None = saved.values_list("saved_at", flat=True).first()
    return found


def score_lines(response: Response) -> list[ScoreLine]:
    """The response's scores in the definition's order."""
    definition = response.version.definition
    saved = {row.scale: row for row in Score.objects.filter(response=response)}
    found = []
    for scale in definition.scales:
        row = saved.get(f"{definition.slug}.{scale.key}")
        if row is None:
            continue
        low, high = definition.range_of(scale.key)
        why = reason_text(ScaleScore(scale.key, row.value, row.answered, row.of, row.reason or None))
        found.append(
            ScoreLine(
                scale=row.scale,
                title=scale.title,
                meaning=scale.meaning,
                value=row.value,
                answered=row.answered,
                of=row.of,
                why_not=why,
                low=low,
                high=high,
                clinician_only=scale.visibility == "clinician_only",
            )
        )
    return found


def _answered(question: Question, answers: Mapping[str, Any], texts: Mapping[str, str]) -> Answered:
    note = texts.get(question.note_id, "") if question.note_id else ""
    if question.kind == "text":
        text = texts.get(question.id, "")
        return Answered(question, text or None, text, note)
    value = answers.get(question.id)
    return Answered(question, value, readable(question, value), note)


def readable(question: Question, value: Any) -> str:
    """An answer in words, for whoever reads it; empty for none."""
    if value is None or value == [] or value == "":
        return ""
    if question.kind == "toggle":
        return _("Yes") if value else ""
    if question.kind == "focus_pick":
        return ", ".join(str(barrier.name) for barrier in BARRIERS if barrier.code in value)
    if question.kind == "life_events":
        return ", ".join(label for code, label in question.choices if code in value)
    if question.kind == "text":
        return str(value)
    if question.kind in LINES:
        return _("%(value)s out of %(most)s") % {"value": value, "most": question.maximum}
    return question.label_of(value)
