"""Links: hash only, once, expiring, revocable; the pass resumes on the same device; rooms have no link at all."""

import datetime as dt

import pytest
from django.utils import timezone

from assessments.actions.answering import start, submit
from assessments.actions.links import MAX_LINK_DAYS, by_pass, enter_link, in_room, make_link, revoke_link, start_room
from assessments.models import AssignmentLink
from clients.models import ClientInvitation
from practice import tokens
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.assessments import ask
from tests.factories.clients import ClientFactory
from tests.factories.practice import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def assignment():
    return ask(ClientFactory(), channel="link")


@pytest.fixture
def link(assignment):
    return assignment.links.get()


def test_assigning_by_link_makes_the_link(link):
    assert tokens.find(AssignmentLink, tokens.token_for(link)) == link
    assert tokens.find(ClientInvitation, tokens.token_for(link)) is None


def test_only_hashes_are_stored(link):
    token, secret = tokens.token_for(link), enter_link(link=link)
    stored = [str(value) for value in AssignmentLink.objects.values_list().get()]
    assert not any(token in value or secret in value for value in stored)
    details = str(list(AuditEvent.objects.values_list("detail", flat=True)))
    assert token not in details
    assert secret not in details


def test_entering_works_once_and_the_pass_resumes(link):
    secret = enter_link(link=link)
    assert by_pass(secret) == link
    assert by_pass(secret) == link
    with pytest.raises(Refused, match="no longer works"):
        enter_link(link=link)
    assert by_pass(secret) == link


def test_a_pass_is_not_a_token_and_a_token_not_a_pass(link):
    assert by_pass(tokens.token_for(link)) is None
    assert tokens.find(AssignmentLink, enter_link(link=link)) is None
    assert by_pass("") is None


def test_expired_revoked_and_withdrawn_links_do_not_open(by, link):
    late = link.expires_at
    with pytest.raises(Refused):
        enter_link(link=link, at=late)
    secret = enter_link(link=link, at=late - dt.timedelta(seconds=1))
    assert by_pass(secret, late) is None
    revoke_link(by=by, link=link)
    assert by_pass(secret) is None


def test_renewing_makes_earlier_links_and_passes_useless(by, assignment, link):
    secret = enter_link(link=link)
    renewed, token = make_link(by=by, assignment=assignment, days=3)
    assert by_pass(secret) is None
    link.refresh_from_db()
    with pytest.raises(Refused):
        enter_link(link=link)
    assert tokens.find(AssignmentLink, token) == renewed
    assert renewed.expires_at - renewed.created_at == dt.timedelta(days=3)
    assert AuditEvent.objects.get(action="link.made").detail == {"days": 3, "renewed": 1}


def test_revoking_twice_is_one_event(by, link):
    revoke_link(by=by, link=link)
    revoke_link(by=by, link=link)
    assert AuditEvent.objects.filter(action="link.revoked").count() == 1


@pytest.mark.parametrize("days", [0, MAX_LINK_DAYS + 1])
def test_a_link_lasts_a_bounded_time(by, assignment, days):
    with pytest.raises(Refused) as refused:
        make_link(by=by, assignment=assignment, days=days)
    assert refused.value.field == "days"


def test_what_is_not_given_by_link_has_no_link(by):
    for slug, channel in (("barriers", "portal"), ("safety-screen", "room")):
        with pytest.raises(Refused):
            make_link(by=by, assignment=ask(ClientFactory(), slug, channel=channel))
    assert AssignmentLink.objects.count() == 0


def test_after_sending_the_pass_still_finds_the_receipt_and_no_new_link_is_made(by, assignment, link):
    secret = enter_link(link=link)
    receipt = submit(response=start(assignment=assignment))
    found = by_pass(secret)
    assert found.assignment.response.receipt == receipt.code
    assignment.refresh_from_db()
    with pytest.raises(Refused):
        make_link(by=by, assignment=assignment)


def test_the_room_gives_a_short_pass_and_no_token(by):
    assignment = ask(ClientFactory(), "safety-screen", channel="room")
    now = timezone.now()
    made, secret = start_room(by=by, assignment=assignment, at=now)
    link = by_pass(secret, now)
    assert link == made
    assert in_room(link)
    assert link.token_hash is None
    assert by_pass(secret, now + dt.timedelta(hours=2)) is None
    _again, again = start_room(by=by, assignment=assignment, at=now)
    assert by_pass(secret, now) is None
    assert by_pass(again, now).assignment_id == assignment.pk
