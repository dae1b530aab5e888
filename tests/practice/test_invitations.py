"""Inviting a colleague: the link works once, until its end, and never replaces a password."""

import datetime as dt

import pytest
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from practice import tokens
from practice.actions import outbox, people
from practice.errors import Refused
from practice.models import AuditEvent, Invitation, Membership, OutboxMessage, User
from tests.factories.practice import PASSWORD, InvitationFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

NEW = "nine unrelated purple trestles"


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory(roles="owner")


def invite(owner: Membership, **more) -> Invitation:
    fields = {"email": "New@Example.test", "name": "Nell New", "roles": ["clinician", "supervisor"]}
    return people.invite(by=owner.user, practice=owner.practice, **fields | more)


def open_form(token: str) -> Browser:
    browser = Browser()
    assert browser.post(reverse("join", kwargs={"token": token})).status_code == 302
    return browser


def test_invite_queues_ids_only(owner) -> None:
    invitation = invite(owner)
    message = OutboxMessage.objects.get()
    stored = str(message.__dict__) + str(AuditEvent.objects.get(action="invitation.made").__dict__)
    for secret in ("example.test", "Nell", tokens.token_for(invitation)):
        assert secret not in stored
    assert (message.template, message.subject_id) == ("staff-invitation", invitation.pk)
    assert invitation.token_hash == tokens.hash_token(tokens.token_for(invitation))


def test_the_mail_is_neutral_and_holds_the_link(owner) -> None:
    invitation = invite(owner)
    assert outbox.dispatch() == 1
    (message,) = mail.outbox
    assert message.to == ["new@example.test"]
    assert message.subject == "A message for you"
    ends = invitation.expires_at.astimezone(invitation.practice.zone)
    assert f"until {ends:%Y-%m-%d %H:%M} ({invitation.practice.time_zone})" in message.body
    assert f"/join/{tokens.token_for(invitation)}/" in message.body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_inviting_twice_or_a_member_is_refused(owner) -> None:
    invite(owner)
    for email in ("new@example.test", owner.user.sign_in):
        with pytest.raises(Refused) as refusal:
            invite(owner, email=email)
        assert refusal.value.field == "email"
    assert Invitation.objects.count() == 1


def test_get_shows_a_button_only_and_changes_nothing(owner) -> None:
    """Mail scanners fetch links, and fetch them often."""
    invitation = invite(owner)
    address = reverse("join", kwargs={"token": tokens.token_for(invitation)})
    for method in ("get", "head", "get"):
        response = getattr(Browser(), method)(address)
        assert response.status_code == 200
        assert not response.cookies.get("sessionid")
    invitation.refresh_from_db()
    assert invitation.used_at is None
    assert b"Nell" not in response.content
    assert response["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert response["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_joining(owner) -> None:
    invitation = invite(owner)
    browser = open_form(tokens.token_for(invitation))
    address = reverse("join_form")
    assert browser.get(address).context["form"].initial == {"name": "Nell New"}
    response = browser.post(address, {"name": "Nell Newer", "password": NEW, "again": NEW})
    assert response.status_code == 302
    membership = Membership.objects.get(user__sign_in="new@example.test")
    assert (membership.user.name, membership.roles) == ("Nell Newer", ("clinician", "supervisor"))
    assert Browser().login(username="new@example.test", password=NEW)
    # once
    assert browser.get(address).status_code == 404
    assert Browser().get(reverse("join", kwargs={"token": tokens.token_for(invitation)})).status_code == 410
    assert AuditEvent.objects.filter(action="invitation.accepted").count() == 1


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [("short", "short", "password"), ("new@example.test", "new@example.test", "password"), (NEW, NEW + "x", "again")],
)
def test_a_password_that_will_not_do_says_so_and_keeps_the_name(owner, password, again, field) -> None:
    browser = open_form(tokens.token_for(invite(owner)))
    response = browser.post(reverse("join_form"), {"name": "Kept Name", "password": password, "again": again})
    assert list(response.context["form"].errors) == [field]
    assert response.context["form"]["name"].value() == "Kept Name"
    assert not User.objects.filter(sign_in="new@example.test").exists()


def test_expired_revoked_and_renewed_links_are_gone_without_saying_whose(owner) -> None:
    past = timezone.now() - dt.timedelta(minutes=1)
    renewed = invite(owner)
    old = tokens.token_for(renewed)
    people.renew_invitation(by=owner.user, invitation=renewed)
    gone = [
        tokens.token_for(InvitationFactory(expires_at=past, name="Nell")),
        tokens.token_for(InvitationFactory(revoked_at=past, name="Nell")),
        tokens.token_for(InvitationFactory(used_at=past, name="Nell")),
    ]
    for token in gone:
        for method in ("get", "post"):
            response = getattr(Browser(), method)(reverse("join", kwargs={"token": token}))
            assert response.status_code == 410
            assert b"Nell" not in response.content
    assert Browser().get(reverse("join", kwargs={"token": old})).status_code == 404
    renewed.refresh_from_db()
    assert Browser().get(reverse("join", kwargs={"token": tokens.token_for(renewed)})).status_code == 200


def test_revoked_while_the_form_is_open(owner) -> None:
    invitation = invite(owner)
    browser = open_form(tokens.token_for(invitation))
    people.revoke_invitation(by=owner.user, invitation=invitation)
    response = browser.post(reverse("join_form"), {"name": "Nell", "password": NEW, "again": NEW})
    assert response.status_code == 410
    assert not User.objects.filter(sign_in="new@example.test").exists()


def test_renewed_while_the_form_is_open(owner) -> None:
    invitation = invite(owner)
    browser = open_form(tokens.token_for(invitation))
    people.renew_invitation(by=owner.user, invitation=invitation)
    assert browser.get(reverse("join_form")).status_code == 410


def test_a_known_address_needs_its_own_password(owner) -> None:
    user = UserFactory(sign_in="new@example.test")
    browser = open_form(tokens.token_for(invite(owner)))
    assert list(browser.get(reverse("join_form")).context["form"].fields) == ["password"]
    response = browser.post(reverse("join_form"), {"password": NEW})
    assert list(response.context["form"].errors) == ["password"]
    assert browser.post(reverse("join_form"), {"password": PASSWORD}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert [row.practice for row in user.memberships.all()] == [owner.practice]


def test_guessing_the_password_of_a_known_address_is_limited_and_recorded(owner) -> None:
    cache.clear()
    user = UserFactory(sign_in="new@example.test")
    browser = open_form(tokens.token_for(invite(owner)))
    for _ in range(5):
        browser.post(reverse("join_form"), {"password": NEW})
    response = browser.post(reverse("join_form"), {"password": PASSWORD})
    assert "Too many tries" in str(response.context["form"].errors["password"])
    assert not user.memberships.exists()
    assert AuditEvent.objects.filter(action="sign-in-failed", subject_id=user.pk).count() == 5
    for _ in range(5):
        response = browser.post(reverse("join_form"), {"password": PASSWORD})
    assert response.status_code == 429


def test_joining_signs_nobody_in_and_the_sign_in_after_it_is_a_listed_device(owner) -> None:
    """Abuse 38: a known address goes through its second step as always."""
    cache.clear()
    user = UserFactory(sign_in="new@example.test")
    totp.TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    for email, data in (
        ("new@example.test", {"password": PASSWORD}),
        ("newer@example.test", {"name": "N", "password": NEW, "again": NEW}),
    ):
        browser = open_form(tokens.token_for(invite(owner, email=email)))
        assert browser.post(reverse("join_form"), data)["Location"] == reverse("account_login")
        assert "_auth_user_id" not in browser.session
        browser.post(reverse("account_login"), {"login": email, "password": data["password"]})
        assert ("_auth_user_id" in browser.session) == (email != user.sign_in)
    assert [row.user.sign_in for row in UserSession.objects.all()] == ["newer@example.test"]


def test_a_deactivated_sign_in_does_not_come_back_by_invitation(owner) -> None:
    UserFactory(sign_in="new@example.test", is_active=False)
    with pytest.raises(Refused):
        people.accept_invitation(invitation=invite(owner), password=PASSWORD)


def test_a_former_member_comes_back(owner) -> None:
    user = UserFactory(sign_in="new@example.test")
    former = MembershipFactory(practice=owner.practice, user=user, ends_on=dt.date(2021, 1, 1), roles="owner")
    people.accept_invitation(invitation=invite(owner), password=PASSWORD)
    former.refresh_from_db()
    assert (former.roles, former.ends_on) == (("clinician", "supervisor"), None)


def test_accepting_twice_is_refused(owner) -> None:
    invitation = invite(owner)
    people.accept_invitation(invitation=invitation, password=NEW)
    with pytest.raises(Refused):
        people.accept_invitation(invitation=invitation, password=NEW)
    with pytest.raises(Refused):
        people.revoke_invitation(by=owner.user, invitation=invitation)
    with pytest.raises(Refused):
        people.renew_invitation(by=owner.user, invitation=invitation)


def test_revoking_twice_is_one_event(owner) -> None:
    invitation = invite(owner)
    for _ in range(2):
        people.revoke_invitation(by=owner.user, invitation=invitation)
    assert AuditEvent.objects.filter(action="invitation.revoked").count() == 1


def test_a_link_of_another_kind_opens_nothing() -> None:
    assert Browser().get(reverse("join", kwargs={"token": "a" * 43})).status_code == 404
    assert Browser().get(reverse("join", kwargs={"token": "short"})).status_code == 404
    assert Browser().get(reverse("join_form")).status_code == 404


def test_queued_mail_of_a_revoked_or_renewed_invitation_is_withheld(owner) -> None:
    first = invite(owner)
    people.renew_invitation(by=owner.user, invitation=first)
    second = invite(owner, email="other@example.test")
    people.revoke_invitation(by=owner.user, invitation=second)
    assert outbox.dispatch() == 1
    assert [message.to for message in mail.outbox] == [["new@example.test"]]
    assert sorted(OutboxMessage.objects.values_list("state", flat=True)) == ["sent", "withheld", "withheld"]
