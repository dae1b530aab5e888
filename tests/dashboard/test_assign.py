"""Assigning from the staff's side: choices, preview, links, the room, one submission, ratings."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments import passcookie
from assessments.actions.answering import submit
from assessments.models import Assignment, AssignmentLink
from clients.barriers import CODES
from clients.models import SafetyFlag
from practice import tokens
from practice.models import AuditEvent, OutboxMessage
from tests.factories.assessments import answered, ask, draft, publish, version_of
from tests.factories.clients import CareFactory, ClientFactory, client_of, couple_of
from tests.factories.practice import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def person(clinician):
    return client_of(clinician)


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def _url(name, *args):
    return reverse(f"dashboard:{name}", args=args)


def _post(browser, person, *slugs, **data):
    versions = publish(*slugs) if slugs else {}
    fields = {"versions": [version.pk for version in versions.values()], "who": "client", "channel": "portal"}
    return browser.post(_url("assign", person.pk), {**fields, "do": "assign", **data})


def _queries(browser, url) -> int:
    """How many queries the page takes, once everything that is kept in the process is there."""
    browser.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


class TestAssign:
    def test_several_at_once(self, browser, person):
        page = _post(browser, person, "barriers", "attunement", due_on=person.practice.today().isoformat())
        assert page.status_code == 302
        assert page["Location"] == _url("client", person.pk)
        assert {row.version.definition.slug for row in Assignment.objects.all()} == {"barriers", "attunement"}
        assert {row.due_on for row in Assignment.objects.all()} == {person.practice.today()}

    def test_no_longer_after_a_day(self, browser, person):
        today = person.practice.today()
        _post(browser, person, "barriers", expires_on=today.isoformat())
        row = Assignment.objects.get()
        assert row.last_day == today
        text = browser.get(_url("assignment", person.pk, row.pk)).content.decode()
        assert ("No longer after" in text, "ran out" in text, "Start in the room" in text) == (True, False, True)
        Assignment.objects.update(expires_at=timezone.now())
        text = browser.get(_url("assignment", person.pk, row.pk)).content.decode()
        assert ("ran out" in text, "Start in the room" in text, "Withdraw" in text) == (True, False, True)

    def test_a_preview_does_nothing_and_shows_the_message(self, browser, person):
        person.email, person.safe_contact, person.user = "robin@example.test", "email", UserFactory()
        person.save()
        page = _post(browser, person, "barriers", "relationship-spectrum", "patterns-between-us", do="preview")
        text = page.content.decode()
        assert Assignment.objects.count() == OutboxMessage.objects.count() == 0
        assert "That makes 51 items in a week (0 asked already)" in text
        assert "there is something waiting for you" in text
        assert "robin@example.test" in text

    def test_the_preview_is_a_fragment_for_htmx(self, browser, person):
        publish("barriers")
        fields = {"versions": [version_of().pk], "who": "client", "channel": "portal", "do": "preview"}
        page = browser.post(_url("assign", person.pk), fields, headers={"HX-Request": "true"})
        text = page.content.decode()
        assert "<html" not in text
        assert "12 items in a week" in text
        assert "the client chose not to get any" in text

    def test_nothing_chosen_is_told_and_the_rest_is_kept(self, browser, person):
        page = _post(browser, person, channel="link", due_on="2999-01-31")
        text = page.content.decode()
        assert "Choose at least one measure." in text
        assert 'value="2999-01-31"' in text
        assert Assignment.objects.count() == 0

    def test_a_refusal_is_shown_at_its_field(self, browser, person):
        ask(person, "barriers")
        page = _post(browser, person, "barriers", "attunement")
        assert "is still open for" in page.content.decode()
        assert page.context["form"].errors.keys() == {"versions"}
        assert Assignment.objects.count() == 1

    @pytest.mark.parametrize(
        "data",
        [
            {"versions": ["not-an-id"]},
            {"versions": ["00000000-0000-0000-0000-000000000000"]},
            {"channel": "pigeon"},
            {"who": "both"},
            {"due_on": "31.12."},
        ],
        ids=lambda data: next(iter(data)),
    )
    def test_bad_input_makes_nothing(self, browser, person, data):
        page = _post(browser, person, "barriers", **data)
        assert page.status_code == 200
        assert page.context["form"].errors.keys() == data.keys()
        assert Assignment.objects.count() == 0

    def test_the_partner_only_when_in_ones_own_care(self, browser, clinician, person):
        partner = ClientFactory(practice=clinician.practice, first_name="Sascha")
        couple_of(person, partner)
        assert "Sascha" not in browser.get(_url("assign", person.pk)).context["form"]["who"].as_widget()
        assert _post(browser, person, "barriers", who="both").context["form"].errors.keys() == {"who"}
        CareFactory(client=partner, clinician=clinician)
        assert _post(browser, person, "barriers", who="both").status_code == 302
        assert {row.client_id for row in Assignment.objects.all()} == {person.pk, partner.pk}
        assert len({row.administration_id for row in Assignment.objects.all()}) == 1

    def test_the_start_pack_can_be_chosen(self, browser, person):
        versions = publish()
        page = browser.get(_url("assign", person.pk) + "?start")
        chosen = {line.version.pk for line in page.context["lines"] if line.chosen}
        assert chosen == {versions[slug].pk for slug in ("safety-screen", "barriers", "session-checkin")}
        page = _post(browser, person, "safety-screen", "barriers", do="preview")
        assert "kept for the room" in page.content.decode()

    def test_what_is_open_or_too_early_is_marked(self, browser, person):
        publish()
        ask(person, "barriers")
        answered(person, "attachment-patterns")
        lines = {line.version.instrument.slug: line for line in browser.get(_url("assign", person.pk)).context["lines"]}
        assert lines["barriers"].is_open
        assert lines["attachment-patterns"].wait_until == person.practice.today() + dt.timedelta(days=90)
        assert [slug for slug, line in lines.items() if line.blocked] == ["barriers", "attachment-patterns"]

    def test_a_discharged_client_is_offered_nothing(self, browser, person):
        episode = person.episodes.get()
        episode.ends_on, episode.reason = person.practice.today(), "completed"
        episode.save()
        text = browser.get(_url("assign", person.pk)).content.decode()
        assert 'id="assign-form"' not in text

    def test_a_fixed_number_of_queries(self, browser, person):
        publish()
        url = _url("assign", person.pk)
        ask(person, "barriers")
        few = _queries(browser, url)
        ask(person, "attunement")
        ask(person, "growth-habits")
        assert _queries(browser, url) == few <= 20


class TestAssignment:
    def test_the_link_is_shown_once_after_it_was_made(self, browser, person):
        page = _post(browser, person, "barriers", channel="link")
        row = Assignment.objects.get()
        assert page["Location"] == _url("assignment", person.pk, row.pk)
        link = AssignmentLink.objects.get()
        token = tokens.token_for(link)
        first = browser.get(page["Location"]).content.decode()
        assert f"/l/{token}/" in first
        assert "data:image/svg+xml;base64," in first
        assert token not in browser.get(page["Location"]).content.decode()

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("uncertain", "It is not known whether the message left."),
            ("failed", "The message could not be sent."),
        ],
    )
    def test_whether_the_message_left(self, browser, person, state, words):
        person.email, person.safe_contact, person.user = "robin@example.test", "email", UserFactory()
        person.save()
        page = _url("assignment", person.pk, ask(person).pk)
        assert words not in browser.get(page).content.decode()
        OutboxMessage.objects.update(state=state)
        assert words in browser.get(page).content.decode()

    def test_showing_renewing_and_revoking(self, browser, person):
        row = ask(person, channel="link")
        url, page_url = _url("assignment_link", person.pk, row.pk), _url("assignment", person.pk, row.pk)
        browser.post(url, {"do": "show"})
        assert tokens.token_for(row.links.get()) in browser.get(page_url).content.decode()
        assert AuditEvent.objects.filter(action="link.shown", client_id=person.pk).count() == 1
        browser.post(url, {"do": "make"})
        assert row.links.filter(revoked_at=None).count() == 1
        assert row.links.count() == 2
        browser.post(url, {"do": "revoke"})
        assert row.links.filter(revoked_at=None).count() == 0
        assert "It was revoked or has expired." in browser.get(page_url).content.decode()
        browser.post(url, {"do": "dance"})
        assert row.links.count() == 2

    def test_the_page_says_how_far_it_is_and_not_what(self, browser, person):
        response = draft(person, answers={"something-else": "crocodile", "control": 3})
        text = browser.get(_url("assignment", person.pk, response.assignment_id)).content.decode()
        assert "begun, last changed" in text
        assert "crocodile" not in text

    def test_withdrawing(self, browser, person):
        row = ask(person)
        browser.post(_url("assignment_withdraw", person.pk, row.pk))
        row.refresh_from_db()
        assert row.state == "withdrawn"
        page = browser.post(_url("assignment_withdraw", person.pk, row.pk), follow=True)
        assert "sent or withdrawn already" in page.content.decode()

    def test_starting_in_the_room_signs_out_and_leaves_a_pass(self, browser, person):
        row = ask(person, "safety-screen", channel="room")
        page = browser.post(_url("assignment_room", person.pk, row.pk))
        assert page["Location"] == reverse("portal:link_answer")
        cookie = page.cookies[passcookie.NAME]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/l/", True, "Lax")
        assert "_auth_user_id" not in browser.session
        assert browser.get(_url("assignment", person.pk, row.pk)).status_code == 302
        assert browser.get(page["Location"]).status_code == 200

    def test_what_was_sent_does_not_start_in_the_room(self, browser, person):
        row = answered(person).assignment
        page = browser.post(_url("assignment_room", person.pk, row.pk))
        assert page["Location"] == _url("assignment", person.pk, row.pk)
        assert "_auth_user_id" in browser.session

    def test_a_fixed_number_of_queries(self, browser, person):
        _post(browser, person, "barriers")
        few = _queries(browser, _url("assignment", person.pk, Assignment.objects.get().pk))
        _post(browser, person, "attunement", "growth-habits", "self-in-relationship")
        several = Assignment.objects.filter(version__instrument__slug="attunement").get()
        assert _queries(browser, _url("assignment", person.pk, several.pk)) == few <= 18


class TestResponse:
    def test_answers_scores_and_reasons(self, browser, person):
        response = answered(
            person, answers={"control": 3, "control.note": "<b>at night</b>", "something-else": "{{ the dog }}"}
        )
        text = browser.get(_url("response", person.pk, response.pk)).content.decode()
        assert "Quite a lot" in text
        assert "&lt;b&gt;at night&lt;/b&gt;" in text
        assert "{{ the dog }}" in text
        assert "Not scored: 1 of 12 answered" in text
        assert response.receipt in text

    def test_the_flag_of_a_draft_says_that_it_was_not_sent(self, browser, person):
        response = draft(person, "safety-screen", {"afraid.now": 1}, channel="room")
        page = _url("flag", SafetyFlag.objects.get().pk)
        assert "Not sent yet" in browser.get(page).content.decode()
        assert _url("response", person.pk, response.pk) not in browser.get(page).content.decode()
        submit(response=response)
        text = browser.get(page).content.decode()
        assert "Not sent yet" not in text
        assert _url("response", person.pk, response.pk) in text

    def test_a_draft_is_not_shown(self, browser, person):
        assert browser.get(_url("response", person.pk, draft(person).pk)).status_code == 404

    def test_risk_answers_lead_to_the_flag(self, browser, person):
        response = answered(person, "safety-screen", {"afraid.now": 1}, channel="room")
        page = browser.get(_url("response", person.pk, response.pk))
        assert page.context["risk"] == {"afraid.now"}
        assert "raised a safety flag" in page.content.decode()

    def test_who_may_not_see_safety_does_not_see_the_screen(self, client, person):
        from practice.grants import Permission, Relationship, grants

        assert not grants(Relationship.SUPERVISOR, Permission.SEE_SAFETY)
        supervisor = MembershipFactory(practice=person.practice, roles="supervisor")
        clinician = person.careassignments.get().clinician
        clinician.supervised_by.create(practice=person.practice, supervisor=supervisor, starts_on=clinician.starts_on)
        screen = answered(person, "safety-screen", {"afraid.now": 1}, channel="room")
        other = answered(person)
        client.force_login(supervisor.user)
        client.post(_url("client_reason", person.pk), {"reason": "supervision"})
        assert client.get(_url("response", person.pk, other.pk)).status_code == 200
        assert client.get(_url("response", person.pk, screen.pk)).status_code == 404

    def test_a_fixed_number_of_queries(self, browser, person):
        few = _queries(browser, _url("response", person.pk, answered(person, answers={"control": 3}).pk))
        notes = {f"{code}.note": "a note" for code in CODES}
        many = answered(person, answers={**dict.fromkeys(CODES, 1), **notes})
        assert _queries(browser, _url("response", person.pk, many.pk)) == few <= 18
