"""Answers on paper, typed in by a clinician: they stand at the day on which the client gave them.

The same rules as in the room: the client has agreed to the privacy notice, or does so now. Scores and trajectories
follow in the order of time, however late the paper is entered; a risk raises its flag at once.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.actions import effects, texts
from assessments.actions.anchoring import checked
from assessments.actions.answering import TEXT_MARK
from assessments.actions.naming import known_of
from assessments.actions.receipts import receipt_code
from assessments.answers import clean_answers, split_texts
from assessments.models import Administration, Assignment, InstrumentVersion, Response, ResponseRevision
from assessments.queries.answers import PAPER_KEY, asked_for
from assessments.queries.earlier import earlier
from assessments.queries.library import published
from clients.actions.common import hold, locked
from clients.actions.joining import give_consent
from clients.actions.relationships import first_named, relationship_of
from clients.models import Client, Relationship
from clients.queries.course import episode_on
from clients.queries.joining import missing_consent
from practice import audit, localtime
from practice.errors import Refused
from practice.models import User

NOON = time(12)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the paper. ``day`` is when it was filled in, ``clock`` at which time, if that is known; answers by
    id, unchecked; ``about`` and ``known``: which relationship, in words or one named before."""

    answers: Mapping[str, object]
    day: date
    clock: time | None = None
    about: str = ""
    known: uuid.UUID | None = None
    anchor: str = ""
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """The submission; or what is wrong with which answer, by id, and then nothing was written."""

    response: Response | None
    errors: dict[str, str] = field(default_factory=dict)


def enter(*, by: User, assignment: Assignment, sheet: Sheet, at: datetime | None = None) -> Entered:
    """Enter the paper for an open assignment; a draft of the client is taken over by what stands on the paper.

    Raises ``Refused`` with field ``day``, ``clock``, ``agreed``, ``relationship`` or ``anchor``; without a field for
    what is not open, an empty paper, and the same answers of the same day.
    """
    at = at or timezone.now()
    with transaction.atomic():
        hold(assignment.client_id)
        rows = Assignment.objects.select_related("client__practice", "client__relationship", "episode", "response")
        asked = rows.get(pk=assignment.pk)
        if asked.state != Assignment.State.OPEN or asked.episode.ends_on is not None:
            raise Refused(_("This was sent or withdrawn already. Nothing was changed."))
        moment = stands_at(asked.client, sheet, since=asked.assigned_at, at=at)
        if asked.has_expired(moment):
            raise Refused(_("It could be answered until %(day)s.") % {"day": asked.last_day}, "day")
        row = getattr(asked, "response", None) or _begun(asked.client, asked.version_id, asked.episode_id)
        row.assignment, row.client, row.episode = asked, asked.client, asked.episode
        row.session_id = row.session_id or asked.session_id
        return _entered(by, row, sheet, moment, at, asked=False)


def ask_and_enter(
    *, by: User, client: Client, version: InstrumentVersion, sheet: Sheet, at: datetime | None = None
) -> Entered:
    """Assign and enter in one step, for a paper that nobody had asked for here. Raises ``Refused`` as ``enter`` does,
    and (field ``day``) for a day on which the client was not in care."""
    at = at or timezone.now()
    if version.instrument.retired_at is not None or "client" not in version.definition.respondents:
        raise Refused(_("“%(title)s” is not asked of clients.") % {"title": version.instrument.title})
    with transaction.atomic():
        client = locked(client)
        moment = stands_at(client, sheet, since=None, at=at)
        episode = episode_on(client, sheet.day)
        if episode is None:
            raise Refused(_("The client was not in care on that day."), "day")
        row = _begun(client, version.pk, episode.pk)
        row.episode = episode
        return _entered(by, row, sheet, moment, at, asked=True)


def stands_at(client: Client, sheet: Sheet, *, since: datetime | None, at: datetime) -> datetime:
    """When the answers stand: the given time of the day, else noon, or when it was asked or is now where that is
    nearer. ``Refused`` (field ``day`` or ``clock``) for a time to come, or before it was asked (``since``)."""
    practice = client.practice
    if sheet.day > practice.today(at):
        raise Refused(_("The day must not be in the future."), "day")
    if since is not None and sheet.day < practice.today(since):
        raise Refused(_("It was asked on %(day)s, and not answered before.") % {"day": practice.today(since)}, "day")
    moment = localtime.moment(datetime.combine(sheet.day, sheet.clock or NOON), practice.zone, "clock")
    if sheet.clock is None:
        return min(max(moment, since or moment), at)
    if moment > at:
        raise Refused(_("The time must not be in the future."), "clock")
    if since is not None and moment < since:
        clock = since.astimezone(practice.zone)
        raise Refused(_("It was asked at %(time)s on that day.") % {"time": f"{clock:%H:%M}"}, "clock")
    return moment


def _begun(client: Client, version_id: uuid.UUID, episode_id: uuid.UUID) -> Response:
    """A draft that is not saved yet."""
    return Response(client=client, version_id=version_id, episode_id=episode_id, practice_id=client.practice_id)


def _entered(by: User, row: Response, sheet: Sheet, moment: datetime, at: datetime, *, asked: bool) -> Entered:
    row.version = published(row.version_id)
    values, written, errors = _read(row, sheet)
    if errors:
        return Entered(None, errors)
    _consent(by, row.client, sheet, at)
    _check_new(row, values, written, moment)
    row.relationship = _about(row, sheet, at)
    before = earlier(row, moment)
    row.anchor = checked(sheet.anchor) if before else ""
    row.anchor_to = before.pk if before and row.anchor else None
    if row.assignment is None:
        row.assignment = _asked(by, row, moment)
    _keep(by, row, values, written, moment, at)
    scores = effects.score_response(row, at=moment)
    effects.follow(row, by=by, at=at, answered_at=moment)
    days = (row.client.practice.today(at) - sheet.day).days
    audit.write("answers.entered", by=by, record=row, at=at, scores=len(scores), days=days, asked=asked)
    return Entered(row)


def _consent(by: User, client: Client, sheet: Sheet, at: datetime) -> None:
    notice = missing_consent(client)
    if notice is None:
        return
    if not sheet.agreed:
        raise Refused(_("Without the client's agreement to the privacy notice nothing is entered."), "agreed")
    give_consent(by=by, client=client, notice=notice, at=at)


def _read(row: Response, sheet: Sheet) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """Checked values and texts by id, each question that was asked among them; and the errors."""
    asked = asked_for(row, {**row.answers, **sheet.answers})
    clean, errors = clean_answers(row.version.definition, sheet.answers, partial=False, asked=asked)
    values, written = split_texts(row.version.definition, clean)
    return values, written, errors


def _check_new(row: Response, values: Mapping[str, Any], written: Mapping[str, str], moment: datetime) -> None:
    filled = [value for value in values.values() if value is not None and value is not False and value != []]
    if not filled and not any(written.values()):
        raise Refused(_("Nothing is filled in yet."))
    day = row.client.practice.today(moment)
    around = Response.objects.filter(
        client=row.client_id,
        version=row.version_id,
        state=Response.State.SUBMITTED,
        respondent=Response.Respondent.CLIENT,
        submitted_at__range=(moment - DAY, moment + DAY),
    ).exclude(pk=row.pk)
    for sent, answers in around.values_list("submitted_at", "answers"):
        if answers == values and sent is not None and row.client.practice.today(sent) == day:
            raise Refused(_("The same answers of that day are in the record already. Nothing was changed."))


def _about(row: Response, sheet: Sheet, at: datetime) -> Relationship | None:
    if not row.version.definition.asks_relationship:
        return None
    named = relationship_of(row.client, sheet.about, at=at)
    if named is None and sheet.known is not None:
        named = known_of(row.client, sheet.known)
    if named is None:
        return row.relationship or row.client.relationship
    first_named(row.client, named)
    return named


def _asked(by: User, row: Response, moment: datetime) -> Assignment:
    """The assignment of a paper that nobody had asked for: asked and answered at once."""
    administration = Administration.objects.create(practice_id=row.client.practice_id, asked_by=by, asked_at=moment)
    return Assignment.objects.create(
        administration=administration,
        client=row.client,
        episode=row.episode,
        version_id=row.version_id,
        channel=Assignment.Channel.ROOM,
        state=Assignment.State.OPEN,
        assigned_at=moment,
    )


def _keep(
    by: User, row: Response, values: dict[str, Any], written: dict[str, str], moment: datetime, at: datetime
) -> None:
    """Save the submission, its texts and its one revision, and close the assignment. ``Refused`` where the client's
    device was faster."""
    before, new = row.revision, row._state.adding
    row.answers, row.revision = values, before + 1
    row.entry, row.state, row.receipt = Response.Entry.PAPER, Response.State.SUBMITTED, receipt_code(row.pk)
    row.submitted_at, row.submitted_by, row.changed_at = moment, by, at
    if new:
        row.started_at = moment
    elif not Response.objects.filter(pk=row.pk, revision=before, state=Response.State.DRAFT).exists():
        raise Refused(_("The client went on answering meanwhile. Load this page again."))
    row.save()
    ResponseRevision.objects.create(
        response=row,
        number=row.revision,
        key=f"{PAPER_KEY}{row.revision}",
        base=before,
        answers={**values, **dict.fromkeys(written, TEXT_MARK)},
        saved_at=at,
        saved_by=by.pk,
    )
    texts.write(row, written, keep=(), at=at)
    assert row.assignment is not None
    Assignment.objects.filter(pk=row.assignment.pk).update(state=Assignment.State.SUBMITTED, closed_at=at)
