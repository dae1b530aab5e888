"""Putting right what was sent: answers, whether it counts, which relationship it is about.

Nothing is overwritten: each change leaves a ``Correction`` with what stood there, why, when and by whom, and a
revision. Scores, trajectories and the client's safety screen follow in the same transaction. A risk that a correction
brings raises a flag; no correction closes one: its clinician does, stating the action.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.actions import effects, texts, told, trajectories
from assessments.actions.answering import TEXT_MARK
from assessments.actions.links import revoke_links
from assessments.actions.psychometrics import mark_stale
from assessments.actions.screening import asks_for_clearance, screen_again
from assessments.answers import clean_answers, split_texts
from assessments.models import Assignment, Correction, Response, ResponseRevision, Score
from assessments.queries.answers import asked_for, texts_of
from assessments.queries.library import published
from assessments.scoring import risk_hits
from clients.actions.common import hold
from clients.actions.relationships import relationship_of
from clients.actions.safety import raise_flag
from clients.models import TherapySession
from practice import audit
from practice.errors import Clash, Refused
from practice.models import User

MAX_REASON = 1000
Kind, State = Correction.Kind, Response.State


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did. ``flagged``: it brought a risk that was not there, so a safety flag is open."""

    correction: Correction
    flagged: bool


def correct(
    *,
    by: User,
    response: Response,
    answers: Mapping[str, object],
    reason: str,
    seen: int,
    at: datetime | None = None,
) -> Corrected:
    """Put answers right that the client had sent; ``answers`` by id, those that are not given stay.

    ``seen`` is the revision that the writer had before their eyes: of two at once, the second is ``Refused`` and keeps
    what was typed. Also ``Refused`` (with the answer's id as field) for an answer that is not offered, without a
    reason (field ``reason``), and where nothing differs. Focus and life events stay as they are.
    """
    at, reason = at or timezone.now(), reason_of(reason)
    with transaction.atomic():
        row = held(response)
        if row.respondent == Response.Respondent.CLINICIAN:
            raise Refused(_("Ratings are changed in the session’s own grid. What stood there before is kept."))
        if row.revision != seen:
            raise Clash(_("Somebody changed these meanwhile. Compare with what is stored now, then save again."))
        values, written = _differing(row, answers)
        before = {"answers": row.answers, "texts": texts_of(row)}
        hits = set(risk_hits(row.version.definition, row.answers))
        row.answers, row.revision, row.changed_at = {**row.answers, **values}, seen + 1, at
        row.save(update_fields=["answers", "revision", "changed_at"])
        correction = note(Kind.ANSWERS, row, by=by, reason=reason, at=at, before=before)
        ResponseRevision.objects.create(
            response=row,
            number=row.revision,
            key=f"correction:{row.revision}",
            base=seen,
            answers={**values, **dict.fromkeys(written, TEXT_MARK)},
            saved_at=at,
            saved_by=by.pk,
        )
        texts.write(row, written, keep=(), at=at)
        score_again(row)
        flagged = bool(set(risk_hits(row.version.definition, row.answers)) - hits)
        if flagged:
            raise_flag(client=row.client, response_id=row.pk, again=True, at=at)
        _screened(row, at)
        count = len(values) + len(written)
        audit.write("answers.corrected", by=by, record=row, at=at, revision=row.revision, changed=count)
    return Corrected(correction, flagged)


def withdraw_response(*, by: User, response: Response, reason: str, at: datetime | None = None) -> Correction:
    """Take a submission or a rating out of the record: kept and readable, never counted. ``Refused`` without a reason.

    Its scores go and trajectories follow; life events that it brought leave the map, proposals of focus that wait are
    declined. The client's pages no longer list it, its links are spent. A safety flag that it raised stays.
    """
    at, reason = at or timezone.now(), reason_of(reason)
    with transaction.atomic():
        row = held(response)
        trajectories.forget(row)
        mark_stale(row.practice_id, [row.version_id])
        row.state, row.changed_at = State.WITHDRAWN, at
        row.save(update_fields=["state", "changed_at"])
        if row.assignment is not None:
            revoke_links(row.assignment, at)
            Assignment.objects.filter(pk=row.assignment.pk).update(state=Assignment.State.WITHDRAWN)
        told.take_back(row, by=by, at=at)
        correction = note(Kind.WITHDRAWN, row, by=by, reason=reason, at=at)
        _screened(row, at)
        audit.write("answers.withdrawn", by=by, record=row, at=at, revision=row.revision)
    return correction


def restore_response(*, by: User, response: Response, reason: str, at: datetime | None = None) -> Correction:
    """Put back what ``withdraw_response`` took out: it counts again, where it stood. ``Refused`` without a reason,
    and for a rating of a session that did not take place."""
    at, reason = at or timezone.now(), reason_of(reason)
    with transaction.atomic():
        row = held(response, State.WITHDRAWN)
        rated = row.session if row.respondent == Response.Respondent.CLINICIAN else None
        if rated is not None and rated.attendance in NOT_TO_RATE:
            raise Refused(_("This session did not take place, so there is nothing to rate."))
        row.state, row.changed_at = State.SUBMITTED, at
        row.save(update_fields=["state", "changed_at"])
        if row.assignment is not None:
            Assignment.objects.filter(pk=row.assignment.pk).update(state=Assignment.State.SUBMITTED)
        taken = Correction.objects.filter(response=row, client=row.client_id, kind=Kind.WITHDRAWN)
        taken_at = taken.order_by("-made_at", "-pk").values_list("made_at", flat=True).first()
        if taken_at is not None:
            told.put_back(row, taken_at=taken_at)
        score_again(row)
        if risk_hits(row.version.definition, row.answers):
            raise_flag(client=row.client, response_id=row.pk, at=at)
        correction = note(Kind.RESTORED, row, by=by, reason=reason, at=at)
        _screened(row, at)
        audit.write("answers.restored", by=by, record=row, at=at, revision=row.revision)
    return correction


def say_about(
    *, by: User, response: Response, relationship: str, reason: str, at: datetime | None = None
) -> Correction:
    """Say which relationship sent answers are about, in words; empty for none. Each has a baseline of its own.

    ``Refused`` (field ``relationship``) for the same as before or too many words, and without a reason.
    """
    at, reason = at or timezone.now(), reason_of(reason)
    with transaction.atomic():
        row = held(response)
        if not may_be_about(row):
            raise Refused(_("These answers are not about one relationship."))
        before = {"about": row.relationship.words if row.relationship else ""}
        named = relationship_of(row.client, relationship, at=at)
        if getattr(named, "pk", None) == row.relationship_id:
            raise Refused(_("Nothing is different from what is stored."), "relationship")
        stands = stands_at(row)
        trajectories.forget(row)
        row.relationship, row.changed_at = named, at
        row.save(update_fields=["relationship", "changed_at"])
        score_again(row, stands=stands)
        correction = note(Kind.ABOUT, row, by=by, reason=reason, at=at, before=before)
        audit.write("answers.about", by=by, record=row, at=at)
    return correction


NOT_TO_RATE = (TherapySession.Attendance.LATE, TherapySession.Attendance.CANCELLED, TherapySession.Attendance.MISSED)


def may_be_about(row: Response) -> bool:
    """Whether it can be said which relationship the response is about."""
    return row.respondent == Response.Respondent.CLIENT and row.version.definition.asks_relationship


def reason_of(reason: str) -> str:
    """The words, tidied. ``Refused`` (field ``reason``) for none or too many."""
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise Refused(_("Say why. It stands in the record’s history."), "reason")
    if len(reason) > MAX_REASON:
        raise Refused(_("At most %(most)s characters.") % {"most": MAX_REASON}, "reason")
    return reason


def held(response: Response, state: str = State.SUBMITTED) -> Response:
    """The fresh row, its client held until the transaction ends; ``Refused`` when it is not in this state (any more),
    or belongs to another client by now."""
    hold(response.client_id)
    rows = Response.objects.select_related("client__practice", "session", "assignment", "episode", "relationship")
    row = rows.get(pk=response.pk)
    if row.state != state or row.client_id != response.client_id:
        raise Refused(_("Somebody put this right meanwhile. Nothing was changed: look at it again."))
    row.version = published(row.version_id)
    return row


def note(
    kind: str,
    row: Response,
    *,
    by: User,
    reason: str,
    at: datetime,
    before: Mapping[str, Any] | None = None,
) -> Correction:
    """The row of history, standing with the response's client."""
    kept = None if before is None else json.dumps(before)
    return Correction.objects.create(
        client=row.client, kind=kind, response=row, reason=reason, before=kept, made_at=at, made_by=by
    )


def score_again(row: Response, *, stands: datetime | None = None) -> None:
    """Scores and trajectories as the answers now say, where they stood in time."""
    stands = stands or stands_at(row)
    trajectories.forget(row)
    effects.score_response(row, at=stands)


def stands_at(row: Response) -> datetime:
    """Where a response's scores stand in time: a rating's at its session, the client's own when they were sent."""
    scored = Score.objects.filter(response=row).values_list("at", flat=True).first()
    if scored is not None:
        return scored
    if row.respondent == Response.Respondent.CLINICIAN and row.session is not None:
        return row.session.starts_at
    assert row.submitted_at is not None
    return row.submitted_at


def _screened(row: Response, at: datetime) -> None:
    if row.respondent == Response.Respondent.CLIENT and asks_for_clearance(row):
        screen_again(row.client, at=at)


def _differing(row: Response, answers: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values and texts that differ from what is stored, checked."""
    definition = row.version.definition
    clean, errors = clean_answers(definition, answers, partial=True, asked=asked_for(row, row.answers))
    for name, error in errors.items():
        raise Refused(error, name)
    values, written = split_texts(definition, clean)
    stored = texts_of(row)
    values = {name: value for name, value in values.items() if row.answers.get(name) != value}
    written = {name: text for name, text in written.items() if stored.get(name, "") != text}
    if not values and not written:
        raise Refused(_("Nothing is different from what is stored."))
    return values, written
