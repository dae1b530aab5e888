"""What a clinician opens once they have rated: the client's check-in, goals, what changed since last time, work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from assessments.models import Assignment, Response
from assessments.queries.answers import Answered, answers_of, readable
from assessments.queries.asked import open_assignments
from assessments.queries.barriers import BarrierColumns
from assessments.queries.responses import submitted
from clients.models import Client, Goal, TherapySession
from clients.queries.goals import goals_of
from dashboard.queries.record import Since, since_last
from homework.models import Proposal

CHECKIN = "session-checkin"
GRACE = timedelta(hours=1)
"""Sessions begin late, and check-ins are sent in the waiting room: so long after the beginning one still counts."""
SENT_SHOWN = 12
NUMBERS = ("slider", "focus_ratings")


@dataclass(frozen=True, slots=True)
class Line:
    """One number of the check-in, now and at the check-in before."""

    title: str
    before: Any
    now: Any
    most: int | None

    @property
    def change(self) -> int | None:
        return None if self.before is None or self.now is None else self.now - self.before


@dataclass(frozen=True, slots=True)
class GoalLine:
    """One of the client's own goals, 0–10, now and at the check-in before."""

    goal: Goal
    before: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What the client sent for this session."""

    response: Response
    before: Response | None
    sliders: tuple[Line, ...]
    barriers: tuple[Line, ...]
    events: str
    today: str
    rather_talk: bool


@dataclass(frozen=True, slots=True)
class LookBack:
    """Everything that opens after rating. ``latest``: the latest check-in of an earlier session, where none is here."""

    checkin: CheckIn | None
    latest: Response | None
    goals: tuple[GoalLine, ...]
    since: Since | None
    sent: tuple[Response, ...]
    work: tuple[Assignment, ...]
    proposals: tuple[Proposal, ...]


def until(session: TherapySession, at: datetime) -> datetime:
    """What was sent up to this moment belongs to the session."""
    return min(session.starts_at + GRACE, at)


def look_back(
    client: Client,
    session: TherapySession,
    before: TherapySession | None,
    columns: BarrierColumns,
    *,
    sees_safety: bool,
    at: datetime | None = None,
) -> LookBack:
    """Read it for a session of a client that was loaded through access. ``before``: the session held before.

    ``columns``: the barrier map's as they stood at ``until``. What is asked in the room only is left out for whoever
    may not see safety.
    """
    at = at or timezone.now()
    last, first = until(session, at), before.starts_at + GRACE if before else None
    checkins = _checkins(client, session, last)
    here = [row for row in checkins if first is None or row.submitted_at is None or row.submitted_at > first]
    now = here[0] if here else None
    earlier = next((row for row in checkins if row is not now), None)
    comparable = earlier if now and earlier and earlier.relationship_id == now.relationship_id else None
    sent = submitted(client).filter(respondent=Response.Respondent.CLIENT, episode=session.episode_id)
    sent = sent.filter(submitted_at__lte=at, **({"submitted_at__gt": first} if first else {}))
    return LookBack(
        checkin=_checkin(now, comparable) if now else None,
        latest=None if now else earlier,
        goals=_goals(client, session, now, comparable),
        since=since_last(client, columns),
        sent=tuple(
            row
            for row in sent.exclude(version__instrument__slug=CHECKIN)[:SENT_SHOWN]
            if sees_safety or not row.version.definition.in_room_only
        ),
        work=tuple(open_assignments(client, at).select_related(None).select_related("version__instrument")),
        proposals=tuple(proposals_of(client, session)),
    )


def proposals_of(client: Client, session: TherapySession) -> list[Proposal]:
    """Exercises that are proposed and not assigned or taken back, the latest first."""
    rows = Proposal.objects.filter(client=client, episode=session.episode_id, state=Proposal.State.PROPOSED)
    return list(rows.select_related("version__exercise", "session").order_by("-proposed_at", "-id"))


def _checkins(client: Client, session: TherapySession, last: datetime) -> list[Response]:
    """The two latest of the episode that were sent by then."""
    rows = Response.objects.filter(
        practice=client.practice_id,
        client=client,
        episode=session.episode_id,
        version__instrument__slug=CHECKIN,
        respondent=Response.Respondent.CLIENT,
        state=Response.State.SUBMITTED,
        submitted_at__lte=last,
    )
    return list(rows.select_related("version").order_by("-submitted_at", "-id")[:2])


def _checkin(now: Response, before: Response | None) -> CheckIn:
    rows = answers_of(now).rows
    earlier = before.answers if before else {}
    texts = [row.label for row in rows if row.question.kind == "text" and row.label]
    events = [readable(row.question, row.value) for row in rows if row.question.kind == "life_events"]
    return CheckIn(
        response=now,
        before=before,
        sliders=_lines(rows, "slider", earlier),
        barriers=_lines(rows, "focus_ratings", earlier),
        events=", ".join(filter(None, events)),
        today="\n".join(texts),
        rather_talk=any(bool(row.value) for row in rows if row.question.kind == "toggle"),
    )


def _lines(rows: Sequence[Answered], kind: str, before: dict[str, Any]) -> tuple[Line, ...]:
    return tuple(
        Line(row.question.wording("client"), before.get(row.question.id), row.value, row.question.maximum)
        for row in rows
        if row.question.kind == kind
    )


def _goals(
    client: Client, session: TherapySession, now: Response | None, before: Response | None
) -> tuple[GoalLine, ...]:
    """The goals worked on, and those that this check-in rated."""
    rated = {key: value for key, value in (now.answers if now else {}).items() if value is not None}
    found = []
    for goal in goals_of(client, session.episode):
        key = f"goals.{goal.key}"
        if goal.state == Goal.State.ACTIVE or key in rated:
            found.append(GoalLine(goal, before.answers.get(key) if before else None, rated.get(key)))
    return tuple(found)
