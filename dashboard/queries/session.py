"""What the page of one session reads: prepare, record, close."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.actions.rating import RATED, may_end
from assessments.models import InstrumentVersion, Response
from assessments.queries.barriers import barrier_columns
from assessments.queries.library import latest_version
from assessments.queries.responses import rating_of
from clients.access import clients_for
from clients.models import Client, FocusBarrier, LifeEvent, NoteRevision, TherapySession
from clients.queries import course
from clients.queries.private_notes import revisions
from dashboard.queries.clients import session_before
from dashboard.queries.look_back import LookBack, look_back, until
from dashboard.queries.ratings import Comparison, comparison, is_done
from dashboard.queries.record_homework import Homework, homework
from dashboard.queries.week import Near, near
from practice import localtime
from practice.grants import Permission
from practice.models import User

Attendance = TherapySession.Attendance
WEEKS = ((7, "w1"), (14, "w2"))


@dataclass(frozen=True, slots=True)
class Offer:
    """A next date to choose: the same weekday and time, and what else stands there in the clinician's calendar."""

    code: str
    words: str
    moment: datetime
    near: list[Near]


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One session. ``hidden``: the reader has still to rate, so that nothing that either rater gave is shown: no value,
    no focus that the client proposed, no life event that they told. ``early``: a rating cannot be finished yet.
    ``planned``: the client's other sessions to come, the next one first."""

    session: TherapySession
    early: bool
    rating: Response | None
    version: InstrumentVersion | None
    hidden: bool
    look: LookBack | None
    comparison: Comparison | None
    homework: Homework | None
    focus: tuple[FocusBarrier, ...]
    proposed: frozenset[str]
    events: tuple[LifeEvent, ...]
    revisions: tuple[NoteRevision, ...]
    planned: tuple[TherapySession, ...]
    offers: tuple[Offer, ...]
    partners: tuple[TherapySession, ...]

    @property
    def is_rated(self) -> bool:
        return is_done(self.rating)

    @property
    def to_rate(self) -> bool:
        """Whether there is anything to rate: a session that took place or will, and the measure."""
        took_place = self.session.attendance in (Attendance.PLANNED, Attendance.HELD)
        return self.version is not None and took_place


def stored_rating(session: TherapySession) -> tuple[Response | None, InstrumentVersion | None]:
    """The session's rating or its draft, and the version it is made with."""
    rating = rating_of(session)
    return rating, rating.version if rating else latest_version(RATED)


def session_page(
    user: User, client: Client, session: TherapySession, *, works: bool, sees_safety: bool, at: datetime | None = None
) -> SessionPage:
    """Read the page for a client that was loaded through access, in a fixed number of queries.

    ``works``: the reader holds sessions with the client; then what either rater gave is read only once they rated.
    """
    at = at or timezone.now()
    rating, version = stored_rating(session)
    before = session_before(session)
    took_place = session.attendance in (Attendance.PLANNED, Attendance.HELD)
    hidden = works and took_place and version is not None and not is_done(rating)
    columns = None if hidden else barrier_columns(client, session.episode, until=until(session, at))
    rated = rating if columns and is_done(rating) else None
    runs = session.episode.ends_on is None
    look = look_back(client, session, before, columns, sees_safety=sees_safety, at=at) if columns else None
    taken = {row.exercise_id for row in look.proposals} if look else ()
    since = client.practice.today((before or session).starts_at)
    events = course.life_events(client, session.episode)
    ahead = course.planned_after(client, at).exclude(pk=session.pk).defer("note")
    return SessionPage(
        session=session,
        early=not may_end(session, at),
        rating=rating,
        version=version,
        hidden=hidden,
        look=look,
        comparison=comparison(rated, session, barrier_columns(client, session.episode)) if rated else None,
        homework=homework(user, client, session.episode, but=taken) if works and runs and look else None,
        focus=tuple(course.focus(client, session.episode)),
        proposed=frozenset(() if hidden else (row.barrier for row in course.proposals(client))),
        events=tuple(
            one
            for one in events
            if (one.session_id == session.pk or one.happened_on >= since) and not (hidden and one.told_by_client)
        ),
        revisions=tuple(revisions(session)),
        planned=tuple(ahead),
        offers=offers(user, session, at) if works and runs else (),
        partners=_partners(user, session),
    )


def offers(user: User, session: TherapySession, at: datetime) -> tuple[Offer, ...]:
    """The same weekday and time, one and two weeks on; for an old session, from this week. Not where the client has a
    session already."""
    client = session.client
    zone, today = client.practice.zone, client.practice.today(at)
    local = session.starts_at.astimezone(zone)
    found = []
    for days, code in WEEKS:
        day = _same_weekday(local.date(), days, today)
        moment = localtime.at_or_after(datetime.combine(day, local.time()), zone)
        found.append((code, _words(days, moment.astimezone(zone)), moment))
    moments = [moment for _code, _words, moment in found]
    rows = TherapySession.objects.filter(client=client, starts_at__in=moments)
    taken = set(rows.values_list("starts_at", flat=True))
    busy = near(user, session.clinician, moments)
    return tuple(Offer(code, words, moment, busy[moment]) for code, words, moment in found if moment not in taken)


def _same_weekday(day: date, days: int, today: date) -> date:
    """So many days after ``day``, and weeks later where that is past."""
    wanted = day + timedelta(days)
    late = (today + timedelta(days - 7) - wanted).days
    return wanted if late < 0 else wanted + timedelta((late // 7 + 1) * 7)


def _words(days: int, local: datetime) -> str:
    when = {"when": date_format(local, "D j M, H:i")}
    return (_("In a week: %(when)s") if days == 7 else _("In two weeks: %(when)s")) % when


def _partners(user: User, session: TherapySession) -> tuple[TherapySession, ...]:
    """The partner's row of a joint session, where the partner is in the reader's care."""
    if session.couple_id is None:
        return ()
    rows = (
        TherapySession.objects.filter(
            couple=session.couple_id, starts_at=session.starts_at, client__in=clients_for(user, Permission.WORK)
        )
        .exclude(pk=session.pk)
        .select_related("client")
        .defer("note")
    )
    return tuple(rows)
