"""Assigning to several clients of the caseload: posted from page to page, each client's problem beside the name."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.actions import several as action
from assessments.models import Assignment
from clients.actions.course import discharge
from clients.models import Client
from practice.models import AuditEvent
from tests.factories.assessments import ask, publish, version_of
from tests.factories.clients import CareFactory, client_of
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db

URL, LIST = reverse("dashboard:assign_several"), reverse("dashboard:caseload")
DAY = dt.timedelta(days=1)


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


@pytest.fixture
def people(clinician):
    return [client_of(clinician, first_name=name, last_name="Same") for name in ("Ada", "Bo", "Cy")]


def data(people, *slugs, do="assign", **more):
    versions = [str(version_of(slug).pk) for slug in slugs or ("attunement",)]
    return {"client": [str(one.pk) for one in people], "versions": versions, "channel": "portal", "do": do} | more


def lines(page):
    return {one.client.first_name: one for one in page.context["outlook"].people}


def test_boxes_on_the_caseload_lead_there(browser, people):
    text = browser.get(LIST).content.decode()
    assert f'action="{URL}" id="several"' in text
    for one in people:
        assert f'name="client" form="several" value="{one.pk}" aria-label="Choose {one.full_name}"' in text


def test_from_the_list_to_the_page_nothing_is_in_an_address(browser, people):
    publish()
    page = browser.post(URL, {"client": [str(one.pk) for one in people[:2]], "f": "6"})
    assert page.status_code == 200
    text = page.content.decode()
    assert [text.count(f'type="hidden" name="client" value="{one.pk}"') for one in people] == [1, 1, 0]
    assert f'href="{LIST}?f=6"' in text
    assert not page.context["form"].errors
    assert Assignment.objects.count() == 0


def test_nobody_chosen_says_what_to_do(browser, people):
    for page in (browser.get(URL), browser.post(URL, {"do": "assign"})):
        assert "Nobody is chosen yet" in page.content.decode()


def test_assigned_to_all_and_back_to_the_same_list(browser, clinician, people):
    today = clinician.practice.today()
    days = {"due_on": (today + 2 * DAY).isoformat(), "expires_on": (today + 9 * DAY).isoformat()}
    answer = browser.post(URL, data(people, "attunement", "growth-habits", f="6", o="2", **days))
    assert answer["Location"] == f"{LIST}?f=6&o=2"
    rows = Assignment.objects.all()
    assert {(row.client_id, row.version.instrument.slug) for row in rows} == {
        (one.pk, slug) for one in people for slug in ("attunement", "growth-habits")
    }
    assert {row.due_on for row in rows} == {today + 2 * DAY}
    assert "3 clients are asked." in browser.get(answer["Location"]).content.decode()
    made = AuditEvent.objects.filter(action="assignment.made", actor_id=clinician.user_id)
    assert sorted(row.client_id for row in made) == sorted(one.pk for one in people)


def test_a_problem_stands_beside_the_name_and_what_was_chosen_is_kept(browser, people):
    ask(people[1], "attunement")
    page = browser.post(URL, data(people, "attunement", "growth-habits"))
    assert page.status_code == 200
    assert "See what stands beside the clients" in page.content.decode()
    assert {name: one.problems for name, one in lines(page).items()} == {
        "Ada": [],
        "Bo": ["“Attunement” is still open"],
        "Cy": [],
    }
    assert {one.version.instrument.slug for one in page.context["outlook"].lines if one.chosen} == {
        "attunement",
        "growth-habits",
    }
    assert Assignment.objects.count() == 1
    answer = browser.post(URL, data(people, "attunement", "growth-habits", leave=[str(people[1].pk)]))
    assert answer.status_code == 302
    assert Assignment.objects.count() == 6
    assert "Of 1 client something was left out." in browser.get(LIST).content.decode()


def test_leave_all_out_ticks_everybody_with_a_problem(browser, people):
    ask(people[1], "attunement")
    page = browser.post(URL, data(people, do="leave"))
    assert lines(page)["Bo"].left
    assert f'name="leave" value="{people[1].pk}" id="leave-2" checked' in page.content.decode()
    assert Assignment.objects.count() == 1


def test_discharged_meanwhile(browser, clinician, people):
    discharge(by=clinician.user, client=people[0], reason="agreed")
    page = browser.post(URL, data(people))
    assert lines(page)["Ada"].problems == ["is discharged"]
    assert Assignment.objects.count() == 0


def test_the_start_pack_and_the_preview_write_nothing(browser, people):
    publish()
    page = browser.post(URL, {"client": str(people[0].pk), "do": "start", "channel": "portal"})
    chosen = {one.version.instrument.slug for one in page.context["outlook"].lines if one.chosen}
    assert chosen == {"safety-screen", "barriers", "session-checkin"}
    fragment = browser.post(URL, data(people, do="preview"), headers={"HX-Request": "true"})
    text = fragment.content.decode()
    assert "<html" not in text
    assert "What would happen" in text
    assert Assignment.objects.count() == 0


def test_a_heavy_week_is_said_for_each(browser, people):
    ask(people[0], "patterns-between-us")
    page = browser.post(URL, data(people, "barriers", "growth-habits", do="preview"))
    assert {name: one.load.much for name, one in lines(page).items()} == {"Ada": True, "Bo": False, "Cy": False}
    assert page.content.decode().count("More than 40 is a lot") == 1


def test_a_missing_or_wrong_choice_is_said_at_its_field(browser, people):
    page = browser.post(URL, {"client": str(people[0].pk), "channel": "post", "due_on": "x", "do": "assign"})
    assert set(page.context["form"].errors) == {"versions", "channel", "due_on"}
    past = (people[0].practice.today() - DAY).isoformat()
    page = browser.post(URL, data(people, due_on=past))
    assert page.context["form"].errors == {"due_on": ["The due day is past."]}


@pytest.mark.parametrize("do", ["", "preview", "assign"])
def test_one_client_outside_ones_care_denies_the_whole(browser, clinician, people, do):
    foreign = client_of(MembershipFactory(practice=clinician.practice))
    far = client_of(MembershipFactory())
    former = client_of(clinician)
    former.careassignments.update(ends_on=clinician.practice.today() - DAY)
    for other in (foreign, far, former, Client(pk=uuid.uuid4())):
        answer = browser.post(URL, data([*people, other], do=do))
        assert answer.status_code == 404
    assert Assignment.objects.count() == 0
    assert AuditEvent.objects.filter(action="denied").count() == 4


def test_no_id_at_all_is_denied_too(browser, people):
    assert browser.post(URL, {"client": "x", "do": "assign"}).status_code == 404
    assert browser.post(URL, data(people, leave=["x"])).status_code == 404
    assert Assignment.objects.count() == 0


def test_a_cover_may(client, clinician, people):
    today = clinician.practice.today()
    cover = CareFactory(client=people[0], role="cover", starts_on=today, ends_on=today).clinician
    client.force_login(cover.user)
    assert client.post(URL, data(people[:1])).status_code == 302
    assert client.post(URL, data(people[:2], "growth-habits")).status_code == 404


def test_too_many(browser, people, monkeypatch):
    monkeypatch.setattr("dashboard.views.several.MOST", 2)
    answer = browser.post(URL, data(people))
    assert answer["Location"] == LIST
    assert "At most 2 clients" in browser.get(LIST).content.decode()
    assert action.MOST == 50


def test_links_wait_in_the_records(browser, people):
    browser.post(URL, data(people, channel="link"))
    assert all(row.links.count() == 1 for row in Assignment.objects.all())
    assert "Each link waits in its client’s record" in browser.get(LIST).content.decode()


def test_a_fixed_number_of_queries_to_look(browser, people, clinician):
    publish()
    ask(people[0], "attunement", at=timezone.now() - DAY)
    counts = []
    for chosen in (people[:1], people):
        browser.post(URL, data(chosen, do="preview"))
        with CaptureQueriesContext(connection) as captured:
            browser.post(URL, data(chosen, do="preview"))
        counts.append(len(captured))
    assert counts == [counts[0]] * 2
