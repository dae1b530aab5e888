"""A session that was entered by mistake: on the wrong client, or twice. It stays as a cancelled row, never counted."""

import json
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.actions.assigning import withdraw
from assessments.actions.corrections import reason_of, withdraw_response
from assessments.models import Assignment, Correction, Response
from assessments.queries.responses import rating_of
from clients.actions.common import locked
from clients.actions.supervision import take_back_about
from clients.models import LifeEvent, TherapySession
from practice import audit, hooks
from practice.errors import Refused
from practice.models import User


@transaction.atomic
def mistaken_session(*, by: User, session: TherapySession, reason: str, at: datetime | None = None) -> Correction:
    """Mark a session of this record as entered by mistake: cancelled, its note taken off (the history keeps it).

    Its rating is taken out of the record, life events told in it leave the map, what is asked about it is asked no
    longer, homework proposed in it and what waits for supervision about any of this is taken back. A joint session's
    row in the partner's record is theirs and stays. ``Refused`` without a reason (field ``reason``), and for one that
    is marked already.
    """
    at, reason = at or timezone.now(), reason_of(reason)
    client = locked(session.client)
    row = TherapySession.objects.get(pk=session.pk)
    row.client = client
    if is_mistaken(row):
        raise Refused(_("This session is marked as entered by mistake already."))
    rating = rating_of(row)
    if rating is not None and rating.state == Response.State.SUBMITTED:
        withdraw_response(by=by, response=rating, reason=reason, at=at)
    for asked in Assignment.objects.filter(session=row, state=Assignment.State.OPEN).order_by("pk"):
        withdraw(by=by, assignment=asked, at=at)
    LifeEvent.objects.filter(session=row, withdrawn_at=None).update(withdrawn_at=at)
    gone = [row.pk, *hooks.take_back(row.pk, by=by, at=at)]
    take_back_about(client, [*gone, rating.pk] if rating else gone, by=by, at=at)
    before = {
        "session": str(row.pk),
        "starts_at": row.starts_at.isoformat(),
        "kind": row.kind,
        "attendance": row.attendance,
        "note": row.note or "",
    }
    correction = Correction.objects.create(
        client=client,
        kind=Correction.Kind.WITHDRAWN,
        reason=reason,
        before=json.dumps(before),
        made_at=at,
        made_by=by,
    )
    row.attendance, row.note, row.changed_at = TherapySession.Attendance.CANCELLED, "", at
    row.save(update_fields=["attendance", "note", "changed_at"])
    audit.write("session.mistaken", by=by, record=row, at=at)
    return correction


def is_mistaken(session: TherapySession) -> bool:
    """Whether its ``Correction`` says so, and it is still cancelled with nothing written in it since."""
    if session.attendance != TherapySession.Attendance.CANCELLED or session.note:
        return False
    marks = Correction.objects.filter(client=session.client_id, kind=Correction.Kind.WITHDRAWN, response=None)
    return any(json.loads(mark.before or "{}").get("session") == str(session.pk) for mark in marks)
