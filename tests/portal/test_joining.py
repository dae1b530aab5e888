"""Joining by a one-time link, and the privacy notice."""

import datetime as dt

import pytest
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.actions.joining import give_consent, revoke_client_invitation
from clients.models import Client, ClientInvitation, Consent
from clients.queries.joining import sign_in_code
from practice import tokens
from practice.actions import outbox
from practice.models import AuditEvent, User
from tests.factories.assessments import ask
from tests.factories.clients import ClientInvitationFactory, client_of
from tests.factories.practice import PrivacyNoticeFactory, UserFactory
from tests.portal.conftest import at, autosave, begun, signed_in

FORM = reverse("portal:client_join_form")
WELCOME = reverse("portal:welcome")
TODAY = reverse("portal:today")
WORDS = "several words in a row"
NOT_THAT = "Please use the sign-in name that you were given, or the e-mail address that your practice has of you."


@pytest.fixture
def newcomer(therapist):
    return client_of(therapist, first_name="Cleo", email="cleo@example.test")


@pytest.fixture
def invitation(newcomer):
    return ClientInvitationFactory(client=newcomer)


@pytest.fixture
def address(invitation):
    return reverse("portal:client_join", args=[tokens.token_for(invitation)])


def join(phone, **data):
    return phone.post(FORM, {"sign_in": "cleo@example.test", "password": WORDS, "again": WORDS, **data})


def test_get_shows_a_button_and_names_nobody(address, invitation):
    phone = Browser()
    for _scanner in range(2):
        page = phone.get(address).content.decode()
    assert "Cleo" not in page
    assert invitation.practice.name not in page
    assert "Call 988 at any hour." in page
    assert ClientInvitation.objects.get().used_at is None


def test_the_whole_way(address, newcomer, notice):
    phone = Browser()
    assert phone.post(address).url == FORM
    form = phone.get(FORM).context["form"]
    assert form["sign_in"].value() == "cleo@example.test"
    assert join(phone).url == WELCOME
    newcomer.refresh_from_db()
    assert newcomer.user.sign_in == "cleo@example.test"
    assert UserSession.objects.get().user == newcomer.user
    page = phone.get(WELCOME).content.decode()
    assert notice.text in page
    assert "Welcome, Cleo" in page
    assert phone.post(WELCOME, {"choice": "agree", "notice": str(notice.pk)}).url == TODAY
    assert Consent.objects.get().notice == notice
    assert Browser().post(address).status_code == 410


def test_a_shared_address_gets_a_code(address, newcomer, therapist):
    client_of(therapist, email="cleo@example.test")
    phone = Browser()
    phone.post(address)
    assert phone.get(FORM).context["form"]["sign_in"].value() == sign_in_code(newcomer)
    refused = join(phone)
    assert refused.status_code == 400
    assert refused.context["form"].errors["sign_in"] == [NOT_THAT]
    assert join(phone, sign_in=sign_in_code(newcomer)).url == WELCOME


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"again": "something else entirely"}, "again"),
        ({"password": "short", "again": "short"}, "password"),
        ({"sign_in": "no address"}, "sign_in"),
        ({"sign_in": ""}, "sign_in"),
    ],
)
def test_bad_input_is_said_at_the_field_and_nothing_is_made(address, newcomer, data, field):
    phone = Browser()
    phone.post(address)
    users = User.objects.count()
    answer = join(phone, **data)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert User.objects.count() == users
    newcomer.refresh_from_db()
    assert newcomer.user is None


def test_expired_revoked_and_unknown(address, invitation, therapist):
    """Abuse 14."""
    phone = Browser()
    phone.post(address)
    ClientInvitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    for answer in (phone.get(address), phone.post(address), phone.get(FORM), join(phone), Browser().get(FORM)):
        assert answer.status_code == 410
        assert "ask whoever invited you for a new link" in answer.content.decode()
    ClientInvitation.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
    revoke_client_invitation(by=therapist.user, client=invitation.client)
    assert phone.get(address).status_code == 410
    assert phone.get(reverse("portal:client_join", args=["y" * 43])).status_code == 404
    assert AuditEvent.objects.filter(action="denied").count() == 1


def test_joining_ends_the_session_of_whoever_was_signed_in_before(address, browser, me, newcomer):
    before = browser.session.session_key
    browser.post(address)
    join(browser)
    assert browser.session.session_key != before
    newcomer.refresh_from_db()
    assert browser.session["_auth_user_id"] == str(newcomer.user_id)


@pytest.mark.parametrize("name", ["somebody@example.test", "ben@example.test", "nobody@example.test", "aaaa-aaaa", "x"])
def test_joining_tells_nobody_whose_address_is_known_here(address, therapist, name):
    """A user's, another client's, nobody's: one answer for all."""
    UserFactory(sign_in="somebody@example.test")
    client_of(therapist, email="ben@example.test")
    phone = Browser()
    phone.post(address)
    refused = join(phone, sign_in=name)
    assert (refused.status_code, refused.context["form"].errors) == (400, {"sign_in": [NOT_THAT]})


def test_trying_names_is_limited(address, invitation):
    cache.clear()
    phone = Browser()
    phone.post(address)
    assert [join(phone, sign_in="x").status_code for _try in range(11)] == [400] * 10 + [429]
    assert ClientInvitation.objects.get().used_at is None
    invitation.refresh_from_db()
    other = Browser()  # another link is not closed by it
    other.post(reverse("portal:client_join", args=[tokens.token_for(ClientInvitationFactory())]))
    assert join(other, sign_in="x").status_code == 400


@pytest.fixture
def renewal(me):
    """A link to a new password for a client who has a second step."""
    cache.clear()
    User.objects.filter(pk=me.user_id).update(sign_in=sign_in_code(me), email="")
    me.user.refresh_from_db()
    totp.TOTP.activate(me.user, "JBSWY3DPEHPK3PXP")
    return ClientInvitationFactory(client=me)


def renew(phone, renewal):
    phone.post(reverse("portal:client_join", args=[tokens.token_for(renewal)]))
    return phone.post(FORM, {"password": WORDS, "again": WORDS})


def test_a_new_password_by_link_does_not_pass_the_second_step(renewal, me):
    """Abuse 38."""
    phone = Browser()
    assert renew(phone, renewal).url == reverse("account_login")
    assert "_auth_user_id" not in phone.session
    answer = phone.post(reverse("account_login"), {"login": me.user.sign_in, "password": WORDS})
    assert answer.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in phone.session
    event = AuditEvent.objects.get(action="password-reset")
    assert (event.actor_id, event.client_id, event.basis) == (me.user_id, me.pk, "link")
    assert not AuditEvent.objects.filter(action="client.joined").exists()


def test_a_new_password_by_link_signs_out_whoever_uses_the_device(renewal, other):
    phone = signed_in(other)
    assert renew(phone, renewal).url == reverse("account_login")
    assert "_auth_user_id" not in phone.session


@pytest.mark.parametrize(
    ("safe", "email", "shared", "told"),
    [
        ("email", "ada@example.test", False, ["ada@example.test"]),
        ("none", "ada@example.test", False, []),
        ("email", "ada@example.test", True, []),
    ],
)
def test_the_client_is_told_of_a_new_password_where_mail_is_safe(renewal, me, other, safe, email, shared, told):
    Client.objects.filter(pk=me.pk).update(safe_contact=safe, email=email, contact_from=0, contact_to=24)
    if shared:
        Client.objects.filter(pk=other.pk).update(email=email)
    renew(Browser(), renewal)
    outbox.dispatch()
    assert [message.to[0] for message in mail.outbox] == told
    for message in mail.outbox:
        assert "the way you sign in was changed" in message.body
        assert "Ada" not in str(message.message())


def test_mail_that_became_unsafe_meanwhile_is_withheld(renewal, me):
    Client.objects.filter(pk=me.pk).update(safe_contact="email", email="a@b.test", contact_from=0, contact_to=24)
    renew(Browser(), renewal)
    Client.objects.filter(pk=me.pk).update(safe_contact="none")
    outbox.dispatch()
    assert mail.outbox == []


# --- consent --------------------------------------------------------------------------------------
@pytest.fixture
def asked(me, therapist):
    return ask(me, by=therapist.user)


@pytest.fixture
def newer(me, notice):
    return PrivacyNoticeFactory(practice=me.practice, version=2, text="The newer notice.")


def test_a_newer_notice_is_asked_before_the_next_answer_and_leads_on(browser, asked, newer, me):
    assert browser.get(at("answer", asked)).url == WELCOME
    assert "The newer notice." in browser.get(WELCOME).content.decode()
    assert browser.post(WELCOME, {"choice": "agree", "notice": str(newer.pk)}).url == at("answer", asked)
    assert browser.get(at("answer", asked)).status_code == 200


def test_every_way_of_answering_waits_for_consent(browser, asked, notice, me, therapist):
    response = begun(browser, asked)
    newer = PrivacyNoticeFactory(practice=me.practice, version=2)
    assert browser.get(at("answer_page", asked, number=1)).url == WELCOME
    assert browser.post(at("answer_page", asked, number=1), {"a.past": 1}).url == WELCOME
    assert autosave(browser, at("answer_save", asked), {"past": 1}).status_code == 403
    assert browser.post(at("answer_submit", asked)).url == WELCOME
    response.refresh_from_db()
    assert (response.answers, response.state) == ({}, "draft")
    give_consent(by=me.user, client=me, notice=newer)
    assert autosave(browser, at("answer_save", asked), {"past": 1}).status_code == 200


def test_not_now_leaves_the_rest_usable(browser, asked, newer):
    browser.get(at("answer", asked))
    assert browser.post(WELCOME, {"choice": "later"}).url == TODAY
    page = browser.get(TODAY).content.decode()
    assert "Your last two weeks" in page
    assert "asks you to read its privacy notice" in page
    assert not Consent.objects.filter(notice=newer).exists()


def test_agreeing_to_an_older_text_is_no_consent_to_the_newer_one(browser, asked, newer, notice):
    browser.get(at("answer", asked))
    assert browser.post(WELCOME, {"choice": "agree", "notice": str(notice.pk)}).url == WELCOME
    assert not Consent.objects.filter(notice=newer).exists()
    assert browser.post(WELCOME, {"choice": "agree", "notice": str(newer.pk)}).url == at("answer", asked)


def test_a_practice_without_a_notice_asks_for_none(browser, therapist, me):
    Consent.objects.all().delete()
    me.practice.notices.all().delete()
    assert browser.get(at("answer", ask(me, by=therapist.user))).status_code == 200
    assert browser.get(WELCOME).status_code == 200
