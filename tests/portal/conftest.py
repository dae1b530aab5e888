"""One client with a sign-in, in care, who agreed to the notice; and their browser."""

import json
from types import SimpleNamespace

import pytest
from django.test import Client as Browser
from django.urls import reverse

from assessments.actions.links import make_link
from clients.actions.joining import give_consent
from tests.factories.assessments import ask
from tests.factories.clients import client_of
from tests.factories.practice import MembershipFactory, PrivacyNoticeFactory, UserFactory


@pytest.fixture
def notice(db):
    return PrivacyNoticeFactory(practice__time_zone="America/New_York", practice__crisis_text="Call 988 at any hour.")


@pytest.fixture
def therapist(notice):
    return MembershipFactory(practice=notice.practice)


@pytest.fixture
def me(notice, therapist):
    """The client; ``me.user`` signs in."""
    client = client_of(therapist, first_name="Ada", user=UserFactory(name="Ada"), relationship="partner since 2019")
    give_consent(by=client.user, client=client, notice=notice)
    return client


@pytest.fixture
def other(notice, therapist):
    """Another client of the same therapist: the partner, where a test links them."""
    client = client_of(therapist, first_name="Ben", user=UserFactory(name="Ben"))
    give_consent(by=client.user, client=client, notice=notice)
    return client


def signed_in(client):
    browser = Browser()
    browser.force_login(client.user)
    return browser


@pytest.fixture
def browser(me):
    return signed_in(me)


def autosave(browser, address, answers, *, key="page:1", base=0, **more):
    body = json.dumps({"key": key, "base": base, "answers": answers, **more})
    return browser.post(address, body, content_type="application/json")


def at(name, assignment, **kwargs):
    return reverse(f"portal:{name}", kwargs={"pk": assignment.pk, **kwargs})


def begun(browser, assignment):
    """The response after the introduction's button."""
    response = browser.post(at("answer", assignment), {"relationship": "partner since 2019"})
    assert response.status_code == 302
    assignment.refresh_from_db()
    return assignment.response


def by_link(client, by, slug="barriers", **kwargs):
    """A link row, its token and the assignment."""
    assignment = ask(client, slug, by=by, channel="link")
    link, token = make_link(by=by, assignment=assignment, **kwargs)
    return SimpleNamespace(link=link, token=token, assignment=assignment, address=reverse("portal:link", args=[token]))


@pytest.fixture
def rung(monkeypatch):
    """What is rung over the broker: task and arguments."""
    rings = []
    monkeypatch.setattr("practice.jobs.ring_now", lambda *args, **kwargs: rings.append((args, kwargs)) or True)
    return rings
