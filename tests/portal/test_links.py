"""Answering by link, without signing in."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from assessments.actions.answering import submit
from assessments.actions.assigning import withdraw
from assessments.actions.links import make_link, revoke_link, start_room
from assessments.models import AssignmentLink, Response
from clients.models import Consent
from practice import tokens
from practice.grants import GRANTS, Relationship
from practice.models import AuditEvent
from tests.factories.assessments import ask
from tests.factories.clients import ClientInvitationFactory
from tests.factories.practice import PrivacyNoticeFactory
from tests.portal.conftest import autosave, by_link, signed_in

ANSWER = reverse("portal:link_answer")
PAGES = [ANSWER, "/l/1/", "/l/review/", "/l/done/"]


@pytest.fixture
def given(me, therapist):
    return by_link(me, therapist.user)


@pytest.fixture
def phone():
    return Browser()


@pytest.fixture
def opened(phone, given):
    phone.post(given.address)
    return phone


@pytest.fixture
def response(opened, given):
    opened.post(ANSWER)
    return Response.objects.get()


def test_get_shows_a_button_and_consumes_nothing(phone, given):
    for _scanner in range(3):
        page = phone.get(given.address)
        assert page.status_code == 200
        assert not page.cookies.get("pass")
    text = page.content.decode()
    assert "Your last two weeks" not in text
    assert "Ada" not in text
    assert "Call 988 at any hour." in text
    assert AssignmentLink.objects.get(pk=given.link.pk).used_at is None


def test_post_moves_the_token_into_a_cookie_and_leaves_the_address(phone, given):
    answer = phone.post(given.address)
    assert answer.url == ANSWER
    cookie = answer.cookies["pass"]
    assert given.token not in cookie.value
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/l/", True, "Lax")
    assert "Your last two weeks" in phone.get(ANSWER).content.decode()


def test_only_the_device_that_opened_it_goes_on(opened, given):
    assert opened.get(given.address).url == ANSWER
    elsewhere = Browser()
    for answer in (elsewhere.get(given.address), elsewhere.post(given.address), elsewhere.get(ANSWER)):
        assert answer.status_code == 410
    assert "one device only" in elsewhere.get(given.address).content.decode()


def test_answers_look_over_send_receipt_and_nothing_else(opened, response, given):
    saved = autosave(opened, "/l/save/", {"past": 2})
    assert saved.json()["answered"] == 1
    assert opened.get(ANSWER).url == "/l/1/"
    assert "Somewhat" in opened.get("/l/review/").content.decode()
    for _again in range(2):
        assert opened.post("/l/send/").url == "/l/done/"
    row = Response.objects.get()
    assert (row.submitted_by, row.answers["past"]) == (None, 2)
    page = opened.get("/l/done/").content.decode()
    assert row.receipt in page
    assert f'href="{reverse("portal:today")}"' not in page
    for address in (ANSWER, "/l/1/", "/l/review/"):
        assert opened.get(address).url == "/l/done/"
    assert autosave(opened, "/l/save/", {"past": 4}, key="late:1").status_code == 409


def test_the_same_link_again_after_sending_shows_the_same_receipt(opened, response, given):
    """Abuse 12."""
    submit(response=response)
    row = Response.objects.get()
    assert opened.get(given.address).url == ANSWER
    assert opened.get(ANSWER, follow=True).context["response"].receipt == row.receipt
    assert Response.objects.count() == 1
    elsewhere = Browser().get(given.address)
    assert elsewhere.status_code == 410
    text = elsewhere.content.decode()
    assert ("These answers were sent." in text, "Go on where" in text) == (True, False)


def test_expired_revoked_renewed_withdrawn_are_410(me, therapist, given, opened, response):
    """Abuse 14."""
    elsewhere = Browser()
    AssignmentLink.objects.update(expires_at=timezone.now())
    assert {opened.get(address).status_code for address in PAGES} == {410}
    assert elsewhere.get(given.address).status_code == 410
    link, token = make_link(by=therapist.user, assignment=given.assignment)
    revoke_link(by=therapist.user, link=link)
    assert elsewhere.post(reverse("portal:link", args=[token])).status_code == 410
    link, token = make_link(by=therapist.user, assignment=given.assignment)
    withdraw(by=therapist.user, assignment=given.assignment)
    dead = elsewhere.get(reverse("portal:link", args=[token]))
    assert dead.status_code == 410
    assert "Nothing that was saved is lost." in dead.content.decode()
    assert "Call 988 at any hour." in dead.content.decode()
    assert autosave(opened, "/l/save/", {"past": 1}).status_code == 410


def test_renewing_moves_to_the_new_device_with_what_was_saved(opened, response, given, therapist):
    autosave(opened, "/l/save/", {"past": 2})
    _link, token = make_link(by=therapist.user, assignment=given.assignment)
    assert opened.get(ANSWER).status_code == 410
    new = Browser()
    new.post(reverse("portal:link", args=[token]))
    assert new.get(ANSWER).url == "/l/1/"
    assert [field.value for field in new.get("/l/1/").context["fields"]][1] == 2


@pytest.mark.parametrize("make", [lambda me: "x" * 43, lambda me: tokens.token_for(ClientInvitationFactory(client=me))])
def test_unknown_and_wrong_purpose_tokens_are_404_and_recorded(phone, me, make):
    """Abuse 14."""
    address = reverse("portal:link", args=[make(me)])
    for answer in (phone.get(address), phone.post(address)):
        assert answer.status_code == 404
    assert AuditEvent.objects.filter(action="denied").count() == 2


def test_somebody_else_who_is_signed_in_gets_404(given, other, me, therapist):
    """Abuse 13: a partner on a shared device, or staff trying the link, neither see nor consume it."""
    for stranger in (signed_in(other), signed_in(therapist)):
        assert stranger.get(given.address).status_code == 404
        assert stranger.post(given.address).status_code == 404
    assert AssignmentLink.objects.get(pk=given.link.pk).used_at is None
    shared = signed_in(me)
    assert shared.post(given.address).url == ANSWER
    shared.force_login(other.user)
    assert {shared.get(address).status_code for address in PAGES} == {404}


def test_a_pass_opens_its_own_assignment_only(opened, me, therapist, response):
    second = ask(me, "patterns-between-us", by=therapist.user)
    address = reverse("portal:answer", args=[second.pk])
    assert opened.get(address).url.startswith(reverse("account_login"))
    assert autosave(opened, "/l/save/", {"limits": 1}).json()["errors"].keys() == {"limits"}


def test_without_a_pass_410_with_the_general_crisis_text(phone):
    for address in PAGES:
        page = phone.get(address)
        assert page.status_code == 410
        assert "call your local emergency number" in page.content.decode()


# --- consent without a sign-in --------------------------------------------------------------------
@pytest.fixture
def not_agreed(given):
    return PrivacyNoticeFactory(practice=given.assignment.client.practice, version=2, text="The newer notice.")


def test_consent_is_asked_before_the_first_answer(opened, given, not_agreed):
    assert "The newer notice." in opened.get(ANSWER).content.decode()
    for data in ({}, {"agreed": "yes"}, {"agreed": str(not_agreed.practice_id)}):
        refused = opened.post(ANSWER, {"relationship": "my wife", **data})
        assert refused.status_code == 400
        assert 'value="my wife"' in refused.content.decode()
    assert not Response.objects.exists()
    assert opened.post(ANSWER, {"agreed": str(not_agreed.pk)}).url == "/l/1/"
    assert Consent.objects.get(notice=not_agreed).client == given.assignment.client


def test_a_newer_notice_is_asked_about_in_the_middle(opened, response, not_agreed):
    assert opened.get("/l/1/").url == ANSWER
    assert autosave(opened, "/l/save/", {"past": 1}).status_code == 403
    assert opened.post("/l/send/").url == ANSWER
    assert opened.post(ANSWER, {"agreed": str(not_agreed.pk)}).url == "/l/1/"
    assert autosave(opened, "/l/save/", {"past": 1}, key="later:1").status_code == 200


# --- in the room ----------------------------------------------------------------------------------
def test_in_the_room_the_safety_screen_is_answered_under_its_neutral_title(me, therapist):
    screen = ask(me, "safety-screen", by=therapist.user, channel="room")
    tablet = Browser()
    _link, tablet.cookies["pass"] = start_room(by=therapist.user, assignment=screen)
    page = tablet.get(ANSWER).content.decode()
    assert "A few questions for today" in page
    assert "afety screen" not in page
    assert tablet.post(ANSWER).url == "/l/1/"
    assert "Now, or in the last few weeks" in tablet.get("/l/1/").content.decode()
    tablet.post("/l/send/")
    assert "hand the device back" in tablet.get("/l/done/").content.decode()


def test_a_room_pass_ends_after_two_hours(me, therapist):
    screen = ask(me, "safety-screen", by=therapist.user, channel="room")
    tablet = Browser()
    then = timezone.now() - dt.timedelta(hours=2, seconds=1)
    _link, tablet.cookies["pass"] = start_room(by=therapist.user, assignment=screen, at=then)
    assert tablet.get(ANSWER).status_code == 410


def test_the_bearers_right_is_the_tables(opened, response, monkeypatch):
    assert opened.get(ANSWER).url == "/l/1/"
    monkeypatch.setitem(GRANTS, Relationship.LINK, frozenset())
    assert [opened.get(page).status_code for page in PAGES] == [410] * len(PAGES)
