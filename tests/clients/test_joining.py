"""A client's sign-in by one-time link, and consent."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clients.actions.clients import (
    accept_client_invitation,
    give_consent,
    invite_client,
    revoke_client_invitation,
    send_client_invitation,
    withdraw_consent,
)
from clients.models import Client, ClientInvitation, Consent
from clients.queries.contact import next_contact_time
from clients.queries.joining import may_renew, missing_consent, practices_of, sign_in_code, suggest_sign_in
from practice import hooks, tokens
from practice.errors import Refused
from practice.models import AuditEvent, OutboxMessage, User
from tests.factories.clients import ClientFactory, ClientInvitationFactory, client_of
from tests.factories.practice import PASSWORD, MembershipFactory, PrivacyNoticeFactory, UserFactory

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def client(clinician):
    return client_of(clinician, email="robin@example.test")


def accept(client, sign_in, password=PASSWORD, at=NOON):
    invitation = invite_client(by=UserFactory(), client=client, at=NOON)
    return accept_client_invitation(invitation=invitation, sign_in=sign_in, password=password, at=at)


def test_an_invitation_replaces_the_earlier_one(client, clinician, audited):
    first = invite_client(by=clinician.user, client=client, at=NOON)
    token = tokens.token_for(first)
    second = invite_client(by=clinician.user, client=client, at=NOON)
    first.refresh_from_db()
    assert not first.is_live(NOON)
    assert second.is_live(NOON + 13 * DAY)
    assert not second.is_live(NOON + 14 * DAY)
    assert tokens.find(ClientInvitation, token) == first
    assert audited() == ["client.invited", "client.invited"]
    assert token not in str(ClientInvitation.objects.values_list())
    assert revoke_client_invitation(by=clinician.user, client=client, at=NOON) == 1
    second.refresh_from_db()
    assert not second.is_live(NOON)
    assert audited() == ["client.invitation_revoked"]


def test_joining_by_the_own_address(client, audited):
    user = accept(client, " Robin@Example.test ")
    client.refresh_from_db()
    assert client.user == user
    assert (user.sign_in, user.email, user.name) == ("robin@example.test", "robin@example.test", client.full_name)
    assert user.check_password(PASSWORD)
    assert audited() == ["client.invited", "client.joined"]
    assert AuditEvent.objects.last().actor_id == user.pk


def test_joining_by_code_leaves_no_address_for_resets(client):
    user = accept(client, sign_in_code(client).upper())
    assert (user.sign_in, user.email) == (sign_in_code(client), "")
    with pytest.raises(ValidationError):
        validate_email(user.sign_in)


def test_a_link_works_once_and_only_while_it_lives(client):
    invitation = ClientInvitationFactory(client=client, expires_at=NOON)
    with pytest.raises(Refused):
        accept_client_invitation(invitation=invitation, sign_in="a@b.test", password=PASSWORD, at=NOON)
    accept(client, "robin@example.test")
    used = ClientInvitation.objects.exclude(used_at=None).get()
    with pytest.raises(Refused):
        accept_client_invitation(invitation=used, sign_in="other@example.test", password=PASSWORD, at=NOON)
    assert User.objects.filter(sign_in="other@example.test").count() == 0


@pytest.mark.parametrize("sign_in", ["", "robin", "c-0001", "aaaa-aaaa", "taken@example.test", "sascha@example.test"])
def test_names_that_are_not_ones_own_are_refused(client, practice, sign_in):
    UserFactory(sign_in="taken@example.test")
    ClientFactory(practice=practice, email="Sascha@example.test")
    with pytest.raises(Refused) as refused:
        accept(client, sign_in)
    client.refresh_from_db()
    assert (refused.value.field, client.user) == ("sign_in", None)
    invitation = ClientInvitation.objects.get()
    assert invitation.used_at is None


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012345"])
def test_weak_passwords_are_refused_at_the_field(client, password):
    with pytest.raises(Refused) as refused:
        accept(client, "robin@example.test", password)
    assert (refused.value.field, User.objects.filter(sign_in="robin@example.test").exists()) == ("password", False)


def test_the_suggested_name(client, practice):
    assert suggest_sign_in(client) == "robin@example.test"
    partner = ClientFactory(practice=practice, email="ROBIN@example.test")
    assert suggest_sign_in(client) == sign_in_code(client)
    assert suggest_sign_in(partner) == sign_in_code(partner)
    assert sign_in_code(client) != sign_in_code(partner)
    assert suggest_sign_in(ClientFactory(practice=practice)).count("@") == 0


def test_a_practice_made_name_can_get_a_new_password_an_address_cannot(client, clinician):
    user = accept(client, sign_in_code(client))
    client.refresh_from_db()
    renewed = invite_client(by=clinician.user, client=client, at=NOON)
    again = accept_client_invitation(
        invitation=renewed, sign_in="someone@else.test", password="another battery staple", at=NOON
    )
    assert (again.pk, again.sign_in, again.check_password("another battery staple")) == (user.pk, user.sign_in, True)


@pytest.mark.parametrize("change", [{"safe_contact": "none"}, {"email": "new@example.test"}])
def test_where_no_reset_mail_may_go_the_practice_helps(client, clinician, change):
    user = accept(client, "robin@example.test")
    Client.objects.filter(pk=client.pk).update(**{"safe_contact": "email"} | change)
    client.refresh_from_db()
    assert may_renew(client)
    assert not hooks.may_write(user)
    ClientFactory(user=user)  # also a client elsewhere
    assert not may_renew(client)


def test_an_account_that_gets_reset_mail_is_never_taken_over(client, clinician, practice):
    user = accept(client, "robin@example.test")
    Client.objects.filter(pk=client.pk).update(safe_contact="email")
    client.refresh_from_db()
    assert hooks.may_write(user)
    with pytest.raises(Refused):
        invite_client(by=clinician.user, client=client, at=NOON)
    stale = ClientInvitationFactory(client=client)
    with pytest.raises(Refused):
        accept_client_invitation(invitation=stale, sign_in="x@y.test", password="another battery staple", at=NOON)


def test_a_users_practices(client, practice):
    user = accept(client, "robin@example.test")
    assert practices_of(user) == [practice.pk]
    assert hooks.practices_of(user) == [practice.pk]


def test_a_code_account_of_staff_is_never_taken_over(client, clinician):
    user = accept(client, sign_in_code(client))
    MembershipFactory(user=user)
    client.refresh_from_db()
    with pytest.raises(Refused):
        invite_client(by=clinician.user, client=client, at=NOON)


# --- sending ----------------------------------------------------------------------------------------------------


def test_the_link_is_mailed_in_the_clients_hours(client, clinician, audited):
    client.safe_contact = "email"
    client.save()
    late = dt.datetime(2026, 3, 2, 21, 30, tzinfo=dt.UTC)
    invitation = invite_client(by=clinician.user, client=client, at=late)
    send_client_invitation(by=clinician.user, invitation=invitation, at=late)
    message = OutboxMessage.objects.get()
    assert (message.template, message.subject_id) == ("client-invitation", invitation.pk)
    assert message.not_before == dt.datetime(2026, 3, 3, 8, 0, tzinfo=dt.UTC)  # nine in Berlin
    assert audited() == ["client.invited", "client.invitation_sent"]


def test_no_mail_to_who_wants_none(client, clinician):
    invitation = invite_client(by=clinician.user, client=client, at=NOON)
    with pytest.raises(Refused):
        send_client_invitation(by=clinician.user, invitation=invitation, at=NOON)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ((2026, 3, 2, 7, 59), (2026, 3, 2, 8, 0)),
        ((2026, 3, 2, 8, 0), (2026, 3, 2, 8, 0)),
        ((2026, 3, 2, 17, 59), (2026, 3, 2, 17, 59)),
        ((2026, 3, 2, 18, 0), (2026, 3, 3, 8, 0)),
        ((2026, 3, 28, 20, 0), (2026, 3, 29, 7, 0)),  # clocks go forward that night
    ],
)
def test_hours_for_messages(client, at, expected):
    assert next_contact_time(client, dt.datetime(*at, tzinfo=dt.UTC)) == dt.datetime(*expected, tzinfo=dt.UTC)


# --- consent ----------------------------------------------------------------------------------------------------


def test_consent_is_to_the_newest_version_once(client, practice, audited):
    first = PrivacyNoticeFactory(practice=practice)
    user = accept(client, "robin@example.test")
    audited()
    client.refresh_from_db()
    assert missing_consent(client) == first
    consent = give_consent(by=user, client=client, notice=first, at=NOON)
    assert give_consent(by=user, client=client, notice=first, at=NOON) == consent
    assert audited() == ["consent.given"]
    assert AuditEvent.objects.last().detail == {"version": 1, "via": "self"}
    assert missing_consent(client) is None
    second = PrivacyNoticeFactory(practice=practice, version=2)
    assert missing_consent(client) == second
    with pytest.raises(Refused):
        give_consent(by=user, client=client, notice=first, at=NOON)
    give_consent(by=None, client=client, notice=second, at=NOON)
    assert AuditEvent.objects.last().detail == {"version": 2, "via": "link"}


def test_a_notice_of_another_practice_is_refused(client, practice):
    PrivacyNoticeFactory(practice=practice)
    with pytest.raises(Refused):
        give_consent(by=None, client=client, notice=PrivacyNoticeFactory(), at=NOON)
    assert not Consent.objects.exists()


def test_consent_taken_back(client, practice, audited):
    notice = PrivacyNoticeFactory(practice=practice)
    consent = give_consent(by=None, client=client, notice=notice, at=NOON)
    audited()
    withdraw_consent(by=UserFactory(), consent=consent, at=NOON)
    withdraw_consent(by=UserFactory(), consent=consent, at=NOON)
    assert audited() == ["consent.withdrawn"]
    assert missing_consent(client) == notice
    give_consent(by=None, client=client, notice=notice, at=NOON)
    assert Consent.objects.count() == 2
