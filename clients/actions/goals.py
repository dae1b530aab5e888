"""A client's own goals: client and clinician word them together; other words make another goal.

Whoever writes a goal writes the client's: a goal that the client wrote is agreed at once, one that the clinician wrote
when the client agrees to the words. Nothing is deleted: a goal ends as reached or set aside.
"""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.common import locked, moment, needed_episode
from clients.models import Client, Episode, Goal
from practice import audit
from practice.errors import Refused
from practice.models import User

MAX_GOALS = 5
"""So many goals at once; three are easier to keep in mind."""
MAX_WORDS = Goal._meta.get_field("words").max_length or 200
State = Goal.State


@transaction.atomic
def set_goal(
    *,
    by: User,
    client: Client,
    words: str,
    by_client: bool = False,
    agreed: bool = False,
    at: datetime | None = None,
) -> Goal:
    """One more goal of the open episode, asked from the next check-in on.

    ``agreed``: the client was there and agreed to the words. Raises ``Refused`` with field ``words`` for none, too many
    characters, words that a goal has already, or a goal too many.
    """
    at = moment(at)
    client = locked(client)
    episode = needed_episode(client)
    active = _active(episode)
    if len(active) >= MAX_GOALS:
        text = _("There are %(most)s goals already. End one first: a few at a time are easier to keep in mind.")
        raise Refused(text % {"most": MAX_GOALS}, "words")
    goal = _made(client, episode, _worded(words, active), by, at, agreed=agreed or by_client)
    goal.position = max((row.position for row in active), default=0) + 1
    goal.save()
    audit.write("goal.set", by=by, record=goal, at=at, via=_via(by_client), agreed=goal.agreed_at is not None)
    return goal


@transaction.atomic
def reword_goal(
    *,
    by: User,
    goal: Goal,
    words: str,
    by_client: bool = False,
    agreed: bool = False,
    at: datetime | None = None,
) -> Goal:
    """Other words: a new goal in the old one's place, with a baseline of its own; the old one is kept with its ratings.

    The same words change nothing. Raises ``Refused`` as ``set_goal`` does, and for a goal that has ended.
    """
    at = moment(at)
    client = locked(goal.client)
    goal = _fresh(goal)
    _check_active(goal)
    if _tidy(words) == goal.words:
        return goal
    new = _made(client, goal.episode, _worded(words, _active(goal.episode)), by, at, agreed=agreed or by_client)
    new.position, new.replaces = goal.position, goal
    new.save()
    _end(goal, State.SET_ASIDE, client.practice.today(at))
    audit.write("goal.reworded", by=by, record=new, at=at, via=_via(by_client), agreed=new.agreed_at is not None)
    return new


@transaction.atomic
def agree_goal(*, by: User, goal: Goal, by_client: bool = True, at: datetime | None = None) -> Goal:
    """The client agrees to the words; agreeing twice changes nothing."""
    at = moment(at)
    locked(goal.client)
    goal = _fresh(goal)
    _check_active(goal)
    if goal.agreed_at is None:
        goal.agreed_at = at
        goal.save(update_fields=["agreed_at"])
        audit.write("goal.agreed", by=by, record=goal, at=at, via=_via(by_client))
    return goal


@transaction.atomic
def end_goal(*, by: User, goal: Goal, reached: bool, at: datetime | None = None) -> Goal:
    """Reached, or set aside: asked no longer, kept with its ratings. Ended already: nothing is written."""
    at = moment(at)
    client = locked(goal.client)
    goal = _fresh(goal)
    if goal.state == State.ACTIVE:
        _end(goal, State.REACHED if reached else State.SET_ASIDE, client.practice.today(at))
        audit.write("goal.ended", by=by, record=goal, at=at, state=str(goal.state))
    return goal


@transaction.atomic
def restore_goal(*, by: User, goal: Goal, at: datetime | None = None) -> Goal:
    """Take up again what was ended, with its ratings. Raises ``Refused`` when there is no room, the words have a goal
    meanwhile, or its episode has ended."""
    at = moment(at)
    locked(goal.client)
    goal = _fresh(goal)
    if goal.state == State.ACTIVE:
        return goal
    if goal.episode.ends_on is not None:
        raise Refused(_("The episode of this goal has ended."))
    active = _active(goal.episode)
    if len(active) >= MAX_GOALS:
        raise Refused(_("There are %(most)s goals already. End one first.") % {"most": MAX_GOALS})
    _worded(goal.words, active)
    goal.state, goal.ended_on = State.ACTIVE, None
    goal.position = max((row.position for row in active), default=0) + 1
    goal.save(update_fields=["state", "ended_on", "position"])
    audit.write("goal.restored", by=by, record=goal, at=at)
    return goal


@transaction.atomic
def move_goal(*, by: User, goal: Goal, up: bool = True, at: datetime | None = None) -> Goal:
    """One place up or down among the active goals; at the end of the list nothing changes."""
    at = moment(at)
    locked(goal.client)
    goal = _fresh(goal)
    _check_active(goal)
    rows = _active(goal.episode)
    place = next(index for index, row in enumerate(rows) if row.pk == goal.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return goal
    rows[place], rows[other] = rows[other], rows[place]
    for position, row in enumerate(rows, 1):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])
    audit.write("goal.moved", by=by, record=goal, at=at)
    return goal


def end_with_episode(client_id: uuid.UUID, *, at: datetime) -> dict[str, int]:
    """Set aside what is still worked on when the client is discharged; how many goals.

    Part of the action that discharges (``practice.hooks``), which holds the client, ended the episode, and writes the
    audit row.
    """
    rows = Goal.objects.filter(client=client_id, state=State.ACTIVE).select_related("episode", "client__practice")
    ended = [row for row in rows if row.episode.ends_on is not None]
    for row in ended:
        _end(row, State.SET_ASIDE, row.episode.ends_on or row.client.practice.today(at))
    return {"goals_ended": len(ended)}


def _made(client: Client, episode: Episode, words: str, by: User, at: datetime, *, agreed: bool) -> Goal:
    """A goal that is not saved yet."""
    return Goal(client=client, episode=episode, words=words, set_by=by, set_at=at, agreed_at=at if agreed else None)


def _active(episode: Episode) -> list[Goal]:
    return list(Goal.objects.filter(episode=episode, state=State.ACTIVE).order_by("position", "set_at", "pk"))


def _fresh(goal: Goal) -> Goal:
    """The stored row with its episode; the client's row is held already."""
    return Goal.objects.select_related("episode", "client__practice").get(pk=goal.pk)


def _check_active(goal: Goal) -> None:
    if goal.state != State.ACTIVE:
        raise Refused(_("This goal has ended meanwhile. Nothing was changed."))


def _end(goal: Goal, state: Goal.State, day: date) -> None:
    goal.state, goal.ended_on = state, day
    goal.save(update_fields=["state", "ended_on"])


def _tidy(words: str) -> str:
    return " ".join(words.replace("\x00", "").split())


def _worded(words: str, active: list[Goal]) -> str:
    """Words for a goal: some, not too many, and not those of another one."""
    words = _tidy(words)
    if not words:
        raise Refused(_("Write the goal in a few words."), "words")
    if len(words) > MAX_WORDS:
        counts = {"most": MAX_WORDS, "count": len(words)}
        raise Refused(_("At most %(most)s characters; these are %(count)s.") % counts, "words")
    if any(row.words.casefold() == words.casefold() for row in active):
        raise Refused(_("This is one of the goals already."), "words")
    return words


def _via(by_client: bool) -> str:
    return "client" if by_client else "staff"
