"""Checking the answers to an instrument: what is asked of whom, and what may be answered.

An answer is a whole number (choice, yes_no, slider, goal, focus rating), ``True``/``False`` (toggle), a list of codes
(focus pick, life events), a text, or ``None``. ``None`` is missing: skipped, "does not apply" or not discussed, and
never a zero. Ids are those of the questions; a note to a question rides as ``<question id>.note``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from assessments.schema import NOTE_SUFFIX, Definition, Question
from clients.barriers import BARRIERS, BY_CODE

Answer = int | bool | str | list[str] | None

MISSING_WORDS = frozenset({"", "skipped", "not-applicable"})
"""What a form may send for a question that is left open, besides nothing at all."""
MAX_TEXT = 4000
"""Characters of one free text."""
MAX_UNKNOWN = 20
"""So many unknown ids are named; the rest are ignored like them."""

_NUMBER = re.compile(r"-?[0-9]{1,4}")
_GOAL_KEY = re.compile(r"[A-Za-z0-9-]{1,40}")
_TRUE, _FALSE = frozenset({"on", "true", "1", "yes"}), frozenset({"off", "false", "0", "no"})
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, and about which goals and barriers.

    ``goals`` maps a goal's key to its text, ``focus`` holds barrier codes. ``None`` means that they are not known here
    (a command that scores a file): then any well-formed key and any of the twelve codes may be answered.
    """

    respondent: str = "client"
    goals: Mapping[str, str] | None = None
    focus: Sequence[str] | None = None


ANYTHING = Asked()


def questions_for(definition: Definition, asked: Asked = ANYTHING) -> tuple[Question, ...]:
    """The questions one respondent is asked, in order, with families unfolded.

    Own goals become ``goals.<key>``, ratings of focus barriers ``focus-now.<code>``; where they are not known, goals
    stay one question with ``family`` set and all twelve barriers are asked about.
    """
    found: list[Question] = []
    for question in definition.questions:
        if asked.respondent not in question.respondents:
            continue
        if not question.family:
            found.append(question)
        elif question.kind == "focus_ratings":
            found.extend(_focus(question, asked.focus))
        elif asked.goals is None:
            found.append(question)
        else:
            found.extend(_member(question, key, text) for key, text in asked.goals.items())
    return tuple(found)


def clean_answers(
    definition: Definition, raw: Mapping[str, object], *, partial: bool, asked: Asked = ANYTHING
) -> tuple[dict[str, Answer], dict[str, str]]:
    """Check raw answers (from a form or JSON) against what is asked.

    Returns the clean answers and the errors, both by answer id; an answer with an error is not among the clean ones.
    With ``partial`` (autosave) only what ``raw`` holds is looked at. Without it (submit) every question that is not a
    text gets its key, ``None`` when it was left open, so that a stored snapshot says what was asked.
    """
    asked_now = questions_for(definition, asked)
    known = {question.id: question for question in asked_now if not question.family}
    goals = next((question for question in asked_now if question.kind == "goals" and question.family), None)
    clean: dict[str, Answer] = {}
    errors: dict[str, str] = {}
    if not partial:
        clean = {question.id: None for question in known.values() if question.kind != "text"}
    unknown = 0
    for name, value in raw.items():
        base, is_note = (name[: -len(NOTE_SUFFIX)], True) if name.endswith(NOTE_SUFFIX) else (name, False)
        question = known.get(base) or _goal(goals, base)
        if question is None or (is_note and not question.note_allowed):
            unknown += 1
            if unknown <= MAX_UNKNOWN:
                errors[name[:80]] = _not_asked(definition, base)
            continue
        try:
            clean[name] = _text(value) if is_note else _clean(question, value)
        except _Refused as refused:
            clean.pop(name, None)
            wording = question.wording(asked.respondent)
            errors[name] = _("“%(item)s”: %(reason)s") % {"item": wording, "reason": refused.reason}
    return clean, errors


def split_texts(definition: Definition, answers: Mapping[str, Answer]) -> tuple[dict[str, Answer], dict[str, str]]:
    """Split clean answers into values (stored as JSON) and free texts (stored encrypted).

    A text that was cleared is an empty string among the texts, so that a saved one can be taken back.
    """
    texts = {question.id for question in definition.questions if question.kind == "text"}
    values: dict[str, Answer] = {}
    written: dict[str, str] = {}
    for name, answer in answers.items():
        if name in texts or name.endswith(NOTE_SUFFIX):
            written[name] = answer if isinstance(answer, str) else ""
        else:
            values[name] = answer
    return values, written


class _Refused(Exception):
    def __init__(self, reason: str) -> None:
        self.reason = reason


def _member(family: Question, key: str, text: str) -> Question:
    return replace(family, id=f"{family.item_id}.{key}", text=text, family=False)


def _focus(family: Question, focus: Sequence[str] | None) -> list[Question]:
    """One question for each focus barrier, named as everywhere, in the order of the twelve."""
    chosen = [barrier for barrier in BARRIERS if focus is None or barrier.code in focus]
    return [replace(_member(family, one.code, str(one.name)), barrier=one.code) for one in chosen]


def _goal(family: Question | None, name: str) -> Question | None:
    """The question of a goal whose text is not known here."""
    if family is None:
        return None
    prefix, dot, key = name.partition(".")
    fits = prefix == family.item_id and bool(dot) and _GOAL_KEY.fullmatch(key)
    return _member(family, key, family.text) if fits else None


def _not_asked(definition: Definition, name: str) -> str:
    item = definition.items_by_id.get(name.partition(".")[0])
    if item:
        return _("“%(item)s” is not asked here.") % {"item": item.text}
    return _("This form has no question “%(id)s”.") % {"id": name[:80]}


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.strip() in MISSING_WORDS)


def _clean(question: Question, value: object) -> Answer:
    """One answer by its question's kind. Raises ``_Refused`` with the reason."""
    if question.kind == "text":
        return _text(value)
    if _is_missing(value):
        return None
    if question.kind == "toggle":
        return _toggle(value)
    if question.kind == "focus_pick":
        return _codes(value, tuple(BY_CODE), question.max_picks)
    if question.kind == "life_events":
        return _codes(value, tuple(code for code, _label in question.choices), None)
    return _number(question, value)


def _number(question: Question, value: object) -> int:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = int(value)
    low, high = question.minimum, question.maximum
    if isinstance(value, bool) or not isinstance(value, int) or low is None or high is None or not low <= value <= high:
        if question.kind in {"slider", "goals"}:
            raise _Refused(_("choose a number from %(low)s to %(high)s.") % {"low": low, "high": high})
        raise _Refused(_("choose one of the answers shown."))
    return value


def _toggle(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise _Refused(_("tick it or leave it open."))


def _codes(value: object, known: Sequence[str], most: int | None) -> list[str] | None:
    """Picked codes, each once, in the order in which they are shown."""
    picked = [value] if isinstance(value, str) else value
    if not isinstance(picked, list | tuple) or any(code not in known for code in picked):
        raise _Refused(_("choose from the list."))
    chosen = [code for code in known if code in picked]
    if most is not None and len(chosen) > most:
        raise _Refused(_("choose at most %(most)s; %(count)s are chosen.") % {"most": most, "count": len(chosen)})
    return chosen


def _text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Refused(_("write text here."))
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > MAX_TEXT:
        counts = {"count": len(text), "most": MAX_TEXT}
        raise _Refused(_("the text has %(count)s characters; at most %(most)s can be kept.") % counts)
    if _UNSTORABLE.search(text):
        raise _Refused(_("the text holds a character that cannot be stored."))
    return text or None
