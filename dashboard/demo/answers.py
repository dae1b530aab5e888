"""Believable answers to any instrument, from a client's course: pure, from a random generator."""

from collections.abc import Mapping, Sequence
from random import Random

from assessments.schema import Definition, Item, Question, Scale
from dashboard.demo import texts
from dashboard.demo.courses import client_answers

HIGH = 4


def barriers(random: Random, true: Mapping[str, float], focus: Sequence[str] = ()) -> dict[str, object]:
    """Answers to ``barriers``: the twelve, now and then a note, sometimes what to focus on."""
    answers: dict[str, object] = dict(client_answers(random, dict(true)))
    for code in random.sample(list(answers), 1):
        if random.random() < 0.25:
            answers[f"{code}.note"] = random.choice(texts.CLIENT_WORDS)
    if random.random() < 0.05:
        answers["something-else"] = random.choice(texts.SOMETHING_ELSE)
    if focus:
        answers["focus"] = list(focus)
    return answers


def check_in(random: Random, true: Mapping[str, float], focus: Sequence[str]) -> dict[str, object]:
    """Answers to ``session-checkin``: sliders that follow the burden, focus barriers, a wish for the day."""
    ease = 10 * (1 - _burden(true))
    answers: dict[str, object] = {
        name: _whole(random.gauss(ease, 1.4), 0, 10) for name in ("connected", "myself", "heard", "at-ease", "hopeful")
    }
    answers |= {f"focus-now.{code}": _whole(random.gauss(true[code], 0.6), 0, HIGH) for code in focus}
    if random.random() < 0.5:
        answers["today"] = random.choice(texts.CLIENT_WORDS)
    return answers


def safety(definition: Definition, yes: Sequence[str] = ()) -> dict[str, object]:
    """Answers to the safety screen: no everywhere but to the named questions."""
    return {question.id: 1 if question.id in yes else 0 for question in definition.questions}


def other(random: Random, definition: Definition, true: Mapping[str, float]) -> dict[str, object]:
    """Answers to any other instrument: each item leans on the course by its scale."""
    shares = {name: _share(scale, true) for scale in reversed(definition.scales) for name in scale.items}
    items = definition.items_by_id
    return {
        question.id: _level(random, question, items[question.item_id], shares.get(question.item_id, 0.5))
        for question in definition.questions
        if question.minimum is not None and random.random() > 0.02
    }


def _share(scale: Scale, true: Mapping[str, float]) -> float:
    """Where on its line somebody stands on a scale, 0–1: by the burden where it has a direction."""
    burden = _burden(true)
    if scale.direction != "none":
        return burden if scale.direction == "lower" else 1 - burden
    return {
        "independence": true["independence"] / HIGH,
        "codependence": true["self-esteem"] / HIGH,
        "interdependence": 1 - burden,
    }.get(scale.key, 0.5)


def _level(random: Random, question: Question, item: Item, share: float) -> int:
    low, high = question.minimum or 0, question.maximum or 0
    value = low + (high - low) * min(1.0, max(0.0, random.gauss(share, 0.18)))
    whole = _whole(value, low, high)
    return high + low - whole if item.reversed else whole


def _burden(true: Mapping[str, float]) -> float:
    """How much gets in the way, 0–1."""
    return min(1.0, max(0.0, sum(true.values()) / len(true) / HIGH))


def _whole(value: float, low: int, high: int) -> int:
    return max(low, min(high, round(value)))
