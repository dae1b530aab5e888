"""A submission on the wrong client: moved with assignment, scores and safety; neither side names the other."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.actions.answering import submit
from assessments.actions.assigning import assign
from assessments.actions.corrections import correct, restore_response, say_about, withdraw_response
from assessments.actions.links import by_pass, start_room
from assessments.actions.moving import REASON_ELSEWHERE, move
from assessments.actions.rating import rate
from assessments.actions.trajectories import rebuild
from assessments.models import Administration, Assignment, Correction, ResponseText, Score, Trajectory
from assessments.queries.responses import submitted
from clients.models import Episode, LifeEvent, SafetyFlag, SupervisionItem, TherapySession
from dashboard.queries.putting_right import history_of
from portal.queries import finished
from practice.errors import Refused
from practice.models import AuditEvent, OutboxMessage
from tests.factories.assessments import answered, ask, draft, publish, version_of
from tests.factories.clients import ClientFactory, SessionFactory, client_of, couple_of
from tests.factories.practice import MembershipFactory
from tests.putting_right.test_corrections import all_no, first_risk

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def by(clinician):
    return clinician.user


@pytest.fixture
def one(clinician):
    return client_of(clinician, relationship="partner since 2019")


@pytest.fixture
def other(clinician):
    return client_of(clinician)


def test_everything_goes_along(one, other, by):
    answered(one, answers={"control": 4}, at=START)
    row = answered(one, answers={"control": 1, "control.note": "He decides."}, at=START + 7 * DAY)
    answered(other, answers={"control": 3}, at=START + 2 * DAY)
    correct(by=by, response=row, answers={"power": 2}, reason="A slip.", seen=row.revision, at=START + 8 * DAY)
    row.refresh_from_db()
    move(by=by, response=row, to=other, reason="The other one's.", at=START + 9 * DAY)
    row.refresh_from_db()
    assert (row.client, row.practice, row.episode.client, row.relationship) == (other, other.practice, other, None)
    assert (row.assignment.client, row.assignment.episode) == (other, row.episode)
    lines = Trajectory.objects.filter(scale="barriers.control").values_list("client", "points")
    assert set(lines) == {(one.pk, "0:4"), (other.pk, "0:3 5:1")}
    assert set(Score.objects.filter(response=row).values_list("client", "episode")) == {(other.pk, row.episode_id)}
    assert rebuild(check=True) == []
    assert [text.text for text in ResponseText.objects.filter(response=row)] == ["He decides."]
    kinds = Correction.objects.order_by("made_at", "kind").values_list("client", "kind")
    assert sorted(kinds) == sorted([(one.pk, "answers"), (other.pk, "answers"), (one.pk, "away"), (other.pk, "here")])
    assert [submitted(client).count() for client in (one, other)] == [1, 2]
    assert [len(finished([client]).rows) for client in (one, other)] == [1, 2]
    events = AuditEvent.objects.filter(action__startswith="answers.moved").order_by("action")
    assert [(event.action, event.client_id, event.detail) for event in events] == [
        ("answers.moved_away", one.pk, {}),
        ("answers.moved_here", other.pk, {}),
    ]


def test_why_answers_were_put_right_stays_with_the_former_client(one, other, by):
    """Words about one client never stand in another's record; what stood there before goes with the answers."""
    row = answered(one, answers={"control": 1}, at=START)
    correct(by=by, response=row, answers={"control": 2}, reason="Robin told me so.", seen=row.revision, at=START + DAY)
    withdraw_response(by=by, response=row, reason="Robin was ill.", at=START + 2 * DAY)
    restore_response(by=by, response=row, reason="Robin asked for it.", at=START + 3 * DAY)
    row.refresh_from_db()
    move(by=by, response=row, to=other, reason="The other one's.", at=START + 4 * DAY)

    def rows(client):
        found = Correction.objects.filter(client=client, kind__in=("answers", "withdrawn", "restored")).order_by(
            "made_at"
        )
        return [(line.kind, line.reason, bool(line.before)) for line in found]

    kinds = ["answers", "withdrawn", "restored"]
    assert rows(other) == [(kind, str(REASON_ELSEWHERE), kind == "answers") for kind in kinds]
    words = ["Robin told me so.", "Robin was ill.", "Robin asked for it."]
    mine = list(zip(kinds, words, [False] * 3, strict=True))
    assert rows(one) == mine
    assert len(history_of(by, other, fresh(row))[1:]) == 3
    move(by=by, response=fresh(row), to=one, reason="Back.", at=START + 5 * DAY)
    assert rows(one) == [(kind, reason, kind == "answers") for kind, reason, _ in mine]
    changed = [line.changes for line in history_of(by, one, fresh(row)) if line.changes]
    assert len(changed) == 1


def fresh(row):
    return type(row).objects.select_related("version").get(pk=row.pk)


def test_who_cannot_have_it(one, other, by, clinician):
    row = answered(one, at=START)
    stranger = ClientFactory(practice=one.practice)
    far = ClientFactory()
    late = client_of(clinician, episode__starts_on=dt.date(2026, 6, 1))
    for to in (one, stranger, far, late):
        with pytest.raises(Refused) as refusal:
            move(by=by, response=row, to=to, reason="Why.")
        assert refusal.value.field == "to"
    with pytest.raises(Refused) as refusal:
        move(by=by, response=row, to=other, reason=" ")
    assert refusal.value.field == "reason"
    colleague = MembershipFactory(practice=one.practice)
    with pytest.raises(Refused):
        move(by=colleague.user, response=row, to=other, reason="Why.")
    row.refresh_from_db()
    assert row.client == one
    assert Correction.objects.count() == 0


def test_a_rating_and_a_draft_stay(one, other, by):
    version_of()
    rating = rate(by=by, session=SessionFactory(client=one), ratings={"control": 2})
    for row in (rating, draft(one, answers={"control": 1})):
        with pytest.raises(Refused):
            move(by=by, response=row, to=other, reason="Why.")


def test_moved_twice_at_once_is_moved_once(one, other, by, clinician):
    third = client_of(clinician)
    row = answered(one, at=START)
    stale = type(row).objects.select_related("client").get(pk=row.pk)
    move(by=by, response=row, to=other, reason="Theirs.")
    with pytest.raises(Refused, match="meanwhile"):
        move(by=by, response=stale, to=third, reason="Theirs.")
    assert Correction.objects.count() == 2


def test_it_falls_into_the_episode_of_that_day(one, other, by):
    first = other.episodes.get()
    first.ends_on, first.reason = dt.date(2026, 1, 31), "completed"
    first.save()
    Episode.objects.create(client=other, number=2, starts_on=dt.date(2026, 3, 1))
    row = answered(one, at=START)
    move(by=by, response=row, to=other, reason="Theirs.")
    row.refresh_from_db()
    assert row.episode == first


class TestSafety:
    def test_a_risk_is_told_to_the_right_clinicians_and_the_old_flag_waits(self, one, other, by):
        row = answered(one, "safety-screen", {first_risk(): 1}, at=START)
        OutboxMessage.objects.all().delete()
        move(by=by, response=row, to=other, reason="Theirs.")
        flags = SafetyFlag.objects.values_list("client", "response_id", "state")
        assert set(flags) == {(one.pk, row.pk, "open"), (other.pk, row.pk, "open")}
        assert OutboxMessage.objects.filter(template="safety-flag").count() == 1

    def test_the_screens_of_both_follow(self, one, other, by):
        answered(one, "safety-screen", {}, at=START)
        row = answered(one, "safety-screen", all_no(), at=START + DAY)
        move(by=by, response=row, to=other, reason="Theirs.")
        one.refresh_from_db()
        other.refresh_from_db()
        assert (one.safety_screened_on, one.safety_cleared) == (START.date(), False)
        assert (other.safety_screened_on, other.safety_cleared) == ((START + DAY).date(), True)


def test_links_and_passes_are_spent(one, other, by):
    assignment = ask(one, channel="room", at=START)
    _link, secret = start_room(by=by, assignment=assignment)
    from assessments.actions.answering import save, start

    row = start(assignment=assignment)
    save(response=row, answers={"control": 1}, key="k:1")
    submit(response=row)
    assert by_pass(secret) is not None
    row.refresh_from_db()
    move(by=by, response=row, to=other, reason="Theirs.")
    assert by_pass(secret) is None


def test_a_couples_common_asking_is_left(one, other, by):
    couple_of(one, other)
    made = assign(by=by, clients=[one, other], versions=[publish("barriers")["barriers"]], at=START)
    from assessments.actions.answering import save, start

    row = start(assignment=made[0], at=START)
    save(response=row, answers={"control": 1}, key="k:1", at=START)
    submit(response=row, at=START)
    row.refresh_from_db()
    move(by=by, response=row, to=other, reason="Theirs.")
    moved = Assignment.objects.get(pk=made[0].pk)
    assert moved.administration_id != made[1].administration_id
    assert moved.administration.couple is None
    assert moved.administration.asked_at == START
    assert Administration.objects.count() == 2
    assert Assignment.objects.get(pk=made[1].pk).administration.couple is not None


def test_the_session_is_left_and_what_was_told_goes_along(one, other, by):
    session = SessionFactory(client=one, starts_at=START)
    row = answered(one, "session-checkin", {"life-events": ["illness"]}, session=session, at=START)
    assert LifeEvent.objects.get().client == one
    item = SupervisionItem.objects.create(
        client=one,
        brought_by=MembershipFactory(practice=one.practice),
        kind="response",
        subject_id=row.pk,
    )
    move(by=by, response=row, to=other, reason="Theirs.", at=START + DAY)
    row.refresh_from_db()
    assert row.session is None
    assert row.assignment.session is None
    events = LifeEvent.objects.filter(withdrawn_at=None)
    assert [(event.client, event.session, event.happened_on) for event in events] == [(other, None, START.date())]
    item.refresh_from_db()
    assert item.state == "back"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["correct", "withdraw", "restore", "move", "about"]),
            st.integers(0, 3),
            st.sampled_from([None, 0, 2, 4]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_is_put_right_a_recount_agrees(steps):
    """Any sequence of corrections leaves trajectories as a rebuild would make them; what is refused changes nothing."""
    clinician = MembershipFactory()
    by = clinician.user
    people = [client_of(clinician, relationship="a partner"), client_of(clinician)]
    rows = [
        answered(people[number % 2], answers={"control": number, "power": 1}, at=START + number * DAY)
        for number in range(3)
    ]
    session = SessionFactory(client=people[0], starts_at=START + 5 * DAY)
    rows.append(rate(by=by, session=session, ratings={"control": 3}, at=START + 6 * DAY))
    for place, (what, which, value) in enumerate(steps):
        row = rows[which]
        row.refresh_from_db()
        try:
            if what == "correct":
                correct(by=by, response=row, answers={"control": value}, reason="r", seen=row.revision)
            elif what == "withdraw":
                withdraw_response(by=by, response=row, reason="r")
            elif what == "restore":
                restore_response(by=by, response=row, reason="r")
            elif what == "move":
                to = people[0] if row.client_id == people[1].pk else people[1]
                move(by=by, response=row, to=to, reason="r")
            else:
                say_about(by=by, response=row, relationship=f"partner {place % 2}", reason="r")
        except Refused:
            pass
        assert rebuild(clinician.practice, check=True) == []


def test_a_mistaken_session_stays_as_a_cancelled_row(one, by):
    from assessments.actions.mistaken import mistaken_session

    version_of()
    session = SessionFactory(client=one, starts_at=START, note="What somebody else said.")
    rate(by=by, session=session, ratings={"control": 2})
    LifeEvent.objects.create(
        client=one, episode=session.episode, session=session, kind="work", happened_on=START.date()
    )
    asked = ask(one, session=session)
    mistaken_session(by=by, session=session, reason="The wrong client.")
    stored = TherapySession.objects.get()
    assert (stored.attendance, stored.note) == ("cancelled", "")
    assert Score.objects.count() == 0
    assert LifeEvent.objects.get().withdrawn_at is not None
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    assert rebuild(check=True) == []
    kept = Correction.objects.get(response=None)
    assert "What somebody else said." in kept.before
    with pytest.raises(Refused, match="already"):
        mistaken_session(by=by, session=session, reason="Again.")
