"""Answers put right, withdrawn and put back, what they are about: history, scores, flags and the screen follow."""

import datetime as dt
import json

import pytest

from assessments.actions.corrections import correct, restore_response, say_about, withdraw_response
from assessments.actions.rating import rate
from assessments.actions.trajectories import rebuild
from assessments.models import Assignment, AssignmentLink, Correction, ResponseText, Score, Trajectory
from assessments.queries.responses import rating_of, readable_answers, submitted
from clients.actions.safety import acknowledge_flag, close_flag
from clients.models import FocusBarrier, LifeEvent, SafetyFlag
from portal.queries import finished
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.assessments import answered, definitions, version_of
from tests.factories.clients import ClientFactory, SessionFactory
from tests.factories.practice import UserFactory

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def client():
    return ClientFactory()


def control(client):
    return Trajectory.objects.get(client=client, scale="barriers.control", respondent="client")


def fresh(row):
    row.refresh_from_db()
    return row


class TestCorrecting:
    def test_a_wrong_answer_is_put_right_and_everything_follows(self, client, by):
        first = answered(client, answers={"control": 4, "power": 1}, at=START)
        answered(client, answers={"control": 1}, at=START + 7 * DAY)
        made = correct(
            by=by,
            response=first,
            answers={"control": 2},
            reason="A slip of the pen.",
            seen=first.revision,
            at=START + DAY,
        )
        assert fresh(first).answers["control"] == 2
        assert first.answers["power"] == 1
        row = control(client)
        assert (row.count, row.baseline, row.latest, row.points) == (2, 2, 1, "0:2 7:1")
        assert rebuild(check=True) == []
        correction = Correction.objects.get()
        assert (correction.kind, correction.response_id, correction.made_by, correction.made_at) == (
            "answers",
            first.pk,
            by,
            START + DAY,
        )
        assert correction.reason == "A slip of the pen."
        assert json.loads(correction.before)["answers"]["control"] == 4
        assert [row.answers for row in first.revisions.filter(number=first.revision)] == [{"control": 2}]
        assert made.flagged is False
        event = AuditEvent.objects.get(action="answers.corrected")
        assert event.detail == {"revision": first.revision, "changed": 1}

    def test_an_answer_taken_away_takes_its_point_away(self, client, by):
        only = answered(client, answers={"control": 4}, at=START)
        correct(by=by, response=only, answers={"control": None}, reason="Never said.", seen=only.revision)
        assert not Trajectory.objects.filter(client=client, scale="barriers.control").exists()
        assert rebuild(check=True) == []

    def test_texts_are_put_right_and_kept_sealed(self, client, by):
        row = answered(client, answers={"control": 2, "control.note": "He decides."}, at=START)
        correct(by=by, response=row, answers={"control.note": "She decides."}, reason="Typing.", seen=row.revision)
        assert [one.text for one in ResponseText.objects.filter(response=row)] == ["She decides."]
        correction = Correction.objects.get()
        assert json.loads(correction.before)["texts"] == {"control.note": "He decides."}
        assert fresh(row).revisions.get(number=row.revision).answers == {"control.note": {"text": "changed"}}

    @pytest.mark.parametrize(
        ("answers", "reason", "field"),
        [
            ({"control": 9}, "Why.", "control"),
            ({"nothing": 1}, "Why.", "nothing"),
            ({"control": 3}, "  ", "reason"),
            ({"control": 4}, "Why.", ""),
            ({"control": 3}, "x" * 1001, "reason"),
        ],
    )
    def test_what_is_refused_changes_nothing(self, client, by, answers, reason, field):
        row = answered(client, answers={"control": 4}, at=START)
        with pytest.raises(Refused) as refusal:
            correct(by=by, response=row, answers=answers, reason=reason, seen=row.revision)
        assert refusal.value.field == field
        assert fresh(row).answers["control"] == 4
        assert Correction.objects.count() == 0

    def test_of_two_at_once_the_second_is_told(self, client, by):
        row = answered(client, answers={"control": 4}, at=START)
        seen = row.revision
        correct(by=by, response=row, answers={"control": 3}, reason="First.", seen=seen)
        with pytest.raises(Refused, match="meanwhile"):
            correct(by=by, response=row, answers={"control": 1}, reason="Second.", seen=seen)
        assert fresh(row).answers["control"] == 3
        assert Correction.objects.count() == 1

    def test_ratings_have_their_own_grid(self, client, by):
        version_of()
        session = SessionFactory(client=client)
        row = rate(by=by, session=session, ratings={"control": 3})
        with pytest.raises(Refused, match="grid"):
            correct(by=by, response=row, answers={"control": 1}, reason="Why.", seen=row.revision)


class TestSafety:
    def test_a_risk_that_a_correction_brings_raises_a_flag(self, client, by):
        row = answered(client, "safety-screen", {}, at=START)
        name = first_risk(row)
        made = correct(by=by, response=row, answers={name: 1}, reason="She said yes.", seen=row.revision)
        assert made.flagged is True
        assert SafetyFlag.objects.get().response_id == row.pk

    def test_a_correction_away_from_a_risk_closes_no_flag(self, client, by):
        row = answered(client, "safety-screen", {}, at=START)
        name = first_risk(row)
        correct(by=by, response=row, answers={name: 1}, reason="She said yes.", seen=row.revision)
        correct(by=by, response=fresh(row), answers={name: 0}, reason="No, after all.", seen=row.revision)
        assert SafetyFlag.objects.get().state == "open"

    def test_a_closed_flag_does_not_stand_for_a_new_risk(self, client, by):
        row = answered(client, "safety-screen", {}, at=START)
        name = first_risk(row)
        for value in (1, 0):
            correct(by=by, response=fresh(row), answers={name: value}, reason="Asked.", seen=fresh(row).revision)
        flag = acknowledge_flag(by=by, flag=SafetyFlag.objects.get(), done="Called.")
        close_flag(by=by, flag=flag, action="Nothing needed.")
        correct(by=by, response=fresh(row), answers={name: 1}, reason="She did say yes.", seen=fresh(row).revision)
        assert list(SafetyFlag.objects.order_by("raised_at").values_list("state", flat=True)) == ["closed", "open"]

    def test_the_screen_follows(self, client, by):
        first = answered(client, "safety-screen", all_no(), at=START)
        fresh(client)
        assert (client.safety_screened_on, client.safety_cleared) == (START.date(), True)
        second = answered(client, "safety-screen", {}, at=START + 9 * DAY)
        assert fresh(client).safety_cleared is False
        withdraw_response(by=by, response=second, reason="Answered twice.")
        fresh(client)
        assert (client.safety_screened_on, client.safety_cleared) == (START.date(), True)
        withdraw_response(by=by, response=first, reason="Not theirs.")
        fresh(client)
        assert (client.safety_screened_on, client.safety_cleared) == (None, None)
        restore_response(by=by, response=fresh(second), reason="It was.")
        fresh(client)
        assert (client.safety_screened_on, client.safety_cleared) == ((START + 9 * DAY).date(), False)

    def test_withdrawing_leaves_the_flag(self, client, by):
        row = answered(client, "safety-screen", {first_risk(): 1}, at=START)
        withdraw_response(by=by, response=row, reason="A trial.")
        assert SafetyFlag.objects.get().state == "open"


def first_risk(row=None):
    definition = row.version.definition if row else definitions()["safety-screen"]
    return next(question.id for question in definition.questions if definition.items_by_id[question.item_id].risk)


def all_no():
    definition = definitions()["safety-screen"]
    return {question.id: 0 for question in definition.questions if definition.items_by_id[question.item_id].options}


class TestWithdrawing:
    def test_it_counts_nowhere_and_comes_back_as_it_was(self, client, by):
        answered(client, answers={"control": 4}, at=START)
        row = answered(client, answers={"control": 1}, at=START + 7 * DAY)
        before = list(
            Score.objects.filter(response=row).order_by("scale").values_list("scale", "at", "value", "reason")
        )
        withdraw_response(by=by, response=row, reason="Sent twice.", at=START + 8 * DAY)
        assert fresh(row).state == "withdrawn"
        assert [one.pk for one in submitted(client)] != [row.pk]
        assert submitted(client).count() == 1
        assert readable_answers(client).count() == 2
        assert Score.objects.filter(response=row).count() == 0
        assert control(client).points == "0:4"
        assert [one.pk for one in finished([client]).rows] == [submitted(client).get().pk]
        assert rebuild(check=True) == []
        restore_response(by=by, response=row, reason="It was right.", at=START + 9 * DAY)
        after = list(Score.objects.filter(response=row).order_by("scale").values_list("scale", "at", "value", "reason"))
        assert after == before
        assert control(client).points == "0:4 7:1"
        assert rebuild(check=True) == []
        kinds = Correction.objects.order_by("made_at").values_list("kind", "reason")
        assert [(kind, type(reason).__name__) for kind, reason in kinds] == [
            ("withdrawn", "Sealed"),
            ("restored", "Sealed"),
        ]
        assert [one.reason for one in Correction.objects.order_by("made_at")] == ["Sent twice.", "It was right."]

    def test_its_assignment_and_links_go_with_it(self, client, by):
        row = answered(client, channel="link", at=START)
        withdraw_response(by=by, response=row, reason="Sent twice.")
        assert Assignment.objects.get().state == "withdrawn"
        assert AssignmentLink.objects.filter(revoked_at=None).count() == 0
        restore_response(by=by, response=fresh(row), reason="No.")
        assert Assignment.objects.get().state == "submitted"
        assert AssignmentLink.objects.filter(revoked_at=None).count() == 0

    @pytest.mark.parametrize("action", [withdraw_response, restore_response])
    def test_twice_is_refused(self, client, by, action):
        row = answered(client, at=START)
        withdraw_response(by=by, response=row, reason="Once.")
        if action is restore_response:
            restore_response(by=by, response=row, reason="Back.")
        with pytest.raises(Refused):
            action(by=by, response=row, reason="Twice.")

    def test_what_it_told_leaves_the_map_and_comes_back(self, client, by):
        told = {"life-events": ["illness"], "connected": 5}
        row = answered(client, "session-checkin", told, at=START)
        other = answered(client, answers={"control": 3, "focus": ["control"]}, at=START + DAY)
        assert LifeEvent.objects.filter(withdrawn_at=None).count() == 1
        assert FocusBarrier.objects.get().state == "proposed"
        withdraw_response(by=by, response=row, reason="Twice.")
        withdraw_response(by=by, response=other, reason="Twice.")
        assert LifeEvent.objects.filter(withdrawn_at=None).count() == 0
        assert FocusBarrier.objects.get().state == "declined"
        restore_response(by=by, response=row, reason="Back.")
        assert LifeEvent.objects.filter(withdrawn_at=None).count() == 1

    def test_a_rating_is_taken_out_and_the_session_rated_anew(self, client, by):
        version_of()
        session = SessionFactory(client=client, starts_at=START)
        row = rate(by=by, session=session, ratings={"control": 3, "power": 2}, at=START)
        withdraw_response(by=by, response=row, reason="The wrong session.", at=START + DAY)
        assert rating_of(session) is None
        assert rebuild(check=True) == []
        again = rate(by=by, session=session, ratings={"control": 1}, at=START + 2 * DAY)
        assert again.pk == row.pk
        assert (again.state, again.answers["control"], again.answers["power"]) == ("submitted", 1, None)
        assert rebuild(check=True) == []
        restored = Correction.objects.get(kind="restored")
        assert json.loads(restored.before)["answers"]["power"] == 2


class TestAbout:
    def test_another_relationship_is_another_series(self, by):
        client = ClientFactory(relationship="partner since 2019")
        answered(client, answers={"control": 4}, at=START)
        row = answered(client, answers={"control": 1}, at=START + 7 * DAY)
        say_about(by=by, response=row, relationship="partner since 2026", reason="It was the new one.")
        lines = Trajectory.objects.filter(client=client, scale="barriers.control").order_by("baseline_at")
        assert [(line.count, line.baseline) for line in lines] == [(1, 4), (1, 1)]
        assert rebuild(check=True) == []
        correction = Correction.objects.get()
        assert (correction.kind, json.loads(correction.before)) == ("about", {"about": "partner since 2019"})
        say_about(by=by, response=fresh(row), relationship="partner since 2019", reason="No, it was not.")
        assert [line.count for line in Trajectory.objects.filter(client=client, scale="barriers.control")] == [2]
        assert rebuild(check=True) == []

    def test_the_same_again_is_refused(self, by):
        client = ClientFactory(relationship="partner since 2019")
        row = answered(client, at=START)
        with pytest.raises(Refused) as refusal:
            say_about(by=by, response=row, relationship="partner  since 2019", reason="Why.")
        assert refusal.value.field == "relationship"
