"""The page on which a paper is typed in, and the empty form."""

import datetime as dt
import html

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from assessments.actions.assigning import withdraw
from assessments.models import Assignment, Response
from clients.models import SafetyFlag
from tests.dashboard.recording import queries, url, words
from tests.factories.assessments import answered, ask, draft, publish, version_of
from tests.factories.clients import FocusFactory, GoalFactory, RelationshipFactory, client_of
from tests.factories.practice import MembershipFactory, PrivacyNoticeFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def clinician():
    return MembershipFactory(user__name="Dana Reyes")


@pytest.fixture
def client(clinician):
    return client_of(clinician, relationship="partner since 2019")


@pytest.fixture
def browser(clinician):
    browser = Browser()
    browser.force_login(clinician.user)
    return browser


def today(client, back=0):
    return (client.practice.today() - back * DAY).isoformat()


def test_entering_for_an_open_assignment(browser, client, clinician):
    asked = ask(client)
    assert url("paper", client, asked.pk) in browser.get(url("assignment", client, asked.pk)).content.decode()
    page = browser.get(url("paper", client, asked.pk)).content.decode()
    assert page.count('type="radio"') == 12 * 6
    assert "data-paper" in page
    sent = browser.post(url("paper", client, asked.pk), {"day": today(client), "a.control": "3", "a.past": "0"})
    row = Response.objects.get()
    assert sent["Location"] == url("response", client, row.pk)
    assert (row.entry, row.answers["control"], row.answers["past"], row.answers["power"]) == ("paper", 3, 0, None)
    shown = words(browser.get(url("response", client, row.pk)).content.decode())
    assert "entered from paper by Dana Reyes on" in shown
    assert browser.get(url("paper", client, asked.pk))["Location"] == url("assignment", client, asked.pk)
    again = browser.post(url("paper", client, asked.pk), {"day": today(client), "a.control": "3"})
    assert again["Location"] == url("assignment", client, asked.pk)
    assert "entered from paper" in browser.get(url("assignment", client, asked.pk)).content.decode()


def test_errors_stand_at_field_and_question_and_nothing_is_lost(browser, client):
    asked = ask(client)
    data = {
        "day": today(client, -1),
        "a.control": "9",
        "a.past": "2",
        "a.past.note": "<b>kept</b>",
        "a.focus": ["past"],
    }
    refused = browser.post(url("paper", client, asked.pk), {**data, "day": today(client)})
    page = refused.content.decode()
    assert 'id="q-control-error"' in page
    assert 'href="#q-control-1"' in page
    assert "&lt;b&gt;kept&lt;/b&gt;" in page
    assert 'name="a.past" value="2" checked' in page
    assert 'value="past" checked' in page
    late = browser.post(url("paper", client, asked.pk), {**data, "a.control": "1"})
    assert late.context["form"].errors == {"day": ["The day must not be in the future."]}
    assert 'name="a.control" value="1" checked' in late.content.decode()
    unknown = browser.post(url("paper", client, asked.pk), {"day": today(client), "a.nonsense": "1", "a.past": "1"})
    assert unknown.context["form"].errors or unknown.context["form"].errors_by_answer
    assert "nonsense" in unknown.content.decode()
    for day in ("", "yesterday", "1899-01-01"):
        assert list(browser.post(url("paper", client, asked.pk), {**data, "day": day}).context["form"].errors) == [
            "day"
        ]
    assert not Response.objects.exists()


def test_assign_and_enter_in_one_step(browser, client):
    version = publish("attunement")["attunement"]
    chooser = url("papers", client)
    assert chooser in browser.get(url("assign", client)).content.decode()
    assert f"?m={version.instrument_id}" in browser.get(chooser).content.decode()
    address = f"{chooser}?m={version.instrument_id}"
    first = next(one.id for one in version.definition.questions if one.minimum is not None)
    refused = browser.post(address, {"day": today(client)})
    assert refused.context["form"].non_field_errors() == ["Nothing is filled in yet."]
    sent = browser.post(address, {"day": today(client, 20), f"a.{first}": "2"})
    assert sent.status_code == 302
    assert client.practice.today(Response.objects.get().submitted_at).isoformat() == today(client, 20)
    assert browser.get(f"{chooser}?m=nonsense").status_code == 200


def test_an_open_one_is_led_to_its_own_page(browser, client):
    asked = ask(client)
    page = browser.get(url("papers", client)).content.decode()
    assert url("paper", client, asked.pk) in page
    other = browser.get(f"{url('papers', client)}?m={asked.version.instrument_id}").content.decode()
    assert url("paper", client, asked.pk) in other


def test_relationship_anchor_and_consent_are_asked_where_they_apply(browser, client):
    PrivacyNoticeFactory(practice=client.practice)
    earlier = RelationshipFactory(client=client, words="a friend")
    asked = ask(client)
    form = browser.get(url("paper", client, asked.pk)).context["form"]
    assert set(form.fields) == {"day", "clock", "known", "relationship", "agreed"}
    data = {"day": today(client), "a.control": "1"}
    refused = browser.post(url("paper", client, asked.pk), {**data, "known": "new", "relationship": ""})
    assert list(refused.context["form"].errors) == ["relationship"]
    refused = browser.post(url("paper", client, asked.pk), {**data, "known": str(earlier.pk)})
    assert list(refused.context["form"].errors) == ["agreed"]
    browser.post(url("paper", client, asked.pk), {**data, "known": str(earlier.pk), "agreed": "on"})
    assert Response.objects.get().relationship == earlier
    plain = ask(client, "attachment-patterns")
    assert set(browser.get(url("paper", client, plain.pk)).context["form"].fields) == {"day", "clock"}
    answered(client, at=timezone.now() - 20 * DAY)
    again = ask(client)
    page = browser.post(url("paper", client, again.pk), {**data, "anchor": "same"}, follow=True)
    assert "About the same" in page.content.decode()


def test_a_draft_of_the_client_is_shown(browser, client):
    begun = draft(client, answers={"control": 4})
    page = browser.get(url("paper", client, begun.assignment_id)).content.decode()
    assert "The client began this on a device" in page
    assert 'name="a.control" value="4" checked' in page


def test_a_risk_raises_its_flag(browser, client):
    asked = ask(client, "safety-screen", channel="room")
    browser.post(url("paper", client, asked.pk), {"day": today(client), "a.afraid.now": "1"})
    assert SafetyFlag.objects.get().response_id == Response.objects.get().pk


def test_what_is_withdrawn_or_somebody_else_s(browser, client, clinician):
    asked = ask(client)
    withdraw(by=clinician.user, assignment=asked)
    assert browser.get(url("paper", client, asked.pk))["Location"] == url("assignment", client, asked.pk)
    other = ask(client_of(clinician))
    for name in ("paper", "paper_print"):
        assert browser.get(url(name, client, other.pk)).status_code == 404
    assert browser.post(url("paper", client, other.pk), {"day": today(client), "a.control": "1"}).status_code == 404
    assert Assignment.objects.get(pk=other.pk).state == "open"


def test_the_empty_form_of_any_measure(browser, client):
    for version in publish().values():
        page = browser.get(reverse("dashboard:instrument_print", args=[version.instrument_id]))
        if "client" not in version.definition.respondents:
            assert page.status_code == 404
            continue
        text = html.unescape(words(page.content.decode()))
        assert version.definition.neutral_title in text
        assert all(item.text in text for item in version.definition.items if item.kind in {"choice", "slider"})
        assert "privacy notice" in text
        assert ("never goes home" in text) is version.definition.in_room_only
    instrument = reverse("dashboard:instrument", args=[version_of().instrument_id])
    assert (
        reverse("dashboard:instrument_print", args=[version_of().instrument_id])
        in browser.get(instrument).content.decode()
    )


def test_the_empty_form_of_an_assignment_has_the_clients_goals_and_code_but_no_name(browser, client):
    GoalFactory(client=client, words="See <my> friends")
    FocusFactory(client=client, state="active", slot=1, starts_on="2026-01-05")
    asked = ask(client, "session-checkin")
    page = browser.get(url("paper_print", client, asked.pk)).content.decode()
    article = page.split("<article")[1].split("</article>")[0]
    assert "See &lt;my&gt; friends" in article
    assert "Communication gaps" in article
    assert client.code in article
    assert client.full_name not in page


def test_queries_do_not_grow(browser, client):
    GoalFactory(client=client)
    asked = ask(client, "session-checkin")
    few = queries(browser, url("paper", client, asked.pk))
    for _place in range(2):
        GoalFactory(client=client)
        RelationshipFactory(client=client)
    assert queries(browser, url("paper", client, asked.pk)) == few
    chooser = queries(browser, url("papers", client))
    publish()
    ask(client)
    ask(client, "attunement")
    assert queries(browser, url("papers", client)) == chooser
