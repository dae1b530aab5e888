"""Letters of this room: to the right address, only while wanted, and without a clinical word."""

import datetime as dt

import pytest
from django.utils import timezone

from clients.letters import cover_named, handed_over, invitation, to_clinician, to_owner
from practice import tokens
from practice.hooks import letter_builder
from practice.models import OutboxMessage
from tests.factories.clients import ClientInvitationFactory, client_of
from tests.factories.practice import MembershipFactory

CLINICAL = ("client", "therap", "safety", "flag", "emergency", "record", "couple", "robin", "session", "partner")


def message(template, subject):
    return OutboxMessage(template=template, purpose=f"{template}:{subject.pk}", subject_id=subject.pk)


@pytest.fixture
def row(clinician):
    client = client_of(clinician, first_name="Robin", email="robin@example.test", safe_contact="email")
    return ClientInvitationFactory(client=client)


def test_the_invitation_goes_to_the_client_with_the_link(row):
    letter = invitation(message("client-invitation", row))
    assert letter.to == "robin@example.test"
    assert f"/welcome/{tokens.token_for(row)}/" in letter.body
    text = f"{letter.sender} {letter.subject} {letter.body}".lower()
    assert not [word for word in CLINICAL if word in text]


@pytest.mark.parametrize("change", ["revoked", "used", "expired", "no messages", "no address", "gone"])
def test_an_invitation_no_longer_wanted_is_withheld(row, change):
    past = timezone.now() - dt.timedelta(minutes=1)
    fields = {"revoked": "revoked_at", "used": "used_at", "expired": "expires_at"}
    if change in fields:
        setattr(row, fields[change], past)
        row.save()
    elif change == "gone":
        row.pk = row.client.pk
    else:
        row.client.safe_contact = "none"
        row.client.email = "" if change == "no address" else row.client.email
        row.client.save()
    assert invitation(message("client-invitation", row)) is None


@pytest.mark.parametrize("template", ["safety-flag", "emergency-opened"])
def test_clinicians_are_told_that_something_waits_and_no_more(clinician, template):
    letter = to_clinician(message(template, clinician))
    assert letter.to == clinician.user.email
    text = f"{letter.sender} {letter.subject} {letter.body}".lower()
    assert not [word for word in CLINICAL if word in text]


@pytest.mark.parametrize(("template", "build"), [("cover-named", cover_named), ("clients-handed-over", handed_over)])
def test_colleagues_are_told_to_look_under_leave(clinician, template, build):
    letter = build(message(template, clinician))
    assert (letter.to, "/leave/" in letter.body) == (clinician.user.email, True)
    text = f"{letter.sender} {letter.subject} {letter.body}".lower()
    assert not [word for word in CLINICAL if word in text]
    assert letter_builder(template) is build
    clinician.user.email = ""
    clinician.user.save()
    assert build(message(template, clinician)) is None


def test_owners_are_told_that_somebody_needs_a_clinician_and_no_more(owner, clinician):
    letter = to_owner(message("client-needs-clinician", owner))
    assert letter.to == owner.user.email
    assert "has no clinician" in letter.body
    text = f"{letter.sender} {letter.subject} {letter.body}".lower()
    assert not [word for word in CLINICAL if word in text]
    assert to_owner(message("client-needs-clinician", clinician)) is None
    owner.ends_on = owner.practice.today() - dt.timedelta(days=1)
    owner.save()
    assert to_owner(message("client-needs-clinician", owner)) is None


@pytest.mark.parametrize("change", ["left", "inactive", "no address"])
def test_who_left_is_not_told(clinician, change):
    if change == "left":
        clinician.ends_on = clinician.practice.today() - dt.timedelta(days=1)
        clinician.save()
    else:
        clinician.user.is_active = change != "inactive"
        clinician.user.email = "" if change == "no address" else clinician.user.email
        clinician.user.save()
    assert to_clinician(message("safety-flag", clinician)) is None
    assert to_clinician(message("safety-flag", MembershipFactory())) is not None
