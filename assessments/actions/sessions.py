"""What a therapy session means for measures: its rating moves with it, and after it the client is asked how it was."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.actions import effects, trajectories
from assessments.actions.assigning import assign
from assessments.models import Assignment, Response, Score
from assessments.queries.asked import open_instruments
from assessments.queries.library import latest_version
from assessments.queries.responses import counts, rating_of
from clients.actions import sessions
from clients.models import Client, TherapySession
from practice.models import User

AFTER = "after-session"
SOON = timedelta(days=3)
"""So long after a session the client can still say how it was."""
OPEN_DAYS = 7
"""So many days it can be answered."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed session, what the client was asked by closing it, and why nothing where nothing was."""

    session: TherapySession
    asked: Assignment | None = None
    why_not: str | Promise = ""


@transaction.atomic
def change_session(*, by: User, session: TherapySession, at: datetime | None = None, **fields: Any) -> TherapySession:
    """``clients.actions.sessions.change_session``; the rating follows its session (``settle``)."""
    at = at or timezone.now()
    row = sessions.change_session(by=by, session=session, at=at, **fields)
    if not {"starts_at", "attendance"}.isdisjoint(fields):
        settle(row)
    return row


def settle(session: TherapySession) -> None:
    """The session's rating stands in its episode, and is scored at its time while it is held: else it is only kept.

    What is so already is left alone. The caller holds the client's row.
    """
    rating = rating_of(session, withdrawn=True)
    if rating is None:
        return
    moved = rating.episode_id != session.episode_id
    scored = rating.state == Response.State.SUBMITTED and counts(rating)
    stands = Score.objects.filter(response=rating).values_list("episode_id", "at").first()
    if not moved and stands == ((session.episode_id, session.starts_at) if scored else None):
        return
    trajectories.forget(rating)  # a point that moves is not another one
    if moved:
        rating.episode_id = session.episode_id
        rating.save(update_fields=["episode"])
    if scored:
        effects.score_response(rating, at=session.starts_at)


@transaction.atomic
def close_session(*, by: User, session: TherapySession, at: datetime | None = None) -> Closed:
    """Close the session and ask the client how it was, where they can answer in the portal. Once a session.

    Closed already: nothing happens. Raises ``Refused`` while the attendance is not decided.
    """
    at = at or timezone.now()
    row, now = sessions.close_session(by=by, session=session, at=at)
    if not now:
        return Closed(row)
    version = latest_version(AFTER)
    client = Client.objects.select_related("practice", "user").get(pk=row.client_id)
    why_not = _why_not(row, client, at)
    if version is None:
        why_not = _("“After the session” is not in the library.")
    elif not why_not and version.instrument_id in open_instruments([client], at).get(client.pk, ()):
        why_not = _("They still have one to answer.")
    if why_not or version is None:
        return Closed(row, None, why_not)
    last = client.practice.today(at) + timedelta(days=OPEN_DAYS)
    made = assign(by=by, clients=[client], versions=[version], session=row, expires_on=last, at=at)
    return Closed(row, made[0])


def _why_not(session: TherapySession, client: Client, at: datetime) -> str | Promise:
    """Why the client is not asked how the session was; empty where they are."""
    if session.attendance != TherapySession.Attendance.HELD:
        return _("The session was not held.")
    if client.status != Client.Status.ACTIVE or session.episode.ends_on is not None:
        return _("The client is discharged.")
    if client.user is None or not client.user.is_active:
        return _("They have no sign-in to the portal.")
    if at - session.starts_at > SOON:
        return _("The session was too long ago to ask.")
    if Assignment.objects.filter(session=session, version__instrument__slug=AFTER).exists():
        return _("They were asked after this session already.")
    return ""
