"""What the client's own pages read."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.models import Assignment, Response
from assessments.queries.asked import asked_in_portal
from clients.actions.goals import MAX_GOALS
from clients.models import Client, Consent, Goal
from clients.queries.course import latest_episode
from clients.queries.goals import goals_of
from clients.queries.joining import missing_consent
from reports.builders.goals import GoalLine, goal_lines
from reports.charts import PAGE, line_chart

FINISHED = 10
"""Finished measures on one page."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that is asked. ``late``: its day is past, and it can still be answered, until ``last_day`` if any."""

    assignment: Assignment
    title: str
    minutes: int
    due_on: date | None
    late: bool
    last_day: date | None
    begun: bool


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was finished: its neutral title, when, and the receipt."""

    pk: uuid.UUID
    title: str
    at: datetime
    receipt: str
    on_paper: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """A page of finished things, latest first. ``after``: the key of the next page, or nothing."""

    rows: tuple[Done, ...]
    after: str


def tasks(client: Client, at: datetime | None = None) -> list[Task]:
    """What is asked of the client in the portal, the soonest due first."""
    today = client.practice.today(at)
    return [
        Task(
            assignment=row,
            title=row.version.instrument.neutral_title,
            minutes=row.version.definition.minutes,
            due_on=row.due_on,
            late=row.due_on is not None and row.due_on < today,
            last_day=row.last_day,
            begun=getattr(row, "response", None) is not None,
        )
        for row in asked_in_portal(client, at)
    ]


def finished(clients: Sequence[Client], after: str = "") -> Finished:
    """What the client sent, without what is hidden from the portal; ``after`` is the key a page before gave."""
    rows = _sent(clients)
    start = _row(rows, after)
    if start is not None:
        rows = rows.filter(Q(submitted_at__lt=start[0]) | Q(submitted_at=start[0], pk__gt=start[1]))
    found = list(
        rows.order_by("-submitted_at", "pk").values_list(
            "pk", "version__instrument__neutral_title", "submitted_at", "receipt", "entry"
        )[: FINISHED + 1]
    )
    shown = tuple(
        Done(pk, title, at, receipt, entry == Response.Entry.PAPER)
        for pk, title, at, receipt, entry in found[:FINISHED]
        if at
    )
    return Finished(shown, str(shown[-1].pk) if len(found) > FINISHED else "")


def _sent(clients: Sequence[Client]) -> QuerySet[Response]:
    """What the client did with this practice here or on paper; history that was brought from before is not of here."""
    return (
        Response.objects.filter(
            client__in=clients, respondent=Response.Respondent.CLIENT, state=Response.State.SUBMITTED
        )
        .exclude(version__data__hidden_from_portal=True)
        .exclude(entry=Response.Entry.IMPORTED)
    )


def _row(rows: QuerySet[Response], after: str) -> tuple[datetime, uuid.UUID] | None:
    try:
        key = uuid.UUID(after)
    except ValueError:
        return None
    found = rows.filter(pk=key).first()
    return (found.submitted_at, found.pk) if found and found.submitted_at else None


def consents(clients: Sequence[Client]) -> list[Consent]:
    """What the client agreed to, and what was taken back, latest first."""
    rows = Consent.objects.filter(client__in=clients).select_related("notice", "client__practice")
    return list(rows.order_by("-given_at", "pk"))


@dataclass(frozen=True, slots=True)
class OwnGoal:
    """One goal on the client's page. ``waits``: the client has not agreed to the words. ``typed`` and ``error``: what
    was refused."""

    line: GoalLine
    picture: SafeString | str
    waits: bool
    typed: str
    error: str


@dataclass(frozen=True, slots=True)
class OwnGoals:
    """The goals of one client record: of its open episode, and what ended in the last one."""

    client: Client
    in_care: bool
    may_write: bool
    active: tuple[OwnGoal, ...]
    ended: tuple[Goal, ...]
    typed: str
    error: str

    @property
    def full(self) -> bool:
        return len(self.active) >= MAX_GOALS


def own_goals(clients: Sequence[Client], refused: Mapping[uuid.UUID, tuple[str, str]]) -> list[OwnGoals]:
    """The client's goals with their own answers, a record at a time: four queries each. Nobody else's ratings."""
    return [_goals(client, refused) for client in clients]


def _goals(client: Client, refused: Mapping[uuid.UUID, tuple[str, str]]) -> OwnGoals:
    episode = latest_episode(client)
    in_care = episode is not None and episode.ends_on is None
    goals = goals_of(client, episode)
    active = [goal for goal in goals if goal.state == Goal.State.ACTIVE]
    replaced = {goal.replaces_id for goal in goals}
    typed, error = refused.get(client.pk, ("", ""))
    return OwnGoals(
        client=client,
        in_care=in_care,
        may_write=in_care and missing_consent(client) is None,
        active=tuple(
            OwnGoal(
                line,
                line_chart(line.chart, PAGE, width=320.0, height=200.0) if line.chart else "",
                line.goal.agreed_at is None,
                *refused.get(line.goal.pk, (line.goal.words, "")),
            )
            for line in goal_lines(client, active, until=client.practice.today(), who=_("You"))
        ),
        ended=tuple(goal for goal in goals if goal.state != Goal.State.ACTIVE and goal.pk not in replaced),
        typed=typed,
        error=error,
    )
