"""The clinician's own ratings of the twelve barriers, about one session."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.actions import effects
from assessments.actions.receipts import receipt_code
from assessments.answers import Asked, clean_answers
from assessments.models import InstrumentVersion, Response, ResponseRevision
from assessments.queries.library import latest_version
from assessments.queries.responses import rating_of
from clients.actions.common import hold
from clients.models import TherapySession
from practice import audit
from practice.errors import Refused
from practice.models import User

RATED = "barriers"
"""The instrument that clinicians rate too."""
_NOT_TO_RATE = ("late", "cancelled", "missed")


def rate(
    *, by: User, session: TherapySession, ratings: Mapping[str, int | None], at: datetime | None = None
) -> Response:
    """Save the clinician's ratings by barrier code; ``None`` is "not discussed".

    Rating again changes what is given, keeps the earlier revision, and scores anew. The scores stand at the session's
    time. Raises ``Refused`` (with the barrier as field) for an unknown barrier or value, and for a session that did not
    take place.
    """
    at = at or timezone.now()
    if session.attendance in _NOT_TO_RATE:
        raise Refused(_("This session did not take place, so there is nothing to rate."))
    with transaction.atomic():
        hold(session.client_id)
        row = rating_of(session)
        version = row.version if row else latest_version(RATED)
        if version is None:
            raise Refused(_("The measure of the twelve barriers has not been loaded."))
        clean = _cleaned(version, ratings)
        row = row or _first(version, session, at)
        answers = {**row.answers, **clean}
        if row.revision and answers == row.answers:
            return row
        row.answers, row.revision = answers, row.revision + 1
        row.submitted_by, row.changed_at = by, at
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
        effects.score_response(row, at=session.starts_at)
        rated = sum(value is not None for value in answers.values())
        audit.write("session.rated", by=by, record=row, at=at, revision=row.revision, rated=rated)
    return row


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


def _first(version: InstrumentVersion, session: TherapySession, at: datetime) -> Response:
    """A new rating that was not saved yet, every barrier not discussed so far."""
    row = Response(
        client=session.client,
        version=version,
        episode_id=session.episode_id,
        session=session,
        respondent=Response.Respondent.CLINICIAN,
        state=Response.State.SUBMITTED,
        started_at=at,
        submitted_at=at,
        answers={item.id: None for item in version.definition.items if item.barrier},
    )
    row.receipt = receipt_code(row.pk)
    return row
