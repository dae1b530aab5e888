"""Saving and submitting: idempotent, compare-and-swap, conflicts told, texts sealed, nothing done twice."""

import datetime as dt

import pytest
from django.utils import timezone

from assessments.actions import answering
from assessments.actions.answering import TEXT_MARK, save, start, submit
from assessments.actions.assigning import withdraw
from assessments.actions.naming import name_relationship
from assessments.errors import Busy, ConsentNeeded, LateDraft, NotAsked
from assessments.models import Assignment, Response, ResponseRevision, ResponseText, Score
from assessments.queries.answers import draft_answers
from clients.actions.course import discharge
from clients.models import Client, Consent, FocusBarrier, LifeEvent, SafetyFlag
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.assessments import answered, ask, draft
from tests.factories.clients import ClientFactory, FocusFactory
from tests.factories.practice import PrivacyNoticeFactory, UserFactory
from tests.raw import raw_text

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


@pytest.fixture
def client():
    return ClientFactory()


@pytest.fixture
def response(client):
    return draft(client)


def _row(response):
    return Response.objects.get(pk=response.pk)


class TestStart:
    def test_begins_once_and_goes_on_with_the_same(self, client):
        assignment = ask(client, at=NOON)
        first, second = start(assignment=assignment, at=NOON), start(assignment=assignment)
        assert first.pk == second.pk
        assert (second.state, second.revision, second.respondent) == ("draft", 0, "client")
        assert second.episode == client.episodes.get()
        assert AuditEvent.objects.filter(action="answers.started").count() == 1

    def test_needs_consent_to_the_current_notice(self, client):
        assignment = ask(client)
        notice = PrivacyNoticeFactory(practice=client.practice)
        with pytest.raises(ConsentNeeded):
            start(assignment=assignment)
        assert Response.objects.count() == 0
        start(assignment=assignment, agreed=True)
        assert Consent.objects.get().notice == notice
        start(assignment=assignment)
        PrivacyNoticeFactory(practice=client.practice, version=2)
        with pytest.raises(ConsentNeeded):
            start(assignment=assignment)

    def test_consent_is_not_given_when_nothing_is_asked_any_more(self, client):
        PrivacyNoticeFactory(practice=client.practice)
        assignment = ask(client)
        withdraw(by=UserFactory(), assignment=assignment)
        assignment.refresh_from_db()
        with pytest.raises(NotAsked):
            start(assignment=assignment, agreed=True)
        assert Consent.objects.count() == 0

    def test_what_expired_or_ended_is_not_asked(self, client):
        assignment = ask(client)
        assignment.expires_at = timezone.now() - dt.timedelta(seconds=1)
        assignment.save()
        with pytest.raises(NotAsked):
            start(assignment=assignment)
        other = ask(client, "attunement")
        discharge(by=UserFactory(), client=client, reason="completed")
        other.refresh_from_db()
        with pytest.raises(NotAsked):
            start(assignment=other)

    def test_a_sent_one_is_given_back(self, client):
        response = answered(client)
        assert start(assignment=response.assignment).state == "submitted"

    def test_the_relationship_is_kept_where_it_is_asked(self):
        client = ClientFactory(relationship="partner since 2019")
        assert draft(client, "barriers").relationship.words == "partner since 2019"
        assert draft(client, "attachment-patterns").relationship is None


class TestSave:
    def test_merges_and_takes_back(self, response):
        save(response=response, answers={"control": 3, "power": "2"}, key="1")
        save(response=response, answers={"power": None, "norms": 0}, key="2")
        assert _row(response).answers == {"control": 3, "norms": 0}
        assert _row(response).revision == 2

    def test_the_same_key_again_changes_nothing(self, response):
        first = save(response=response, answers={"control": 3}, key="k")
        save(response=response, answers={"control": 1}, key="l")
        again = save(response=response, answers={"control": 3}, key="k")
        assert (first, again.revision) == (answering.Saved(1), 1)
        assert _row(response).answers == {"control": 1}
        assert ResponseRevision.objects.count() == 2

    def test_a_replay_after_submission_is_answered_likewise(self, response):
        first = save(response=response, answers={"control": 3}, key="k")
        submit(response=response)
        assert save(response=response, answers={"control": 3}, key="k") == first

    @pytest.mark.parametrize("key", ["", "x" * 41, "a\nb"])
    def test_a_bad_key_is_refused(self, response, key):
        with pytest.raises(Refused, match="key"):
            save(response=response, answers={"control": 3}, key=key)

    def test_unknown_items_and_values_out_of_range_are_named_and_nothing_is_written(self, response):
        saved = save(response=response, answers={"control": 5, "zzz": 1, "power": 2, "norms": "x"}, key="k", at=NOON)
        assert set(saved.errors) == {"control", "zzz", "norms"}
        assert saved.revision == 0
        assert _row(response).answers == {}
        assert ResponseRevision.objects.count() == 0

    def test_a_score_a_state_and_a_practice_are_no_answers(self, response):
        other = ClientFactory()
        for name, value in (("score", 9), ("state", "submitted"), ("practice", str(other.practice_id))):
            assert set(save(response=response, answers={name: value}, key=name).errors) == {name}
        row = _row(response)
        assert (row.state, row.practice_id, row.answers) == ("draft", response.practice_id, {})

    def test_a_late_draft_is_refused_and_the_submission_stays(self, response):
        save(response=response, answers={"control": 3}, key="k")
        submit(response=response)
        with pytest.raises(LateDraft):
            save(response=response, answers={"control": 0}, key="late")
        assert _row(response).answers["control"] == 3
        assert Score.objects.get(scale="barriers.control").value == 3

    def test_a_withdrawn_one_takes_no_more(self, response):
        withdraw(by=UserFactory(), assignment=response.assignment)
        with pytest.raises(NotAsked):
            save(response=response, answers={"control": 0}, key="k")
        with pytest.raises(NotAsked):
            submit(response=response)
        assert _row(response).state == "draft"

    def test_no_audit_row_for_autosave(self, response):
        before = AuditEvent.objects.count()
        save(response=response, answers={"control": 3}, key="k")
        assert AuditEvent.objects.count() == before

    def test_whoever_saved_is_kept_as_an_id(self, response):
        by = UserFactory()
        save(response=response, answers={"control": 3}, key="k", by=by)
        assert ResponseRevision.objects.get().saved_by == by.pk

    def test_it_gives_up_when_others_always_come_first(self, response, monkeypatch):
        monkeypatch.setattr(answering, "_merge", lambda *args: None)
        with pytest.raises(Busy):
            save(response=response, answers={"control": 3}, key="k")


class TestConflicts:
    def test_two_windows_change_one_item(self, response):
        save(response=response, answers={"control": 1}, key="a", base=0)
        saved = save(response=response, answers={"control": 4, "power": 2}, key="b", base=0)
        assert saved.conflicts == ["control"]
        assert _row(response).answers == {"control": 4, "power": 2}
        kept = list(ResponseRevision.objects.order_by("number").values_list("answers", flat=True))
        assert kept == [{"control": 1}, {"control": 4, "power": 2}]

    def test_the_replay_tells_the_same_conflict(self, response):
        save(response=response, answers={"control": 1}, key="a", base=0)
        first = save(response=response, answers={"control": 4}, key="b", base=0)
        save(response=response, answers={"control": 2}, key="c", base=2)
        assert save(response=response, answers={"control": 4}, key="b", base=0) == first

    @pytest.mark.parametrize(
        ("answers", "base"),
        [({"power": 4}, 0), ({"control": 4}, 1), ({"control": 1}, 0), ({"control": 4}, None)],
        ids=["another item", "seen", "the same answer", "no base"],
    )
    def test_no_conflict(self, response, answers, base):
        save(response=response, answers={"control": 1}, key="a", base=0)
        assert save(response=response, answers=answers, key="b", base=base).conflicts == []

    def test_saves_of_one_page_do_not_conflict_with_each_other(self, response):
        save(response=response, answers={"control": 1}, key="page:1", base=0)
        assert save(response=response, answers={"control": 2}, key="page:2", base=0).conflicts == []
        assert save(response=response, answers={"control": 3}, key="other:1", base=0).conflicts == ["control"]

    def test_a_text_written_in_two_windows_keeps_both(self, response):
        save(response=response, answers={"something-else": "my first words"}, key="a", base=0)
        saved = save(response=response, answers={"something-else": "other words"}, key="b", base=0)
        assert saved.conflicts == ["something-else"]
        text = draft_answers(_row(response))["something-else"]
        assert text.startswith("my first words")
        assert text.endswith("other words")


class TestTexts:
    def test_they_are_sealed_and_in_no_revision(self, response):
        save(
            response=response,
            answers={"something-else": "crocodile", "control.note": "umbrella"},
            key="k",
        )
        revision = ResponseRevision.objects.get()
        assert revision.answers == {"something-else": TEXT_MARK, "control.note": TEXT_MARK}
        submit(response=response)
        assert set(_row(response).answers.values()) == {None}
        for word in ("crocodile", "umbrella"):
            assert word not in raw_text()
        texts = draft_answers(_row(response))
        assert (texts["something-else"], texts["control.note"]) == ("crocodile", "umbrella")

    def test_the_dump_would_find_a_text(self, client):
        client.last_name = "crocodile"
        client.save()
        assert "crocodile" in raw_text()

    def test_a_text_is_changed_and_taken_back(self, response):
        save(response=response, answers={"something-else": "one"}, key="1")
        save(response=response, answers={"something-else": "two"}, key="2", base=1)
        assert draft_answers(_row(response))["something-else"] == "two"
        save(response=response, answers={"something-else": ""}, key="3", base=2)
        assert ResponseText.objects.count() == 0


class TestSubmit:
    def test_scores_trajectories_and_receipt(self, client):
        response = answered(client, answers={"control": 3, "power": 1, "norms": None}, at=NOON)
        assert (response.state, response.submitted_at, response.assignment.state) == ("submitted", NOON, "submitted")
        assert len(response.receipt) == 9
        scores = {row.scale: (row.value, row.answered, row.of, row.reason) for row in response.scores.all()}
        assert scores["barriers.control"] == (3, 1, 1, "")
        assert scores["barriers.norms"] == (None, 0, 1, "not_whole")
        assert scores["barriers.burden"] == (None, 2, 12, "too_few")
        assert {row.scale for row in client.trajectories.all()} == {"barriers.control", "barriers.power"}
        assert {(row.at, row.respondent) for row in response.scores.all()} == {(NOON, "client")}

    def test_the_snapshot_says_what_was_left_open(self, client):
        response = answered(client, answers={"control": 3})
        assert len(response.answers) == 13
        assert response.answers["power"] is None

    def test_again_gives_the_same_receipt(self, response):
        by = UserFactory()
        first = submit(response=response, by=by, at=NOON)
        again = submit(response=response, by=UserFactory())
        assert (first.again, again.again) == (False, True)
        assert (again.code, again.at) == (first.code, NOON)
        assert _row(response).submitted_by == by
        rows = AuditEvent.objects.filter(action="answers.submitted")
        assert [(row.actor_id, row.client_id, row.detail) for row in rows] == [
            (by.pk, response.client_id, {"revision": 0, "scores": 14})
        ]

    def test_everything_or_nothing(self, response, monkeypatch):
        save(response=response, answers={"control": 3}, key="k")

        def broken(*args, **kwargs):
            raise RuntimeError("broken in the middle")

        monkeypatch.setattr("assessments.actions.effects.trajectories.update", broken)
        with pytest.raises(RuntimeError):
            submit(response=response)
        assert _row(response).state == "draft"
        assert Score.objects.count() == 0

    def test_focus_is_proposed_by_the_client(self, client):
        answered(client, answers={"focus": ["power", "control"]})
        rows = FocusBarrier.objects.filter(client=client)
        assert {(row.barrier, row.state, row.proposed_by_client) for row in rows} == {
            ("control", "proposed", True),
            ("power", "proposed", True),
        }

    def test_life_events_are_noted(self, client):
        answered(client, "session-checkin", {"life-events": ["work", "grief"]}, at=NOON)
        rows = LifeEvent.objects.filter(client=client)
        assert {(row.kind, row.happened_on, row.told_by_client) for row in rows} == {
            ("work", dt.date(2026, 3, 4), True),
            ("grief", dt.date(2026, 3, 4), True),
        }

    def test_discharge_asks_no_longer_and_keeps_the_draft(self, client):
        response = draft(client, answers={"control": 3, "focus": ["control"]})
        discharge(by=UserFactory(), client=client, reason="stopped")
        with pytest.raises(NotAsked):
            submit(response=response)
        assert _row(response).answers == {"control": 3, "focus": ["control"]}

    def test_an_episode_that_ended_meanwhile_loses_no_answers(self, client):
        response = draft(client, answers={"control": 3, "focus": ["control"]})
        client.episodes.update(ends_on=NOON.date(), reason="stopped")
        assert not submit(response=response).again
        assert not FocusBarrier.objects.filter(client=client, state="proposed").exists()

    def test_focus_ratings_are_asked_of_what_is_in_focus(self, client):
        FocusFactory(client=client, barrier="control", state="active", slot=1, starts_on=NOON.date())
        response = draft(client, "session-checkin", {"focus-now.control": 3})
        errors = save(response=response, answers={"focus-now.power": 3}, key="k").errors
        assert set(errors) == {"focus-now.power"}
        FocusBarrier.objects.update(state="ended", slot=None)
        submit(response=response)
        assert _row(response).answers["focus-now.control"] == 3
        assert not Score.objects.filter(scale__startswith="barriers").exists()


class TestSafety:
    def test_a_yes_raises_a_flag_at_once(self, client):
        response = answered(client, "safety-screen", {"afraid.year": 1}, channel="room")
        assert SafetyFlag.objects.get().response_id == response.pk
        assert SafetyFlag.objects.get().client == client

    @pytest.mark.parametrize(
        ("given", "cleared"),
        [(0, True), (2, False), (None, False), (1, False)],
        ids=["all no", "prefers not to say", "left open", "yes"],
    )
    def test_the_screen_is_kept(self, client, given, cleared):
        response = draft(client, "safety-screen", channel="room", at=NOON)
        answers = {question.id: 0 for question in response.version.definition.questions}
        save(response=response, answers={**answers, "hurt.now": given}, key="k", at=NOON)
        submit(response=response, at=NOON)
        row = Client.objects.get(pk=client.pk)
        assert (row.safety_screened_on, row.safety_cleared) == (NOON.date(), cleared)
        assert SafetyFlag.objects.exists() == (given == 1)

    def test_other_measures_leave_the_screen_alone(self, client):
        answered(client)
        assert Client.objects.get(pk=client.pk).safety_screened_on is None
        assert SafetyFlag.objects.count() == 0


class TestRiskInADraft:
    """A yes is told at once, sent or not."""

    def test_saving_it_raises_one_flag(self, client):
        response = draft(client, "safety-screen", {"afraid.now": 0}, channel="room")
        assert not SafetyFlag.objects.exists()
        for number, answer in enumerate((1, None, 1, 0)):
            save(response=response, answers={"afraid.now": answer}, key=f"k:{number}")
        flag = SafetyFlag.objects.get()
        assert (flag.response_id, flag.client, flag.state) == (response.pk, client, "open")
        submit(response=response)
        assert SafetyFlag.objects.get() == flag

    def test_nothing_of_it_is_in_the_result(self, client):
        response = draft(client, "safety-screen", channel="room")
        told, quiet = (
            save(response=response, answers={name: 1 - number}, key=f"k:{number}")
            for number, name in enumerate(("afraid.now", "threatened.now"))
        )
        assert (told.errors, told.conflicts) == (quiet.errors, quiet.conflicts) == ({}, [])

    def test_a_refused_save_raises_none(self, client):
        response = draft(client, "safety-screen", channel="room")
        assert save(response=response, answers={"afraid.now": 1, "tracked.now": 9}, key="k").errors
        assert not SafetyFlag.objects.exists()


def test_what_has_expired_meanwhile_is_not_taken(client):
    response = draft(client, answers={"control": 3})
    Assignment.objects.update(expires_at=timezone.now())
    with pytest.raises(NotAsked):
        submit(response=response)
    assert (_row(response).state, Score.objects.count()) == ("draft", 0)


def test_a_receipt_is_given_again_after_the_last_day(client):
    response = draft(client, answers={"control": 3})
    receipt = submit(response=response)
    Assignment.objects.update(expires_at=timezone.now())
    assert submit(response=response).code == receipt.code


def test_what_was_not_asked_leaves_no_score(client):
    response = answered(client, "session-checkin")
    assert "session-checkin.goals" not in set(Score.objects.values_list("scale", flat=True))
    assert Score.objects.filter(response=response).exists()


def test_the_relationship_of_a_draft_can_be_named(client):
    response = draft(client)
    name_relationship(response=response, relationship="  my  new partner ")
    named = _row(response).relationship
    assert named.words == "my new partner"
    again = draft(client, "growth-habits")
    name_relationship(response=again, relationship="my new partner ")
    assert _row(again).relationship == named
    assert list(client.relationships.all()) == [named]
    with pytest.raises(Refused):
        name_relationship(response=response, relationship="x" * 81)
    submit(response=response)
    with pytest.raises(LateDraft):
        name_relationship(response=response, relationship="another")
    other = draft(client, "attachment-patterns")
    name_relationship(response=other, relationship="not asked here")
    assert _row(other).relationship is None
