"""The library: lists, one instrument, one exercise, its handout."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.barriers import BY_CODE
from homework.actions import publish_exercises
from tests.factories.assessments import answered, definitions, publish
from tests.factories.clients import client_of
from tests.factories.homework import exercise_definitions, publish_library
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return MembershipFactory()


@pytest.fixture
def browser(client, member):
    client.force_login(member.user)
    return client


def url(name, *args):
    return reverse(f"dashboard:{name}", args=args)


def queries(browser, address) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


def test_measures_are_listed_once_in_order(browser):
    publish()
    listed = [version.definition.slug for version in browser.get(url("library")).context["versions"]]
    assert sorted(listed) == sorted(definitions())
    assert len(listed) == 12


def test_lists_take_the_same_queries_whatever_their_length(browser):
    counts = []
    for slugs in (["barriers"], ["attunement", "growth-habits"]):
        publish(*slugs)
        counts.append(queries(browser, url("library")))
    few = [one for one in exercise_definitions() if one.slug in ("equal-say", "my-own-goal", "cheerleader")]
    for size in (1, 3):
        publish_exercises(few[:size])
        counts.append(queries(browser, url("exercises")))
    assert counts == [counts[0]] * 2 + [counts[2]] * 2
    assert max(counts) <= 6


def test_only_the_newest_version_is_listed(browser):
    (one,) = [one for one in exercise_definitions() if one.slug == "equal-say"]
    publish_exercises([one])
    publish_exercises([one.model_copy(update={"minutes": one.minutes + 1})])
    (line,) = browser.get(url("exercises")).context["lines"]
    assert (line.version.number, line.version.definition.minutes) == (2, one.minutes + 1)


def test_instrument_shows_items_scales_and_passport(browser, member):
    version = publish("barriers")["barriers"]
    answered(client_of(member))
    answered(client_of(MembershipFactory()))
    page = browser.get(url("instrument", version.instrument_id))
    assert page.context["passport"].people == 1
    text = page.content.decode()
    for part in ("Measure passport: not validated, no norms", version.definition.items[0].text, "Burden"):
        assert part in text


def test_every_instrument_and_exercise_opens(browser):
    for version in publish().values():
        assert browser.get(url("instrument", version.instrument_id)).status_code == 200
    for one in publish_library().values():
        assert browser.get(url("exercise", one.exercise_id)).status_code == 200
        assert browser.get(url("exercise_handout", one.exercise_id)).status_code == 200


def test_handout_has_what_the_client_reads_and_no_reason(browser):
    version = publish_library()["limits-and-space"]
    text = browser.get(url("exercise_handout", version.exercise_id)).content.decode()
    for part in (*version.definition.steps, *version.definition.prompts, *version.definition.cautions):
        assert part in text.replace("&#x27;", "'").replace("&quot;", '"')
    assert "focus barrier" not in text


def test_filters_are_opaque_codes(browser):
    publish_library()
    power = BY_CODE["power"]
    lines = browser.get(url("exercises"), {"b": power.opaque, "s": "s"}).context["lines"]
    assert [line.version.definition.slug for line in lines] == [
        one.slug
        for one in sorted(exercise_definitions(), key=lambda one: one.title)
        if "power" in one.barriers and one.setting == "solo"
    ]


@pytest.mark.parametrize("query", [{"b": "power"}, {"b": "b99"}, {"s": "setting__lt"}, {"order": "password"}])
def test_unknown_filters_filter_nothing(browser, query):
    publish_library()
    assert len(browser.get(url("exercises"), query).context["lines"]) == 43


@pytest.mark.parametrize("name", ["instrument", "exercise", "exercise_handout"])
def test_made_up_id(browser, name):
    assert browser.get(url(name, uuid.uuid4())).status_code == 404


def test_nobody_outside_a_practice(client):
    person = client_of(MembershipFactory())
    member = MembershipFactory(ends_on=person.practice.today().replace(year=2021))
    client.force_login(member.user)
    assert client.get(url("library")).status_code == 404
