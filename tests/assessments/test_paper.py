"""Answers on paper: where they stand in time, what follows, and what is refused."""

import datetime as dt

import pytest

from assessments.actions.answering import save, start, submit
from assessments.actions.assigning import withdraw
from assessments.actions.paper import Sheet, ask_and_enter, enter
from assessments.actions.trajectories import rebuild
from assessments.models import Assignment, Response, ResponseRevision, Score, Trajectory
from assessments.queries.answers import answers_of
from clients.actions.course import discharge, propose_focus, start_episode
from clients.actions.goals import end_goal
from clients.barriers import CODES
from clients.models import Client, Consent, FocusBarrier, LifeEvent, SafetyFlag
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.assessments import answered, ask, version_of
from tests.factories.clients import GoalFactory, RelationshipFactory, client_of
from tests.factories.practice import MembershipFactory, PrivacyNoticeFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 20, 18, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)
TWELVE = dict.fromkeys(CODES, 2)


@pytest.fixture
def clinician():
    return MembershipFactory(practice__time_zone="Europe/Berlin", user__name="Dana Reyes")


@pytest.fixture
def by(clinician):
    return clinician.user


@pytest.fixture
def client(clinician):
    return client_of(clinician, relationship="partner since 2019")


def sheet(answers=None, day=TODAY, **fields):
    return Sheet(answers=TWELVE if answers is None else answers, day=day, **fields)


def refusal(call, **kwargs):
    with pytest.raises(Refused) as refused:
        call(**kwargs)
    return refused.value.field, str(refused.value)


class TestWhenItStands:
    def test_at_noon_of_its_day_scored_there_and_said_how_it_came(self, client, by):
        asked = ask(client, at=NOW - 10 * DAY)
        entered = enter(by=by, assignment=asked, sheet=sheet(day=TODAY - 3 * DAY), at=NOW)
        row = Response.objects.get()
        assert (entered.response, entered.errors) == (row, {})
        assert row.submitted_at == dt.datetime(2026, 3, 17, 11, 0, tzinfo=dt.UTC)  # noon in Berlin
        assert (row.entry, row.state, row.submitted_by, row.changed_at) == ("paper", "submitted", by, NOW)
        assert (row.relationship.words, bool(row.receipt)) == ("partner since 2019", True)
        assert set(Score.objects.values_list("at", flat=True)) == {row.submitted_at}
        asked.refresh_from_db()
        assert (asked.state, asked.closed_at) == ("submitted", NOW)
        assert answers_of(row).entered_at == NOW
        event = AuditEvent.objects.get(action="answers.entered")
        assert (event.at, event.detail) == (NOW, {"scores": 14, "days": 3, "asked": False})

    @pytest.mark.parametrize(
        ("day", "clock", "moment"),
        [
            (TODAY, None, dt.datetime(2026, 3, 20, 11, 0, tzinfo=dt.UTC)),
            (TODAY, dt.time(18, 30), dt.datetime(2026, 3, 20, 17, 30, tzinfo=dt.UTC)),
            (TODAY - 2 * DAY, None, dt.datetime(2026, 3, 18, 18, 0, tzinfo=dt.UTC)),  # asked after noon of that day
        ],
    )
    def test_the_time_of_the_day(self, client, by, day, clock, moment):
        asked = ask(client, at=NOW - 2 * DAY)
        entered = enter(by=by, assignment=asked, sheet=sheet(day=day, clock=clock), at=NOW)
        assert entered.response.submitted_at == moment

    def test_before_noon_of_today_it_stands_now(self, client, by):
        early = NOW.replace(hour=7)
        entered = ask_and_enter(by=by, client=client, version=version_of(), sheet=sheet(), at=early)
        assert entered.response.submitted_at == early

    @pytest.mark.parametrize(
        ("day", "clock", "field", "said"),
        [
            (TODAY + DAY, None, "day", "The day must not be in the future."),
            (TODAY - 5 * DAY, None, "day", "It was asked on 2026-03-18, and not answered before."),
            (TODAY, dt.time(23), "clock", "The time must not be in the future."),
            (TODAY - 2 * DAY, dt.time(9), "clock", "It was asked at 19:00 on that day."),
        ],
    )
    def test_not_in_the_future_and_not_before_it_was_asked(self, client, by, day, clock, field, said):
        asked = ask(client, at=NOW - 2 * DAY)
        found = refusal(enter, by=by, assignment=asked, sheet=sheet(day=day, clock=clock), at=NOW)
        assert found == (field, said)
        assert not Response.objects.exists()

    def test_the_hour_that_clocks_skip_is_refused(self, client, by):
        day = dt.date(2026, 3, 29)
        args = {"by": by, "client": client, "version": version_of(), "at": NOW + 20 * DAY}
        assert refusal(ask_and_enter, sheet=sheet(day=day, clock=dt.time(2, 30)), **args)[0] == "clock"

    def test_within_the_last_day_on_which_it_could_be_answered(self, client, by):
        asked = ask(client, at=NOW - 10 * DAY, expires_on=TODAY - 5 * DAY)
        assert refusal(enter, by=by, assignment=asked, sheet=sheet(), at=NOW) == (
            "day",
            "It could be answered until 2026-03-15.",
        )
        assert enter(by=by, assignment=asked, sheet=sheet(day=TODAY - 5 * DAY), at=NOW).response


class TestAssignAndEnter:
    def test_it_is_asked_on_the_day_of_the_paper(self, client, by):
        entered = ask_and_enter(by=by, client=client, version=version_of(), sheet=sheet(day=TODAY - 30 * DAY), at=NOW)
        asked = Assignment.objects.get()
        assert asked == entered.response.assignment
        assert (asked.state, asked.channel, asked.closed_at) == ("submitted", "room", NOW)
        assert asked.assigned_at == entered.response.submitted_at == asked.administration.asked_at
        assert AuditEvent.objects.get(action="answers.entered").detail["asked"] is True

    def test_an_older_paper_becomes_the_baseline(self, client, by):
        answered(client, answers={**TWELVE, "control": 1}, at=NOW - DAY)
        older = sheet({**TWELVE, "control": 4}, day=TODAY - 30 * DAY)
        ask_and_enter(by=by, client=client, version=version_of(), sheet=older, at=NOW)
        line = Trajectory.objects.get(scale="barriers.control")
        assert (line.count, line.baseline, line.latest) == (2, 4, 1)
        assert rebuild(check=True) == []

    def test_it_belongs_to_the_episode_of_its_day(self, client, by):
        before = client.episodes.get()
        discharge(by=by, client=client, reason="agreed", ends_on=TODAY - 10 * DAY, at=NOW - 10 * DAY)
        answers = {**TWELVE, "focus": ["control"]}
        args = {"by": by, "client": client, "version": version_of(), "at": NOW}
        assert ask_and_enter(sheet=sheet(answers, day=TODAY - 20 * DAY), **args).response.episode == before
        assert not FocusBarrier.objects.exists()
        assert refusal(ask_and_enter, sheet=sheet(), **args) == ("day", "The client was not in care on that day.")
        after = start_episode(by=by, client=client, starts_on=TODAY - 5 * DAY, at=NOW)
        assert refusal(ask_and_enter, sheet=sheet(day=TODAY - 7 * DAY), **args)[0] == "day"
        assert ask_and_enter(sheet=sheet(), **args).response.episode == after

    def test_not_what_is_retired(self, client, by):
        version = version_of("attunement")
        version.instrument.retired_at = NOW
        found = refusal(ask_and_enter, by=by, client=client, version=version, sheet=sheet({}), at=NOW)
        assert found == ("", "“Attunement” is not asked of clients.")


class TestWhatFollows:
    def test_a_risk_raises_its_flag_at_once(self, client, by):
        version = version_of("safety-screen")
        paper = sheet({"afraid.now": 1}, day=TODAY - 9 * DAY)
        entered = ask_and_enter(by=by, client=client, version=version, sheet=paper, at=NOW)
        flag = SafetyFlag.objects.get()
        assert (flag.response_id, flag.raised_at, flag.state) == (entered.response.pk, NOW, "open")
        client.refresh_from_db()
        assert (client.safety_screened_on, client.safety_cleared) == (TODAY - 9 * DAY, False)

    def test_a_newer_screen_and_a_newer_proposal_stay(self, client, by):
        screen = version_of("safety-screen")
        everything = {one.id: 0 for one in screen.definition.questions}
        answered(client, "safety-screen", everything, channel="room", at=NOW - DAY)
        ask_and_enter(by=by, client=client, version=screen, sheet=sheet({"afraid.now": 0}, day=TODAY - 9 * DAY), at=NOW)
        client.refresh_from_db()
        assert (client.safety_screened_on, client.safety_cleared) == (TODAY - DAY, True)
        answered(client, answers={**TWELVE, "focus": ["past"]}, at=NOW - DAY)
        older = sheet({**TWELVE, "focus": ["control"]}, day=TODAY - 9 * DAY)
        ask_and_enter(by=by, client=client, version=version_of(), sheet=older, at=NOW)
        assert list(FocusBarrier.objects.values_list("barrier", flat=True)) == ["past"]

    def test_focus_and_life_events_are_of_the_day_of_the_paper(self, client, by):
        propose_focus(by=by, client=client, barriers=["past"], by_client=True, at=NOW - 20 * DAY)
        day = TODAY - 9 * DAY
        args = {"by": by, "client": client, "at": NOW}
        row = ask_and_enter(version=version_of(), sheet=sheet({**TWELVE, "focus": ["control"]}, day=day), **args)
        states = FocusBarrier.objects.order_by("proposed_at").values_list("barrier", "state", "proposed_at")
        assert [one[:2] for one in states] == [("past", "declined"), ("control", "proposed")]
        assert states[1][2] == row.response.submitted_at
        ask_and_enter(version=version_of("session-checkin"), sheet=sheet({"life-events": ["grief"]}, day=day), **args)
        assert LifeEvent.objects.get().happened_on == day

    def test_goals_that_were_on_the_paper(self, client, by):
        goal, ended = GoalFactory(client=client), GoalFactory(client=client)
        end_goal(by=by, goal=ended, reached=True)
        other = GoalFactory(client=client_of(client.careassignments.get().clinician))
        version, args = version_of("session-checkin"), {"by": by, "client": client, "at": NOW}
        answers = {f"goals.{goal.key}": 4, f"goals.{ended.key}": 9}
        entered = ask_and_enter(version=version, sheet=sheet(answers), **args)
        assert {key: entered.response.answers[key] for key in answers} == answers
        wrong = ask_and_enter(version=version, sheet=sheet({f"goals.{other.key}": 3, "connected": 11}), **args)
        assert (wrong.response, set(wrong.errors)) == (None, {f"goals.{other.key}", "connected"})
        assert Response.objects.count() == 1

    def test_texts_are_sealed_and_the_revision_names_none(self, client, by):
        paper = sheet({**TWELVE, "control.note": "canary note", "something-else": "canary text"})
        row = ask_and_enter(by=by, client=client, version=version_of(), sheet=paper, at=NOW).response
        assert {one.text for one in row.texts.all()} == {"canary note", "canary text"}
        revision = ResponseRevision.objects.get()
        assert (revision.number, revision.base, revision.key, revision.saved_by) == (1, 0, "paper:1", by.pk)
        assert "canary" not in str([revision.answers, row.answers, list(AuditEvent.objects.values())])


class TestConsentAndDoing:
    def test_consent_as_in_the_room(self, client, by):
        notice = PrivacyNoticeFactory(practice=client.practice)
        args = {"by": by, "client": client, "version": version_of(), "at": NOW}
        assert refusal(ask_and_enter, sheet=sheet(), **args)[0] == "agreed"
        wrong = ask_and_enter(sheet=sheet({"control": 9}, agreed=True), **args)
        assert (list(wrong.errors), Consent.objects.count()) == (["control"], 0)
        ask_and_enter(sheet=sheet(agreed=True), **args)
        assert Consent.objects.get().notice == notice
        assert AuditEvent.objects.get(action="consent.given").detail["via"] == "staff"

    def test_an_empty_paper_and_the_same_paper_twice_are_refused(self, client, by):
        args = {"by": by, "client": client, "version": version_of(), "at": NOW}
        for empty in ({}, {"control": "", "something-else": "  ", "focus": None}):
            assert refusal(ask_and_enter, sheet=sheet(empty), **args) == ("", "Nothing is filled in yet.")
        ask_and_enter(sheet=sheet(), **args)
        assert refusal(ask_and_enter, sheet=sheet(clock=dt.time(9)), **args)[1].startswith("The same answers of that")
        assert ask_and_enter(sheet=sheet(day=TODAY - DAY), **args).response
        assert ask_and_enter(sheet=sheet({**TWELVE, "control": 3}), **args).response
        assert Response.objects.count() == Assignment.objects.count() == 3

    def test_what_is_sent_withdrawn_or_of_an_ended_episode_is_refused(self, client, by):
        asked = ask(client, at=NOW - DAY)
        enter(by=by, assignment=asked, sheet=sheet(), at=NOW)
        said = "This was sent or withdrawn already. Nothing was changed."
        assert refusal(enter, by=by, assignment=asked, sheet=sheet({"control": 1}), at=NOW) == ("", said)
        again = ask(client, at=NOW - DAY)
        withdraw(by=by, assignment=again, at=NOW)
        assert refusal(enter, by=by, assignment=again, sheet=sheet({"control": 1}), at=NOW) == ("", said)

    def test_a_draft_is_taken_over(self, client, by):
        asked = ask(client, at=NOW - DAY)
        begun = start(assignment=asked, at=NOW - DAY)
        save(response=begun, answers={"control": 4, "past": 1, "control.note": "mine"}, key="k", at=NOW - DAY)
        entered = enter(by=by, assignment=asked, sheet=sheet({"control": 3}), at=NOW)
        row = Response.objects.get()
        assert entered.response == row
        assert (row.answers["control"], row.answers["past"], row.revision, row.entry) == (3, None, 2, "paper")
        assert submit(response=begun, at=NOW).again

    def test_which_relationship(self, client, by):
        earlier, other = RelationshipFactory(client=client), RelationshipFactory()
        args = {"by": by, "client": client, "version": version_of(), "at": NOW}
        rows = [
            ask_and_enter(sheet=sheet(day=TODAY - 5 * DAY), **args),
            ask_and_enter(sheet=sheet(day=TODAY - 4 * DAY, known=earlier.pk), **args),
            ask_and_enter(sheet=sheet(day=TODAY - 3 * DAY, known=earlier.pk, about="somebody new"), **args),
        ]
        assert [one.response.relationship.words for one in rows] == [
            "partner since 2019",
            earlier.words,
            "somebody new",
        ]
        assert refusal(ask_and_enter, sheet=sheet(known=other.pk), **args)[0] == "relationship"
        assert refusal(ask_and_enter, sheet=sheet(about="x" * 81), **args)[0] == "relationship"
        assert Client.objects.get(pk=client.pk).relationship.words == "partner since 2019"

    def test_the_anchor_question_compares_with_the_paper_before(self, client, by):
        args = {"by": by, "client": client, "version": version_of(), "at": NOW}
        later = ask_and_enter(sheet=sheet(day=TODAY - 2 * DAY, anchor="same"), **args).response
        assert later.anchor == ""  # nothing to compare with
        earlier = ask_and_enter(sheet=sheet(day=TODAY - 20 * DAY, anchor="harder"), **args).response
        assert earlier.anchor == ""
        between = ask_and_enter(sheet=sheet(day=TODAY - 9 * DAY, anchor="easier"), **args).response
        assert (between.anchor, between.anchor_to) == ("easier", earlier.pk)
        assert answers_of(between).compared_with == earlier.submitted_at
        assert refusal(ask_and_enter, sheet=sheet(anchor="better"), **args)[0] == "anchor"
