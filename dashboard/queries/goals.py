"""The goals tab: what is worked on with its course, what has ended, what earlier episodes had."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from clients.actions.goals import MAX_GOALS
from clients.models import Client, Episode, Goal
from clients.queries.course import life_events
from clients.queries.goals import goals_of
from reports.builders.goals import GoalLine, goal_lines


@dataclass(frozen=True, slots=True)
class Goals:
    """Everything on the tab. ``reworded``: ids of ended goals in whose place other words stand."""

    episode: Episode | None
    active: tuple[GoalLine, ...]
    ended: tuple[GoalLine, ...]
    reworded: frozenset[object]
    most: int = MAX_GOALS

    @property
    def full(self) -> bool:
        return len(self.active) >= self.most


def client_goals(client: Client, episode: Episode | None, at: datetime | None = None) -> Goals:
    """Read the tab for a client that was loaded through access: three queries."""
    if episode is None:
        return Goals(None, (), (), frozenset())
    goals = goals_of(client, episode)
    today = client.practice.today(at or timezone.now())
    events = [(row.happened_on, row.get_kind_display()) for row in life_events(client, episode)] if goals else []
    until = min(episode.ends_on or today, today)
    lines = goal_lines(client, goals, until=until, who=_("Client"), events=events)
    return Goals(
        episode=episode,
        active=tuple(line for line in lines if line.goal.state == Goal.State.ACTIVE),
        ended=tuple(line for line in lines if line.goal.state != Goal.State.ACTIVE),
        reworded=frozenset(goal.replaces_id for goal in goals if goal.replaces_id),
    )
