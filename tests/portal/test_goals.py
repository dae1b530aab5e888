"""My goals: my words, my yes, my own answers; nothing of anybody else's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.actions.course import discharge
from clients.actions.joining import withdraw_consent
from clients.models import Consent, Goal
from practice.models import AuditEvent
from tests.dashboard.recording import words
from tests.factories.assessments import answered, ask
from tests.factories.clients import GoalFactory, couple_of
from tests.portal.conftest import at, begun, signed_in

pytestmark = pytest.mark.django_db
GOALS = "/my/goals/"


def add(browser, client, text):
    return browser.post(reverse("portal:goal_add", args=[client.pk]), {"words": text})


def press(browser, goal, **data):
    return browser.post(reverse("portal:goal", args=[goal.pk]), data)


def test_the_page_is_found_under_mine_and_says_what_it_is_for(browser):
    assert GOALS in browser.get(reverse("portal:mine")).content.decode()
    text = words(browser.get(GOALS).content.decode())
    assert "No goal yet" in text
    assert "your partner does not" in text


def test_a_goal_in_my_own_words(browser, me):
    assert add(browser, me, "See my friends").status_code == 302
    goal = Goal.objects.get()
    assert (goal.words, goal.set_by, goal.agreed_at is not None) == ("See my friends", me.user, True)
    refused = add(browser, me, "see my friends")
    assert refused.status_code == 400
    assert "see my friends</textarea>" in refused.content.decode()
    assert 'aria-invalid="true"' in refused.content.decode()
    assert add(browser, me, "").status_code == 400
    assert Goal.objects.count() == 1


def test_my_yes_and_my_own_words(browser, me, therapist):
    goal = GoalFactory(client=me, words="Eat together", set_by=therapist.user, agreed_at=None)
    assert "waiting for your yes" in browser.get(GOALS).content.decode()
    press(browser, goal, do="agree")
    goal.refresh_from_db()
    assert goal.agreed_at is not None
    assert "waiting for your yes" not in browser.get(GOALS).content.decode()
    assert press(browser, goal, do="reword", words=" ").status_code == 400
    press(browser, goal, do="reword", words="Eat at home")
    new = Goal.objects.get(state="active")
    assert (new.words, new.replaces, new.set_by, new.agreed_at is not None) == ("Eat at home", goal, me.user, True)
    assert press(browser, goal, do="agree").status_code == 400  # ended meanwhile
    details = AuditEvent.objects.filter(action__startswith="goal.").order_by("pk").values_list("action", "detail")
    assert list(details) == [("goal.agreed", {"via": "client"}), ("goal.reworded", {"via": "client", "agreed": True})]


def test_my_own_answers_and_nothing_else(browser, me, therapist):
    goal = GoalFactory(client=me, words="Eat together")
    GoalFactory(client=me, words="Sleep", state="reached", ended_on="2026-01-05")
    answered(me, "session-checkin", {f"goals.{goal.key}": 3, "hopeful": 9})
    text = words(browser.get(GOALS).content.decode())
    assert "Your latest answer: 3 of 10" in text
    assert "Sleep" in text
    assert "5 January 2026" in text
    assert "hopeful" not in text.lower()
    assert " 9" not in text.split("Earlier goals")[0].replace("2019", "")


def test_the_partner_finds_nothing(browser, me, other):
    couple_of(me, other)
    goal = GoalFactory(client=me, words="canary goal", agreed_at=None)
    theirs = signed_in(other)
    for page in (GOALS, reverse("portal:mine"), reverse("portal:today")):
        assert "canary" not in theirs.get(page).content.decode()
    assert press(theirs, goal, do="agree").status_code == 404
    assert add(theirs, me, "not theirs").status_code == 404
    check_in = ask(other, "session-checkin")
    begun(theirs, check_in)
    assert "canary" not in theirs.get(at("answer_review", check_in)).content.decode()
    assert (Goal.objects.count(), Goal.objects.get().agreed_at) == (1, None)


def test_without_consent_nothing_is_written(browser, me):
    withdraw_consent(by=me.user, consent=Consent.objects.get(client=me))
    goal = GoalFactory(client=me, agreed_at=None)
    page = browser.get(GOALS).content.decode()
    assert "privacy notice" in page
    assert "<textarea" not in page
    for answer in (add(browser, me, "mine"), press(browser, goal, do="agree")):
        assert (answer.status_code, answer["Location"]) == (302, reverse("portal:welcome"))
    assert list(Goal.objects.values_list("agreed_at", flat=True)) == [None]


def test_after_the_discharge_it_only_shows(browser, me, therapist):
    GoalFactory(client=me, words="Eat together")
    discharge(by=therapist.user, client=me, reason="agreed")
    page = browser.get(GOALS).content.decode()
    assert "Eat together" in page
    assert "<textarea" not in page
    assert add(browser, me, "late").status_code == 400


def test_the_check_in_asks_them_unset_at_first_in_their_words(browser, me):
    goal = GoalFactory(client=me, words="See <i>my</i> friends")
    asked = ask(me, "session-checkin")
    response = begun(browser, asked)
    pages = [browser.get(at("answer_page", asked, number=number)).content.decode() for number in (1, 2, 3)]
    (page,) = [one for one in pages if f"a.goals.{goal.key}" in one]
    assert "See &lt;i&gt;my&lt;/i&gt; friends" in page
    control = page.split(f'name="a.goals.{goal.key}"')
    assert len(control) == 13  # 0 to 10, and "leave this open"
    assert not any("checked" in part.split(">")[0] for part in control[1:])
    number = pages.index(page) + 1
    browser.post(at("answer_page", asked, number=number), {f"a.goals.{goal.key}": "10"})
    response.refresh_from_db()
    assert response.answers == {f"goals.{goal.key}": 10}
    assert "10 out of 10" in browser.get(at("answer_review", asked)).content.decode()


def test_queries_do_not_grow_with_goals(browser, me):
    def count():
        browser.get(GOALS)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(GOALS).status_code == 200
        return len(captured)

    goal = GoalFactory(client=me)
    answered(me, "session-checkin", {f"goals.{goal.key}": 3})
    few = count()
    for _place in range(2):
        goal = GoalFactory(client=me)
        answered(me, "session-checkin", {f"goals.{goal.key}": 5})
    assert count() == few
