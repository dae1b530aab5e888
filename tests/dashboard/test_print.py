"""The record on paper: what stands there, what never does, and that it is its own opening."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.actions.course import discharge, start_episode
from clients.models import PrivateNote
from practice.models import AuditEvent
from tests.factories.assessments import answered
from tests.factories.clients import (
    LifeEventFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
)
from tests.factories.practice import MembershipFactory
from tests.factories.reports import course, load_versions, respond

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def address(person, query=""):
    return reverse("dashboard:client_print", args=[person.pk]) + query


@pytest.fixture
def person():
    return course(6)


@pytest.fixture
def clinician(person):
    return person.careassignments.get().clinician


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def test_what_stands_on_paper(browser, person, clinician):
    html = browser.get(address(person)).content.decode()
    for words in (
        *("Mara Quist", person.code, clinician.user.name, "primary clinician", "number 1, since 2 Mar 2026"),
        *("Communication gaps, Control issues", "Loss or grief", "Secret grief words.", "Secure agreements"),
        *("3 Mar 2026, 15:00", "Individual, held", "Printed by", "<svg"),
    ):
        assert words in html, words
    assert "Private words." not in html  # notes only where asked for


def test_notes_only_where_asked_for(browser, person):
    html = browser.get(address(person, "?n=1")).content.decode()
    assert html.count("Private words.") == 6
    assert "Sessions and notes" in html


def test_the_map_as_picture_and_table(browser):
    person = course(12)
    browser.force_login(person.careassignments.get().clinician.user)
    parts = browser.get(address(person)).context["found"].maps
    assert [len(part.heads) for part in parts] in ([10, 2], [10, 3])
    assert all(len(part.rows) == 12 and part.picture.startswith("<svg") for part in parts)


def test_never_private_notes_nor_safety_nor_the_partner(browser, person, clinician):
    session = person.therapysessions.first()
    PrivateNote.objects.create(client=person, session=session, author=clinician, text="For my eyes only.")
    answered(person, "safety-screen", {"afraid.now": 1}, channel="room")
    SafetyFlagFactory(client=person)
    partner = client_of(clinician, first_name="Zebedee", last_name="Partner")
    couple_of(person, partner)
    html = browser.get(address(person, "?n=1")).content.decode()
    paper = html[html.index('<article class="paper">') : html.index("</article>")]
    for words in ("For my eyes only.", "Safety flag", "safety screen", "afraid", "Zebedee"):
        assert words not in html
    assert paper.lower().count("safety") == 1  # that there is nothing of it


def test_its_own_opening(browser, person):
    browser.get(address(person, "?n=1"))
    event = AuditEvent.objects.get(action="opened")
    assert (event.client_id, event.detail["page"], event.basis) == (person.pk, "client_print", "primary")


def test_an_earlier_episode(browser, person, clinician):
    today = clinician.practice.today()
    discharge(by=clinician.user, client=person, reason="agreed", closing_note="Well done.", ends_on=today)
    start_episode(by=clinician.user, client=person, starts_on=today)
    now, before = browser.get(address(person)), browser.get(address(person, "?e=1&n=1"))
    assert (now.context["found"].episode.number, now.context["found"].sessions) == (2, ())
    assert "Nothing was answered in this episode." in now.content.decode()
    assert (before.context["found"].episode.number, len(before.context["found"].sessions)) == (1, 6)
    assert "Well done." in before.content.decode()
    assert "Well done." not in browser.get(address(person, "?e=1")).content.decode()


def test_without_an_episode(client):
    clinician = MembershipFactory()
    person = client_of(clinician, episode__skip=True)
    client.force_login(clinician.user)
    assert client.get(address(person)).status_code == 200


def test_linked_from_the_record(browser, person):
    assert address(person) in browser.get(reverse("dashboard:client", args=[person.pk])).content.decode()


def test_the_same_queries_whatever_the_length(browser, person, clinician):
    agreements = load_versions("secure-agreements", "attunement")["attunement"]
    counts = []
    for size in (1, 2):
        for number in range(size):
            at = timezone.now() - (1 + number + 10 * size) * DAY
            SessionFactory(client=person, clinician=clinician, starts_at=at)
            LifeEventFactory(client=person, happened_on=at.date())
            if size == 2:  # another instrument too
                respond(person, agreements, {}, at, submitted_by=clinician.user)
        browser.get(address(person, "?n=1"))
        with CaptureQueriesContext(connection) as captured:
            browser.get(address(person, "?n=1"))
        counts.append(len(captured))
    assert counts == [counts[0]] * 2
    assert counts[0] <= 40
