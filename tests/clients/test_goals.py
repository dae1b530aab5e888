"""Own goals: worded together, at most five, ended and never deleted."""

import datetime as dt

import pytest

from clients.actions.course import discharge
from clients.actions.goals import agree_goal, end_goal, move_goal, restore_goal, reword_goal, set_goal
from clients.models import Goal
from clients.queries.goals import active_goals, asked_goals, goal_words, goals_of
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.clients import ClientFactory, client_of
from tests.factories.practice import UserFactory

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
TODAY = NOON.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def client(clinician):
    return client_of(clinician, user=UserFactory())


@pytest.fixture
def by(clinician):
    return clinician.user


def refusal(call, **kwargs):
    with pytest.raises(Refused) as refused:
        call(**kwargs)
    return refused.value.field, str(refused.value)


def texts(client):
    return [goal.words for goal in active_goals(client)]


def test_a_clinicians_words_wait_for_the_client_and_the_clients_do_not(client, by, audited):
    first = set_goal(by=by, client=client, words="  Eat   together\x00 twice a week ", at=NOON)
    second = set_goal(by=client.user, client=client, words="See my friends", by_client=True, at=NOON)
    third = set_goal(by=by, client=client, words="Say no once", agreed=True, at=NOON)
    assert [(goal.words, goal.position, goal.agreed_at, goal.set_by) for goal in (first, second, third)] == [
        ("Eat together twice a week", 1, None, by),
        ("See my friends", 2, NOON, client.user),
        ("Say no once", 3, NOON, by),
    ]
    assert audited() == ["goal.set"] * 3
    assert [row.detail for row in AuditEvent.objects.order_by("pk")] == [
        {"via": "staff", "agreed": False},
        {"via": "client", "agreed": True},
        {"via": "staff", "agreed": True},
    ]
    assert agree_goal(by=client.user, goal=first, at=NOON + DAY).agreed_at == NOON + DAY
    assert agree_goal(by=client.user, goal=first, at=NOON + 2 * DAY).agreed_at == NOON + DAY
    assert audited() == ["goal.agreed"]


def test_words_are_sealed_and_stand_in_no_audit_row(client, by):
    set_goal(by=by, client=client, words="canary goal", at=NOON)
    assert "canary" not in str(list(AuditEvent.objects.values()))
    assert "canary" not in str(list(Goal.objects.values()))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "Write the goal in a few words."),
        (" \x00 \n", "Write the goal in a few words."),
        ("x" * 201, "At most 200 characters; these are 201."),
        ("SEE my  friends", "This is one of the goals already."),
    ],
)
def test_words_are_refused_at_their_field(client, by, words, said, audited):
    set_goal(by=by, client=client, words="See my friends", at=NOON)
    other = set_goal(by=by, client=client, words="Sleep", at=NOON)
    audited()
    assert refusal(set_goal, by=by, client=client, words=words, at=NOON) == ("words", said)
    assert refusal(reword_goal, by=by, goal=other, words=words, at=NOON) == ("words", said)
    assert (texts(client), audited()) == (["See my friends", "Sleep"], [])


def test_at_most_five(client, by):
    goals = [set_goal(by=by, client=client, words=f"goal {n}", at=NOON) for n in range(5)]
    field, said = refusal(set_goal, by=by, client=client, words="one more", at=NOON)
    assert (field, said[:31]) == ("words", "There are 5 goals already. End ")
    end_goal(by=by, goal=goals[0], reached=True, at=NOON)
    assert set_goal(by=by, client=client, words="goal 0", at=NOON).position == 6  # the same words may come back
    assert refusal(restore_goal, by=by, goal=goals[0], at=NOON) == ("", "There are 5 goals already. End one first.")


def test_other_words_are_another_goal_in_the_same_place(client, by, audited):
    first = set_goal(by=by, client=client, words="Eat together", at=NOON)
    set_goal(by=by, client=client, words="Sleep", at=NOON)
    audited()
    assert reword_goal(by=by, goal=first, words=" Eat  together", at=NOON) == first
    assert audited() == []
    new = reword_goal(by=client.user, goal=first, words="Eat together at home", by_client=True, at=NOON + DAY)
    first.refresh_from_db()
    assert (first.state, first.ended_on, first.words) == ("aside", TODAY + DAY, "Eat together")
    assert (new.position, new.replaces, new.agreed_at) == (1, first, NOON + DAY)
    assert texts(client) == ["Eat together at home", "Sleep"]
    assert audited() == ["goal.reworded"]
    said = "This goal has ended meanwhile. Nothing was changed."
    assert refusal(reword_goal, by=by, goal=first, words="again", at=NOON) == ("", said)
    assert refusal(agree_goal, by=by, goal=first, at=NOON) == ("", said)
    assert refusal(move_goal, by=by, goal=first, at=NOON) == ("", said)


def test_ending_restoring_and_order(client, by, audited):
    one, two, three = (set_goal(by=by, client=client, words=word, at=NOON) for word in ("one", "two", "three"))
    audited()
    move_goal(by=by, goal=three, at=NOON)
    assert texts(client) == ["one", "three", "two"]
    move_goal(by=by, goal=one, at=NOON)  # first already
    move_goal(by=by, goal=two, up=False, at=NOON)  # last already
    assert audited() == ["goal.moved"]
    assert end_goal(by=by, goal=one, reached=True, at=NOON).state == "reached"
    assert end_goal(by=by, goal=one, reached=False, at=NOON + DAY).state == "reached"
    assert end_goal(by=by, goal=two, reached=False, at=NOON + DAY).ended_on == TODAY + DAY
    assert audited() == ["goal.ended", "goal.ended"]
    assert [goal.words for goal in goals_of(client, client.episodes.get())] == ["three", "two", "one"]
    assert restore_goal(by=by, goal=one, at=NOON).ended_on is None
    restore_goal(by=by, goal=one, at=NOON)
    assert (texts(client), audited()) == (["three", "one"], ["goal.restored"])


def test_the_discharge_ends_goals_and_then_none_is_set(client, by):
    goal = set_goal(by=by, client=client, words="one", at=NOON)
    done = end_goal(by=by, goal=set_goal(by=by, client=client, words="two", at=NOON), reached=True, at=NOON)
    elsewhere = set_goal(by=by, client=client_of(client.careassignments.get().clinician), words="one", at=NOON)
    discharge(by=by, client=client, reason="agreed", ends_on=TODAY - DAY, at=NOON)
    for row in (goal, done, elsewhere):
        row.refresh_from_db()
    assert [(row.state, row.ended_on) for row in (goal, done, elsewhere)] == [
        ("aside", TODAY - DAY),
        ("reached", TODAY),
        ("active", None),
    ]
    assert AuditEvent.objects.get(action="client.discharged").detail["goals_ended"] == 1
    assert refusal(set_goal, by=by, client=client, words="three", at=NOON)[1].startswith("This client is discharged")
    assert refusal(restore_goal, by=by, goal=goal, at=NOON) == ("", "The episode of this goal has ended.")


def test_keys_of_others_and_what_is_no_key_give_no_words(client, by, django_assert_num_queries):
    goal = set_goal(by=by, client=client, words="one", at=NOON)
    other = set_goal(by=by, client=ClientFactory(practice=client.practice), words="not mine", at=NOON)
    answered = [goal.key, other.key, "x" * 32, "short", ""]
    assert asked_goals(client.pk, goal.episode_id, answered=answered, asking=False) == {goal.key: "one"}
    scales = [f"goals.{goal.key}", f"goals.{other.key}", "goals", "hopeful", goal.key]
    assert goal_words(client, scales) == {f"goals.{goal.key}": "one"}
    with django_assert_num_queries(0):
        assert asked_goals(client.pk, goal.episode_id, answered=["goals"], asking=False) == {}
        assert goal_words(client, ["hopeful"]) == {}
    assert goals_of(client, None) == []
