"""What follows from submitted answers, in the same transaction: scores, safety, focus, life events."""

from collections.abc import Sequence
from datetime import datetime

from assessments.actions import trajectories
from assessments.actions.psychometrics import mark_stale
from assessments.actions.screening import asks_for_clearance, screen_again
from assessments.models import Response, Score
from assessments.queries.responses import counts
from assessments.schema import Definition
from assessments.scoring import NOTHING_ASKED, NOTHING_REPORTED, clearance, goal_scores, risk_hits, score
from clients.actions.course import add_life_event, propose_focus
from clients.actions.safety import raise_flag, record_screen
from clients.models import FocusBarrier
from clients.queries.goals import asked_goals
from practice.models import User


def score_response(row: Response, *, at: datetime) -> list[Score]:
    """Score (or score again) a response and bring its trajectories up to date. Not a rating of a session that was not
    held (``assessments.queries.responses.counts``).

    A scale for which nothing was asked (goals of a client who has none) leaves no row. Each own goal is a scale too.

    ``at`` is where the scores stand in time. The caller holds the client's row.
    """
    if not counts(row):
        return []
    definition = row.version.definition
    goals = _own_goals(row)
    answers = {name: value for name, value in row.answers.items() if name not in goals or goals[name]}
    own = [name.partition(".")[2] for name, mine in goals.items() if mine]
    scores = [
        Score(
            practice_id=row.practice_id,
            client_id=row.client_id,
            episode_id=row.episode_id,
            response=row,
            respondent=row.respondent,
            scale=f"{definition.slug}.{one.key}",
            at=at,
            value=one.value,
            answered=one.answered,
            of=one.of,
            reason=one.reason or "",
        )
        for one in (*score(definition, answers), *goal_scores(definition, answers, own))
        if one.reason != NOTHING_ASKED
    ]
    saved = Score.objects.bulk_create(
        scores,
        update_conflicts=True,
        unique_fields=["response", "scale"],
        update_fields=["at", "value", "answered", "of", "reason"],
    )
    trajectories.update(saved)
    if saved and row.respondent == Response.Respondent.CLIENT:
        mark_stale(row.practice_id, [row.version_id])
    return saved


def _own_goals(row: Response) -> dict[str, bool]:
    """The answers to goals by id, and whether the goal is this client's: not where the answers were moved here."""
    items = [item.id for item in row.version.definition.items if item.kind == "goals"]
    names = {name: name.partition(".") for name in row.answers if name.partition(".")[0] in items}
    keys = {name: key for name, (_item, dot, key) in names.items() if dot}
    if not keys:
        return {}
    own = asked_goals(row.client_id, row.episode_id, answered=keys.values(), asking=False)
    return {name: key in own for name, key in keys.items()}


def follow(row: Response, *, by: User | None, at: datetime, answered_at: datetime | None = None) -> None:
    """A safety flag at once for any risk answer, the screen's outcome, proposed focus and life events.

    Focus and life events need an episode that still runs; the flag and the screen never wait for anything.
    ``answered_at`` is the earlier time of answers that are entered late: a newer screen or proposal then stays.
    """
    definition, answered = row.version.definition, answered_at or at
    if answered_at is not None and asks_for_clearance(row):
        screen_again(row.client, at=at)
    elif asks_for_clearance(row):
        cleared = clearance(definition, row.answers) == NOTHING_REPORTED
        record_screen(client=row.client, cleared=cleared, at=at)
    if risk_hits(definition, row.answers):
        raise_flag(client=row.client, response_id=row.pk, at=at)
    picked, happened = _picked(definition, row, "focus_pick"), _picked(definition, row, "life_events")
    if not (picked or happened) or row.episode.ends_on is not None:
        return
    if picked and not (answered_at and _came_later(row)):
        made = propose_focus(by=by, client=row.client, barriers=picked, by_client=True, at=at)
        FocusBarrier.objects.filter(pk__in=[one.pk for one in made]).update(proposed_at=answered)
    for kind in happened:
        add_life_event(
            by=by,
            client=row.client,
            kind=kind,
            happened_on=row.client.practice.today(answered),
            session=row.session,
            told_by_client=True,
            at=at,
        )


def _came_later(row: Response) -> bool:
    """Whether the client has sent the same measure since."""
    later = Response.objects.filter(
        client=row.client_id,
        version__instrument=row.version.instrument_id,
        respondent=Response.Respondent.CLIENT,
        state=Response.State.SUBMITTED,
        submitted_at__gt=row.submitted_at,
    )
    return later.exists()


def _picked(definition: Definition, row: Response, kind: str) -> Sequence[str]:
    """The codes picked in the questions of one kind."""
    ids = [question.id for question in definition.questions if question.kind == kind]
    return [code for name in ids for code in row.answers.get(name) or ()]
