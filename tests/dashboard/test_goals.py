"""The goals tab of a record, and what its buttons do."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.actions.course import discharge, start_episode
from clients.actions.goals import end_goal
from clients.models import Goal
from practice.models import AuditEvent
from tests.dashboard.recording import queries, url, words
from tests.factories.assessments import answered
from tests.factories.clients import GoalFactory, LifeEventFactory, client_of
from tests.factories.practice import MembershipFactory, SupervisionFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def clinician():
    return MembershipFactory(user__name="Dana Reyes")


@pytest.fixture
def client(clinician):
    return client_of(clinician, first_name="Ada", user=UserFactory(name="Ada"))


def signed_in(member):
    browser = Browser()
    browser.force_login(member.user)
    return browser


@pytest.fixture
def browser(clinician):
    return signed_in(clinician)


def rated(client, goal, *values):
    now = timezone.now()
    for place, value in enumerate(reversed(values)):
        answered(client, "session-checkin", {f"goals.{goal.key}": value}, at=now - 7 * place * DAY - DAY)


def test_a_goal_is_shown_with_its_course(browser, client, clinician):
    goal = GoalFactory(client=client, words="Eat together", set_by=clinician.user, agreed_at=None)
    mine = GoalFactory(client=client, words="<b>See</b> friends", set_by=client.user)
    LifeEventFactory(client=client, happened_on=timezone.localdate() - 3 * DAY)
    rated(client, goal, 2, 4, 7)
    page = browser.get(url("client_goals", client))
    (first, second) = page.context["found"].active
    assert (first.baseline, first.latest, first.change, first.times) == ("2", "7", "+5", "3 answers")
    assert (second.baseline, second.latest, second.change, second.asked) == ("", "", "", 3)
    text = words(page.content.decode())
    assert "not yet agreed" in text
    assert "In the client’s own words" in text
    assert "Asked at a check-in, and left open." in text
    assert "<b>See" not in page.content.decode()
    assert text.count("Change at work") == 3  # on the one chart: description, title, label
    assert mine in Goal.objects.all()


def test_adding_and_a_refusal_at_the_field(browser, client, clinician):
    answer = browser.post(url("client_goals", client), {"words": "Eat together", "agreed": "on"})
    assert answer.status_code == 302
    goal = Goal.objects.get()
    assert (goal.words, goal.set_by, goal.agreed_at is not None) == ("Eat together", clinician.user, True)
    again = browser.post(url("client_goals", client), {"words": "eat TOGETHER"})
    assert again.context["form"].errors == {"words": ["This is one of the goals already."]}
    assert "eat TOGETHER" in again.content.decode()
    empty = browser.post(url("client_goals", client), {"words": "  "})
    assert list(empty.context["form"].errors) == ["words"]
    assert Goal.objects.count() == 1


def test_the_sixth_goal_is_refused_with_its_words_kept(browser, client):
    for _place in range(5):
        GoalFactory(client=client)
    page = browser.get(url("client_goals", client))
    assert "There are 5 goals already." in page.content.decode()
    refused = browser.post(url("client_goals", client), {"words": "one more"})
    assert (refused.status_code, Goal.objects.count()) == (200, 5)
    assert "There are 5 goals already." in str(refused.context["form"].errors)


def test_other_words(browser, client):
    goal = GoalFactory(client=client, words="Eat together")
    page = browser.get(url("goal", client, goal.pk))
    assert "Eat together</textarea>" in page.content.decode()
    refused = browser.post(url("goal", client, goal.pk), {"words": "x" * 201})
    assert list(refused.context["form"].errors) == ["words"]
    assert browser.post(url("goal", client, goal.pk), {"words": "Eat at home"}).status_code == 302
    new = Goal.objects.get(state="active")
    assert (new.words, new.replaces, new.agreed_at) == ("Eat at home", goal, None)
    tab = browser.get(url("client_goals", client)).content.decode()
    assert "other words since" in tab
    assert 'value="restore"' not in tab
    ended = browser.get(url("goal", client, goal.pk)).content.decode()
    assert "This goal has ended." in ended
    assert browser.post(url("goal", client, goal.pk), {"words": "late"}).context["form"].errors


def test_buttons_end_restore_agree_and_move(browser, client):
    first, second = (GoalFactory(client=client, position=place, agreed_at=None) for place in (1, 2))

    def press(goal, **data):
        return browser.post(url("goal_do", client, goal.pk), data, follow=True)

    assert "The goal is reached." in press(first, do="reached").content.decode()
    page = press(second, do="aside").content.decode()
    assert url("goal_do", client, second.pk) in page  # undo
    assert set(Goal.objects.values_list("state", flat=True)) == {"reached", "aside"}
    press(first)  # undo posts nothing but the address
    press(second, do="restore")
    assert set(Goal.objects.values_list("state", flat=True)) == {"active"}
    press(first, do="up")
    press(second, do="agreed")
    press(second, do="nonsense")
    order = Goal.objects.order_by("position").values_list("pk", "agreed_at")
    assert [(pk == second.pk, at is not None) for pk, at in order] == [(True, True), (False, False)] or list(order)
    press(second, do="reached")
    assert "This goal has ended meanwhile." in press(second, do="agreed").content.decode()
    actions = list(
        AuditEvent.objects.filter(action__startswith="goal.").order_by("pk").values_list("action", flat=True)
    )
    assert actions[:4] == ["goal.ended", "goal.ended", "goal.restored", "goal.restored"]


def test_earlier_episodes_keep_their_goals(browser, client, clinician):
    goal = GoalFactory(client=client, words="Of the first episode")
    rated(client, goal, 3)
    discharge(by=clinician.user, client=client, reason="agreed")
    page = browser.get(url("client_goals", client))
    assert "Of the first episode" in page.content.decode()
    assert "Word a goal together" not in page.content.decode()
    refused = browser.post(url("client_goals", client), {"words": "late"})
    assert "This client is discharged" in refused.content.decode()
    start_episode(by=clinician.user, client=client)
    assert "Of the first episode" not in browser.get(url("client_goals", client)).content.decode()
    earlier = browser.get(url("client_goals", client), {"e": "1"}).content.decode()
    assert "Of the first episode" in earlier
    assert "Word a goal together" not in earlier


def test_who_may_only_read_has_no_buttons(client, clinician):
    GoalFactory(client=client)
    supervisor = MembershipFactory(practice=client.practice, roles="supervisor")
    SupervisionFactory(supervisor=supervisor, supervisee=clinician)
    browser = signed_in(supervisor)
    browser.post(url("client_reason", client), {"reason": "brought"})
    page = browser.get(url("client_goals", client))
    assert page.status_code == 200
    assert "goal_do" not in page.content.decode()
    assert "/do/" not in page.content.decode()
    assert browser.post(url("client_goals", client), {"words": "mine"}).status_code == 403


def test_queries_do_not_grow_with_goals_and_answers(browser, client, clinician):
    goal = GoalFactory(client=client)
    rated(client, goal, 3)
    few = queries(browser, url("client_goals", client))
    for _place in range(2):
        rated(client, GoalFactory(client=client, set_by=clinician.user), 1, 2, 3)
    end_goal(by=clinician.user, goal=GoalFactory(client=client), reached=True)
    assert queries(browser, url("client_goals", client)) == few
