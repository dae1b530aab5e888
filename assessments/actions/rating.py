"""The clinician's own ratings of the twelve barriers, about one session."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.actions import effects
from assessments.actions.receipts import receipt_code
from assessments.answers import Asked, clean_answers
from assessments.models import Correction, InstrumentVersion, Response, ResponseRevision
from assessments.queries.library import latest_version
from assessments.queries.responses import rating_of
from clients.actions.common import hold
from clients.actions.writing import lately
from clients.models import TherapySession
from practice import audit
from practice.errors import Clash, Refused
from practice.models import User

RATED = "barriers"
"""The instrument that clinicians rate too."""
_NOT_TO_RATE = ("late", "cancelled", "missed")
LEAD = timedelta(days=1)
"""A rating is done on the day of the session or this much before: one prepares the evening before."""
State = Response.State


def rate(
    *,
    by: User,
    session: TherapySession,
    ratings: Mapping[str, int | None],
    done: bool = True,
    seen: int | None = None,
    autosave: bool = False,
    at: datetime | None = None,
) -> Response:
    """Save the clinician's ratings by barrier code; ``None`` is "not discussed".

    Until they are ``done`` they are a draft: kept with revisions, not scored, and no audit row. Done, they are scored
    while the session is held (``assessments.actions.sessions.settle``), at the session's time; with nothing discussed,
    the record says that the session was not rated. Rating again changes what is given, keeps the earlier revision, and
    scores anew. ``seen``: the revision that the writer had read (0: none yet). ``autosave``: one audit row a sitting
    (``clients.actions.writing``).

    Raises ``Refused`` (with the barrier as field) for an unknown barrier or value, for a session that did not take
    place, where somebody rated it meanwhile, and for ``done`` earlier than the day before the session.
    """
    at = at or timezone.now()
    _check_takes_place(session)
    with transaction.atomic():
        hold(session.client_id)
        session.refresh_from_db(fields=["attendance", "starts_at", "episode"])
        _check_takes_place(session)
        row = rating_of(session, withdrawn=True)
        anew = row is not None and row.state == State.WITHDRAWN
        if row is not None and anew:
            _rated_anew(row, by, at)
            seen = None
        version = row.version if row else latest_version(RATED)
        if version is None:
            raise Refused(_("The measure of the twelve barriers has not been loaded."))
        clean = _cleaned(version, ratings)
        row = row or _first(version, session, at)
        answers = {**row.answers, **clean}
        ends = done and row.state != State.SUBMITTED
        if ends and not may_end(session, at):
            raise Refused(_("A rating can be finished from the day before the session. Until then it is a draft."))
        if row.revision and answers == row.answers and not (ends or anew):
            return row
        if seen is not None and seen != row.revision:
            raise Clash(_("Somebody rated this session meanwhile. Compare with what is stored now, then save again."))
        _store(row, by, answers, clean, ends=ends, at=at)
        if row.state == State.SUBMITTED:
            effects.score_response(row, at=session.starts_at)
            _note(row, by, at, autosave=autosave)
    return row


def may_end(session: TherapySession, at: datetime) -> bool:
    """Whether a rating can be done now: of a session to come, from the day before, in the practice's days."""
    practice = session.client.practice
    return practice.today(session.starts_at) <= practice.today(at) + LEAD


def _check_takes_place(session: TherapySession) -> None:
    if session.attendance in _NOT_TO_RATE:
        raise Refused(_("This session did not take place, so there is nothing to rate."))


def _store(
    row: Response, by: User, answers: dict[str, Any], clean: dict[str, Any], *, ends: bool, at: datetime
) -> None:
    """The answers with their revision; ``ends``: they are no longer a draft."""
    row.answers, row.revision = answers, row.revision + 1
    row.submitted_by, row.changed_at = by, at
    if ends:
        row.state, row.submitted_at = State.SUBMITTED, row.submitted_at or at
        row.receipt = row.receipt or receipt_code(row.pk)
    row.save()
    ResponseRevision.objects.create(
        response=row,
        number=row.revision,
        key=f"rating:{row.revision}",
        base=row.revision - 1,
        answers=clean,
        saved_at=at,
        saved_by=by.pk,
    )


def _note(row: Response, by: User, at: datetime, *, autosave: bool) -> None:
    if autosave and lately("session.rated", by=by, record=row, at=at).exists():
        return
    rated = sum(value is not None for value in row.answers.values())
    audit.write("session.rated", by=by, record=row, at=at, revision=row.revision, rated=rated)


def _cleaned(version: InstrumentVersion, ratings: Mapping[str, int | None]) -> dict[str, Any]:
    """The ratings by item id, checked."""
    definition = version.definition
    items = {item.barrier: item.id for item in definition.items if item.barrier}
    unknown = [code for code in ratings if code not in items]
    if unknown:
        raise Refused(_("“%(code)s” is not one of the twelve barriers.") % {"code": unknown[0]}, unknown[0])
    raw = {items[code]: value for code, value in ratings.items()}
    clean, errors = clean_answers(definition, raw, partial=True, asked=Asked("clinician", goals={}))
    for code, name in items.items():
        if name in errors:
            raise Refused(errors[name], str(code))
    return dict(clean)


def _rated_anew(row: Response, by: User, at: datetime) -> None:
    """A rating that was taken out becomes a draft again, with nothing discussed; what it said is kept."""
    Correction.objects.create(
        client=row.client,
        kind=Correction.Kind.RESTORED,
        response=row,
        reason=_("The session was rated anew."),
        before=json.dumps({"answers": row.answers, "texts": {}}),
        made_at=at,
        made_by=by,
    )
    row.state, row.answers = State.DRAFT, _nothing_discussed(row.version)
    row.save(update_fields=["state", "answers"])


def _nothing_discussed(version: InstrumentVersion) -> dict[str, Any]:
    return {item.id: None for item in version.definition.items if item.barrier}


def _first(version: InstrumentVersion, session: TherapySession, at: datetime) -> Response:
    """A new draft that was not saved yet, every barrier not discussed so far."""
    return Response(
        client=session.client,
        version=version,
        episode_id=session.episode_id,
        session=session,
        respondent=Response.Respondent.CLINICIAN,
        state=State.DRAFT,
        started_at=at,
        answers=_nothing_discussed(version),
    )
