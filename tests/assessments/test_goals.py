"""Own goals in the check-in: asked, kept, scored each as a scale of its own."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from assessments.actions.anchoring import compare
from assessments.actions.answering import save, start, submit
from assessments.actions.moving import move
from assessments.actions.trajectories import rebuild
from assessments.answers import questions_for
from assessments.models import Score, Trajectory
from assessments.queries.answers import answers_of, asked_for
from assessments.scoring import goal_scores, score
from clients.actions.goals import end_goal, reword_goal, set_goal
from tests.factories.assessments import answered, ask, draft
from tests.factories.clients import ClientFactory, FocusFactory, GoalFactory, client_of
from tests.factories.practice import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)
PREFIX = "session-checkin.goals."


@pytest.fixture
def client():
    return ClientFactory()


def asked(response):
    questions = questions_for(response.version.definition, asked_for(response, response.answers))
    return [(one.id, one.text) for one in questions if one.kind == "goals"]


def scores(client):
    rows = Score.objects.filter(client=client, scale__startswith="session-checkin.goals").order_by("at", "scale")
    return [(row.scale, row.value, row.answered, row.of, row.reason) for row in rows]


def test_a_check_in_asks_each_goal_that_is_worked_on(client):
    first, second = GoalFactory(client=client, position=2), GoalFactory(client=client, position=1)
    GoalFactory(client=client, state="reached", ended_on=START.date())
    GoalFactory(client=ClientFactory(practice=client.practice))
    response = draft(client, "session-checkin", at=START)
    assert asked(response) == [(f"goals.{one.key}", one.words) for one in (second, first)]
    assert asked(draft(ClientFactory(), "session-checkin", at=START)) == []


def test_a_goal_that_ends_meanwhile_keeps_its_answer(client):
    goals = [GoalFactory(client=client, position=place) for place in range(1, 4)]
    response = draft(client, "session-checkin", {f"goals.{goals[0].key}": 4, f"goals.{goals[2].key}": 9}, at=START)
    end_goal(by=UserFactory(), goal=goals[0], reached=True, at=START)
    end_goal(by=UserFactory(), goal=goals[1], reached=False, at=START)
    new = reword_goal(by=UserFactory(), goal=goals[2], words="in other words")
    assert [name for name, _text in asked(response)] == [f"goals.{one.key}" for one in (goals[0], goals[2], new)]
    submit(response=response, at=START)
    response.refresh_from_db()
    answers = {name: value for name, value in response.answers.items() if name.startswith("goals.")}
    assert answers == {f"goals.{goals[0].key}": 4, f"goals.{goals[2].key}": 9, f"goals.{new.key}": None}
    rows = [(row.question.text, row.label) for row in answers_of(response).rows if row.question.kind == "goals"]
    assert rows == [(goals[0].words, "4 out of 10"), (goals[2].words, "9 out of 10"), ("in other words", "")]


def test_a_goal_of_somebody_else_or_out_of_range_is_refused(client):
    goal, other = GoalFactory(client=client), GoalFactory(client=ClientFactory(practice=client.practice))
    response = start(assignment=ask(client, "session-checkin"))
    saved = save(response=response, answers={f"goals.{goal.key}": 11, f"goals.{other.key}": 5}, key="k")
    assert (set(saved.errors), saved.revision) == ({f"goals.{goal.key}", f"goals.{other.key}"}, 0)
    assert other.words not in str(saved.errors)


def test_each_goal_is_a_scale_with_a_trajectory_beside_the_mean(client):
    one, two, three = (GoalFactory(client=client, position=place) for place in (1, 2, 3))
    names = [f"goals.{goal.key}" for goal in (one, two, three)]
    answered(client, "session-checkin", dict(zip(names, (2, 4, 6), strict=True)), at=START)
    answered(client, "session-checkin", {names[0]: 5}, at=START + WEEK)
    found = scores(client)
    assert found[:4] == sorted(
        [
            ("session-checkin.goals", 4.0, 3, 3, ""),
            (PREFIX + one.key, 2.0, 1, 1, ""),
            (PREFIX + two.key, 4.0, 1, 1, ""),
            (PREFIX + three.key, 6.0, 1, 1, ""),
        ]
    )
    assert found[4:] == sorted(
        [
            ("session-checkin.goals", None, 1, 3, "too_few"),
            (PREFIX + one.key, 5.0, 1, 1, ""),
            (PREFIX + two.key, None, 0, 1, "not_whole"),
            (PREFIX + three.key, None, 0, 1, "not_whole"),
        ]
    )
    rows = Trajectory.objects.filter(scale__startswith=PREFIX)
    line = {row.scale.removeprefix(PREFIX): (row.count, row.baseline, row.latest, row.points) for row in rows}
    assert line == {one.key: (2, 2, 5, "0:2 7:5"), two.key: (1, 4, 4, "0:4"), three.key: (1, 6, 6, "0:6")}
    assert rebuild(check=True) == []


def test_without_goals_nothing_is_scored_for_them(client):
    answered(client, "session-checkin", {"connected": 3}, at=START)
    assert scores(client) == []


def test_a_goal_of_another_episode_is_not_asked_and_its_old_answers_stay_readable(client):
    goal = GoalFactory(client=client, words="the old one")
    sent = answered(client, "session-checkin", {f"goals.{goal.key}": 7}, at=START)
    end_goal(by=UserFactory(), goal=goal, reached=True, at=START)
    set_goal(by=UserFactory(), client=client, words="a new one", at=START)
    assert asked(sent) == [(f"goals.{goal.key}", "the old one")]


def test_what_a_sent_check_in_left_open_stays_known(client):
    FocusFactory(client=client, state="active", slot=1, starts_on=START.date())
    goal = GoalFactory(client=client)
    sent = answered(client, "session-checkin", {}, at=START)
    assert {key: sent.answers[key] for key in (f"goals.{goal.key}", "focus-now.communication")} == {
        f"goals.{goal.key}": None,
        "focus-now.communication": None,
    }


@given(values=st.dictionaries(st.sampled_from("abcde"), st.one_of(st.none(), st.integers(0, 10))))
def test_goal_scores_are_the_answers_themselves(checkin, values):
    answers = {f"goals.{key}": value for key, value in values.items()} | {"connected": 3, "goals": 2, "goalsa": 1}
    found = {one.key: (one.value, one.answered, one.of, one.reason) for one in goal_scores(checkin, answers, "abcd")}
    assert found == {
        f"goals.{key}": (None, 0, 1, "not_whole") if value is None else (float(value), 1, 1, None)
        for key, value in values.items()
        if key != "e"
    }
    assert "goals" in {one.key for one in score(checkin, answers)}


def test_reading_a_check_in_takes_as_many_queries_with_three_goals_as_with_one():
    counts = []
    for count in (1, 3):
        client = ClientFactory()
        goals = [GoalFactory(client=client) for _ in range(count)]
        sent = answered(client, "session-checkin", {f"goals.{goal.key}": 5 for goal in goals}, at=START)
        sent.version.definition  # noqa: B018 - kept in the process
        with CaptureQueriesContext(connection) as captured:
            assert len([row for row in answers_of(sent).rows if row.question.kind == "goals"]) == count
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4


def test_moved_answers_leave_the_goals_and_the_comparison_behind():
    clinician = MembershipFactory()
    client, right = client_of(clinician), client_of(clinician)
    goal = GoalFactory(client=client)
    answered(client, "session-checkin", {f"goals.{goal.key}": 3}, at=START)
    sent = draft(client, "session-checkin", {f"goals.{goal.key}": 7, "connected": 4}, at=START + WEEK)
    compare(response=sent, anchor="same", at=START + WEEK)
    submit(response=sent, at=START + WEEK)
    moved = move(by=clinician.user, response=sent, to=right, reason="the wrong client")
    assert scores(right) == []
    assert Score.objects.filter(client=right, scale="session-checkin.connected").get().value == 4
    assert goal.words not in str([(row.question.text, row.label) for row in answers_of(moved).rows])
    assert (moved.anchor, moved.anchor_to) == ("", None)
    assert rebuild(check=True) == []
