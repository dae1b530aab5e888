"""Discharge and return: baselines belong to the episode, and earlier ones stay where they can be seen."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions.trajectories import rebuild
from assessments.models import Trajectory
from clients.actions.course import discharge, start_episode
from clients.actions.goals import set_goal
from clients.barriers import BY_CODE
from tests.factories.assessments import answered
from tests.factories.clients import FocusFactory, client_of
from tests.factories.practice import LONG_AGO, MembershipFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def person(clinician):
    """Came with 4, left with 1, returned with 3, and said 2 last."""
    person = client_of(clinician, episode__starts_on=(NOW - 30 * WEEK).date())
    FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=LONG_AGO)
    set_goal(by=clinician.user, client=person, words="Sing again", agreed=True, at=NOW - 29 * WEEK)
    for weeks, value in ((28, 4), (20, 1)):
        answered(person, answers={"control": value}, at=NOW - weeks * WEEK)
    discharge(
        by=clinician.user, client=person, reason="completed", ends_on=(NOW - 18 * WEEK).date(), at=NOW - 18 * WEEK
    )
    start_episode(by=clinician.user, client=person, starts_on=(NOW - 8 * WEEK).date(), at=NOW - 8 * WEEK)
    FocusFactory(
        client=person,
        episode=person.episodes.get(number=2),
        barrier="control",
        state="active",
        slot=1,
        starts_on=(NOW - 7 * WEEK).date(),
    )
    for weeks, value in ((6, 3), (2, 2)):
        answered(person, answers={"control": value}, at=NOW - weeks * WEEK)
    return person


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def page(browser, name, person, *more, e=""):
    address = reverse(f"dashboard:{name}", args=[person.pk, *more])
    return browser.get(address + (f"?e={e}" if e else ""))


def test_each_episode_has_its_own_baseline(person):
    lines = Trajectory.objects.filter(client=person, scale="barriers.control").order_by("baseline_at")
    assert [(line.episode.number, line.baseline, line.latest, line.points) for line in lines] == [
        (1, 4, 1, "0:4 56:1"),
        (2, 3, 2, "0:3 28:2"),
    ]
    assert rebuild(check=True) == []


def test_the_overview_is_of_the_new_one_and_the_earlier_one_is_a_click_away(browser, person):
    now, then = page(browser, "client", person), page(browser, "client", person, e=1)
    assert [line.change for line in now.context["found"].focus] == ["−1"]
    assert (now.context["earlier"], then.context["earlier"]) == (False, True)
    assert 'href="?e=1"' in now.content.decode()
    values = [[cell.client for cell in row.cells] for row in then.context["found"].plan.rows if row.code == "control"]
    assert [value for row in values for value in row if value is not None] == [1]
    assert then.context["found"].submissions == 2


def test_measures_show_each_with_its_own_baseline(browser, person):
    for number, change in ((2, "−1"), (1, "−3")):
        shown = page(browser, "client_measures", person, e=number).context["found"]
        lines = [line for line in shown.chosen.lines if line.barrier == BY_CODE["control"].opaque]
        assert [line.change for line in lines] == [change]


def test_the_page_of_a_barrier_too(browser, person):
    code = BY_CODE["control"].opaque
    for number, baseline, change in ((2, "3", "−1"), (1, "4", "−3")):
        shown = page(browser, "barrier", person, code, e=number).context["page"]
        assert [(side.baseline, side.from_baseline, side.count) for side in shown.sides] == [(baseline, change, 2)]


def test_goals_of_the_earlier_episode_stay(browser, person):
    assert "Sing again" not in page(browser, "client_goals", person).content.decode()
    then = page(browser, "client_goals", person, e=1)
    assert "Sing again" in then.content.decode()
    assert not then.context["may"]


def test_the_caseload_counts_from_the_return(browser, person):
    row = browser.get(reverse("dashboard:caseload")).context["page"].cases[0].rows[0]
    assert [(line.baseline, line.latest, line.change, line.count) for line in row.focus] == [(3, 2, -1, 2)]


def test_discharged_the_last_one_is_shown(browser, person, clinician):
    discharge(by=clinician.user, client=person, reason="agreed")
    assert [line.change for line in page(browser, "client", person).context["found"].focus] == []
    shown = page(browser, "client_measures", person).context["found"]
    lines = [line for line in shown.chosen.lines if line.barrier == BY_CODE["control"].opaque]
    assert [line.change for line in lines] == ["−1"]
