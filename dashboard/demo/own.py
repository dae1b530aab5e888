"""What is the client's own in the demo: goals, how things compare with the last time, now and then a paper.

Each draws from a random generator of its own, so that the rest of the demo stays as it is.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from assessments.actions import anchoring, answering, paper
from assessments.models import Assignment, Response
from clients.actions import goals
from clients.models import Client, Goal
from clients.queries.goals import active_goals
from practice.models import User

GOALS = (
    "I say once a week what I need, before I am angry",
    "I see my own friends every other week",
    "I ask before I give advice",
    "We eat together twice a week, phones in the other room",
    "I say no to one thing a week that I do not want",
    "I go to bed without the last word",
    "I keep one evening a week for what I love",
    "I tell one true thing about my day",
    "I let the dishes be done in another way than mine",
    "I notice when I hold my breath, and pause",
)
ON_PAPER = 0.04
ANCHORS = ("much-easier", "easier", "easier", "same", "same", "same", "same", "harder", "harder", "much-harder")


def set_goals(client: Client, *, by: User, at: datetime) -> None:
    """One to three goals, for two of three clients; some in the client's own words, some that wait for their yes."""
    random = Random(f"goals {client.code}")
    if random.random() > 0.67:
        return
    for words in random.sample(GOALS, random.choice((1, 2, 2, 3))):
        if client.user is not None and random.random() < 0.4:
            goals.set_goal(by=client.user, client=client, words=words, by_client=True, at=at)
        else:
            goals.set_goal(by=by, client=client, words=words, agreed=random.random() < 0.85, at=at)


def goal_answers(client: Client, along: float) -> dict[str, object]:
    """Answers to the active goals; ``along``: 0 at the beginning of the course, 1 at its end."""
    return {f"goals.{goal.key}": _near(goal, along) for goal in active_goals(client)}


def _near(goal: Goal, along: float) -> int:
    random = Random(f"{goal.words}{goal.client_id}{along:.3f}")
    return max(0, min(10, round(random.gauss(2.5 + 4.5 * along, 1.1))))


def answer(
    assignment: Assignment, given: Mapping[str, object], *, by: User | None, clinician: User, minutes: int, at: datetime
) -> None:
    """Answer on a device, begun so many minutes before; or now and then on paper, which the clinician enters later."""
    slug, code = assignment.version.definition.slug, assignment.client.code
    random = Random(f"{slug} {code} {at.isoformat()}")
    if slug not in ("barriers", "safety-screen") and random.random() < ON_PAPER:
        zone = assignment.client.practice.zone
        sheet = paper.Sheet(answers=given, day=at.astimezone(zone).date(), clock=at.astimezone(zone).time())
        errors = paper.enter(by=clinician, assignment=assignment, sheet=sheet, at=at + timedelta(minutes=30)).errors
    else:
        errors = _on_a_device(assignment, given, by, random, at - timedelta(minutes=minutes), at)
    if errors:
        raise ValueError(f"{slug}: {errors}")


def _on_a_device(
    assignment: Assignment, given: Mapping[str, object], by: User | None, random: Random, begun: datetime, at: datetime
) -> dict[str, str]:
    response: Response = answering.start(assignment=assignment, by=by, at=begun)
    saved = answering.save(response=response, answers=given, key="demo:1", by=by, at=begun)
    if not saved.errors:
        if random.random() < 0.7:
            anchoring.compare(response=response, anchor=random.choice(ANCHORS), at=begun)
        answering.submit(response=response, by=by, at=at)
    return saved.errors
