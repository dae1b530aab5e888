"""A clinician's day in the demo: sessions today with check-ins, earlier ones closed, exercises proposed, and a private
note that the supervisor may read."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random

from assessments.actions import answering, assigning
from assessments.models import InstrumentVersion
from clients.actions.private_notes import grant_private_notes, save_private_note
from clients.actions.sessions import add_session, close_session
from clients.models import CareAssignment, Client, FocusBarrier, TherapySession
from clients.queries.course import focus, latest_episode
from clients.queries.private_notes import supervisors_of
from dashboard.demo import answers
from dashboard.queries.record_homework import homework
from homework.actions import propose
from practice.models import Membership

HOURS = (9, 11, 15)
"""When the sessions of today begin."""
CLOSED_BEFORE = timedelta(days=3)
"""Sessions older than this are closed; the latest ones still wait for it."""
OWN_WORDS = "Start small: once is enough, on a calm evening."
PRIVATE = "I felt impatient when they went quiet. Mine to look at, before I ask again."


def have_a_day(random: Random, clinician: Membership, versions: dict[str, InstrumentVersion], now: datetime) -> None:
    """Today for this clinician, and what lies behind."""
    _close_earlier(clinician, now)
    clients = _clients(clinician)
    for number, (client, hour) in enumerate(zip(clients, HOURS, strict=False)):
        starts_at = datetime.combine(clinician.practice.today(now), time(hour), tzinfo=clinician.practice.zone)
        add_session(
            by=clinician.user,
            client=client,
            clinician=clinician,
            starts_at=starts_at,
            kind="individual",
            at=now - timedelta(days=7),
        )
        if number < 2:
            _check_in(random, clinician, client, versions["session-checkin"], now - timedelta(hours=2 + number))
        if number:
            _propose(clinician, client, now - timedelta(days=6))
    for client in clients[:1]:
        _keep_to_oneself(clinician, client, now)


def _clients(clinician: Membership) -> Sequence[Client]:
    """Clients in care who come alone and have something in focus."""
    care = CareAssignment.objects.filter(clinician=clinician, role="primary", ends_on=None)
    in_focus = FocusBarrier.objects.filter(state=FocusBarrier.State.ACTIVE)
    rows = (
        Client.objects.filter(pk__in=care.values("client"), status=Client.Status.ACTIVE, partners=None)
        .filter(pk__in=in_focus.values("client"), user__isnull=False)
        .exclude(safetyflags__state__in=("open", "acknowledged"))
        .select_related("practice", "user")
        .order_by("code")
    )
    return list(rows[: len(HOURS)])


def _close_earlier(clinician: Membership, now: datetime) -> None:
    rows = TherapySession.objects.filter(clinician=clinician, starts_at__lt=now - CLOSED_BEFORE).exclude(
        attendance=TherapySession.Attendance.PLANNED
    )
    for session in rows.select_related("client__practice"):
        close_session(by=clinician.user, session=session, at=session.starts_at + timedelta(minutes=80))


def _check_in(random: Random, clinician: Membership, client: Client, version: InstrumentVersion, at: datetime) -> None:
    """Asked two days before, answered now, with a wish for today."""
    asked = assigning.assign(by=clinician.user, clients=[client], versions=[version], at=at - timedelta(days=2))[0]
    response = answering.start(assignment=asked, by=client.user, at=at - timedelta(minutes=3))
    codes = [row.barrier for row in focus(client)]
    given = answers.check_in(random, dict.fromkeys(codes, 1.8), codes)
    given["today"] = "I’d like to understand why I go quiet when it gets close."
    answering.save(response=response, answers=given, key="demo:1", by=client.user, at=at - timedelta(minutes=1))
    answering.submit(response=response, by=client.user, at=at)


def _propose(clinician: Membership, client: Client, at: datetime) -> None:
    """What was chosen in the session before."""
    before = TherapySession.objects.filter(client=client, attendance="held").order_by("-starts_at").first()
    offered = homework(clinician.user, client, latest_episode(client)).offered
    if offered and before is not None:
        propose(
            by=clinician.user,
            client=client,
            version=offered[0].version,
            session=before,
            barriers=offered[0].suggestion.barriers,
            words=OWN_WORDS,
            at=at,
        )


def _keep_to_oneself(clinician: Membership, client: Client, now: datetime) -> None:
    """A private note, which the supervisor may read for four weeks."""
    session = TherapySession.objects.filter(client=client, attendance="held").order_by("-starts_at").first()
    reader = supervisors_of(clinician, clinician.practice.today(now)).first()
    if session is not None and reader is not None:
        session.client = client
        save_private_note(by=clinician.user, session=session, text=PRIVATE, at=now - timedelta(days=1))
        last = clinician.practice.today(now) + timedelta(days=28)
        grant_private_notes(by=clinician.user, client=client, reader=reader, ends_on=last, at=now)
