"""A submission that stands with the wrong client is moved to the right one, with its history on both sides.

Neither client's record names the other: who may see the other record finds it by the two corrections of one moment.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessments.actions import told, trajectories
from assessments.actions.corrections import held, note, reason_of, score_again, stands_at
from assessments.actions.links import revoke_links
from assessments.actions.screening import asks_for_clearance, screen_again
from assessments.models import Administration, Assignment, Correction, Response
from assessments.scoring import risk_hits
from clients import access
from clients.actions.common import locked
from clients.actions.safety import raise_flag
from clients.models import Client, Episode, SupervisionItem
from clients.queries.course import episode_on
from practice import audit
from practice.errors import Refused
from practice.grants import Permission
from practice.models import User

Kind = Correction.Kind
REASON_ELSEWHERE = _lazy("Before it was moved here. Why stands in the history of the record it was in.")
ANCHOR = ("anchor", "anchor_to")
OF_THE_ANSWERS = (Kind.ANSWERS, Kind.WITHDRAWN, Kind.RESTORED)
"""Corrections that go with the answers, but for their reasons. Which relationship was named stays behind: those are the
other's words."""


def move(*, by: User, response: Response, to: Client, reason: str, at: datetime | None = None) -> Response:
    """Move sent answers and their assignment to another client in the care of ``by``, into the episode of that day.

    Scores and trajectories of both follow, and the safety screen of both. A risk raises a flag there at once; the flag
    that it raised here stays until a clinician closes it. Life events that the answers told go along where that
    episode still runs; which relationship they are about, and their session, belong to the other client and are left
    behind. Links and passes are spent, and the assignment leaves the couple's common asking.

    Raises ``Refused``: field ``to`` for a client who cannot have it, ``reason`` without one.
    """
    at, reason = at or timezone.now(), reason_of(reason)
    with transaction.atomic():
        # In the order of ids, so that two who move between the same clients wait for each other.
        rows = {pk: locked(client) for pk, client in sorted({response.client_id: response.client, to.pk: to}.items())}
        row, to = held(response), rows[to.pk]
        _check(by, row, to, at)
        stands = stands_at(row)
        episode = _episode(to, stands)
        note(Kind.MOVED_AWAY, row, by=by, reason=reason, at=at)
        kinds = told.take_back(row, by=by, at=at)
        trajectories.forget(row)
        former = row.client
        _carry(row, to, episode, by, at)
        note(Kind.MOVED_HERE, row, by=by, reason=reason, at=at)
        score_again(row, stands=stands)
        if episode.ends_on is None and row.submitted_at is not None:
            told.tell(to, kinds, sent_at=row.submitted_at, by=by, at=at)
        _safety(row, former, at)
        audit.write("answers.moved_away", by=by, record=row, client=former.pk, at=at)
        audit.write("answers.moved_here", by=by, record=row, client=to.pk, at=at)
    return row


def _check(by: User, row: Response, to: Client, at: datetime) -> None:
    if row.respondent == Response.Respondent.CLINICIAN:
        raise Refused(_("A rating belongs to its session and cannot be moved. Take it out and rate the right one."))
    if to.pk == row.client_id:
        raise Refused(_("Choose another client."), "to")
    for client in (row.client, to):
        if to.practice_id != row.practice_id or not access.can(by, Permission.WORK, client, at=at):
            raise Refused(_("Both clients must be in your care."), "to")


def _episode(to: Client, stands: datetime) -> Episode:
    day = to.practice.today(stands)
    episode = episode_on(to, day)
    if episode is None:
        words = {"name": to.full_name, "day": date_format(day, "j M Y")}
        raise Refused(_("%(name)s was not in care on %(day)s, when this was sent.") % words, "to")
    return episode


def _carry(row: Response, to: Client, episode: Episode, by: User, at: datetime) -> None:
    """The response and its assignment belong to the other client from now on."""
    SupervisionItem.objects.filter(
        client=row.client_id,
        kind=SupervisionItem.Kind.RESPONSE,
        subject_id=row.pk,
        state=SupervisionItem.State.WAITING,
    ).update(state=SupervisionItem.State.TAKEN_BACK, closed_at=at, closed_by=by)
    _history(row, to)
    assignment = row.assignment
    row.client, row.episode, row.session, row.relationship, row.changed_at = to, episode, None, None, at
    row.anchor, row.anchor_to = "", None  # compared with the other client's answers
    row.save(update_fields=["client", "practice", "episode", "session", "relationship", *ANCHOR, "changed_at"])
    if assignment is not None:
        revoke_links(assignment, at)
        assignment.administration = _asking(assignment, to)
        assignment.client, assignment.episode, assignment.session = to, episode, None
        assignment.save(update_fields=["client", "practice", "episode", "session", "administration"])


def _history(row: Response, to: Client) -> None:
    """What was put right goes along, with what stood there before. Why it was is about the former client: that stays
    with them, and comes together with the rest where the answers are moved back."""
    for former in Correction.objects.filter(response=row, client=row.client_id, kind__in=OF_THE_ANSWERS):
        kept, former.before = former.before, None
        former.save(update_fields=["before"])
        made = {"kind": former.kind, "made_at": former.made_at, "made_by": former.made_by}
        twin = Correction.objects.filter(response=row, client=to, **made).first()
        if twin is None:
            twin = Correction(response=row, client=to, reason=str(REASON_ELSEWHERE), **made)
        twin.before = kept
        twin.save()


def _asking(assignment: Assignment, to: Client) -> Administration:
    """The same asking where the other was asked with it, and not this; else one of its own, shared with nobody."""
    asked = assignment.administration
    theirs = list(Assignment.objects.filter(administration=asked, client=to).values_list("version_id", flat=True))
    if theirs and assignment.version_id not in theirs:
        return asked
    return Administration.objects.create(
        practice_id=asked.practice_id, asked_by=asked.asked_by, asked_at=asked.asked_at
    )


def _safety(row: Response, former: Client, at: datetime) -> None:
    if risk_hits(row.version.definition, row.answers):
        raise_flag(client=row.client, response_id=row.pk, again=True, at=at)
    if asks_for_clearance(row):
        screen_again(former, at=at)
        screen_again(row.client, at=at)
