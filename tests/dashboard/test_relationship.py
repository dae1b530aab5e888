"""The page that says which relationship measures are about."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.utils import timezone

from assessments.models import Trajectory
from practice.models import AuditEvent
from tests.dashboard.recording import queries, url, words
from tests.factories.assessments import answered
from tests.factories.clients import RelationshipFactory, client_of, now_about
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def client(clinician):
    return client_of(clinician, relationship="partner since 2019")


@pytest.fixture
def browser(clinician):
    browser = Browser()
    browser.force_login(clinician.user)
    return browser


def page(browser, client):
    return browser.get(url("client_relationship", client))


def test_a_new_one_starts_a_baseline_from_now_on(browser, client):
    answered(client, at=timezone.now() - 20 * DAY)
    assert browser.post(url("client_relationship", client), {"words": " somebody  new "}).status_code == 302
    client.refresh_from_db()
    assert client.relationship.words == "somebody new"
    answered(client)
    series = Trajectory.objects.filter(scale="barriers.control").values_list("relationship", "count")
    assert sorted(count for _about, count in series) == [1, 1]
    found = page(browser, client).context["found"]
    lines = [(line.relationship.words, line.current, line.sent) for line in found.lines]
    assert lines == [("somebody new", True, 1), ("partner since 2019", False, 1)]
    assert found.elsewhere is None
    row = AuditEvent.objects.get(action="relationship.chosen")
    assert (row.detail, row.client_id) == ({}, client.pk)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "This field is required."),
        ("partner since 2019", "Measures are about this one already."),
        ("x" * 81, "Ensure this value has at most 80 characters (it has 81)."),
    ],
)
def test_a_refusal_stands_at_the_field(browser, client, typed, said):
    refused = browser.post(url("client_relationship", client), {"words": typed})
    assert refused.context["form"].errors == {"words": [said]}
    assert not AuditEvent.objects.filter(action="relationship.chosen").exists()


def test_going_on_with_an_earlier_one(browser, client):
    answered(client)
    earlier = client.relationship
    now_about(client, "somebody new")
    answer = browser.post(url("relationship_choose", client, earlier.pk), follow=True)
    assert "Its answers go on where they were." in answer.content.decode()
    client.refresh_from_db()
    assert client.relationship == earlier
    again = browser.post(url("relationship_choose", client, earlier.pk), follow=True)
    assert "Measures are about this one already." in again.content.decode()


def test_another_client_s_relationship_is_not_found(browser, client, clinician):
    other = RelationshipFactory(client=client_of(clinician))
    assert browser.post(url("relationship_choose", client, other.pk)).status_code == 404
    client.refresh_from_db()
    assert client.relationship.words == "partner since 2019"


def test_it_tells_that_the_latest_answers_are_about_another(browser, client):
    answered(client, at=timezone.now() - DAY)
    now_about(client, "<i>my sister</i>")
    answered(client)
    now_about(client, "partner since 2019")
    shown = page(browser, client)
    assert shown.context["found"].elsewhere.words == "<i>my sister</i>"
    assert "<i>my sister" not in shown.content.decode()
    assert "Ask the client which one" in words(shown.content.decode())
    told = "about another relationship than the one that measures are about"
    assert told in browser.get(url("client", client)).content.decode()
    now_about(client, "<i>my sister</i>")
    assert told not in browser.get(url("client", client)).content.decode()


def test_answers_without_a_name_are_counted_too(browser, client):
    client.relationship = None
    client.save()
    answered(client)
    answered(client, "attachment-patterns")  # asks for none
    lines = page(browser, client).context["found"].lines
    named = [(line.relationship.words if line.relationship else None, line.sent) for line in lines]
    assert named == [("partner since 2019", 0), (None, 1)]


def test_the_header_names_it_and_the_edit_form_does_not_change_it(browser, client):
    assert "partner since 2019" in browser.get(url("client", client)).content.decode()
    edit = browser.get(url("client_edit", client))
    assert "relationship" not in edit.context["form"].fields


def test_queries_do_not_grow(browser, client):
    answered(client)
    few = queries(browser, url("client_relationship", client))
    for number in range(3):
        now_about(client, f"number {number}")
        answered(client)
    assert queries(browser, url("client_relationship", client)) == few
