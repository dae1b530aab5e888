"""The letter: neutral, only what is still open, only where it is safe."""

import pytest
from django.conf import settings

from assessments.actions.assigning import assign, withdraw
from assessments.letters import assignment_ready
from assessments.models import Assignment
from practice import tokens
from practice.models import OutboxMessage
from tests.factories.assessments import publish
from tests.factories.clients import ClientFactory
from tests.factories.practice import UserFactory

pytestmark = pytest.mark.django_db
CLINICAL = (
    "barrier", "codepend", "relationship", "partner", "therap", "session", "measure", "assess", "question", "safety",
    "attach", "clinic", "practice",
)  # fmt: skip


@pytest.fixture
def person():
    return ClientFactory(email="robin@example.test", safe_contact="email", user=UserFactory())


def _letter(person, *slugs, **kwargs):
    assign(by=UserFactory(), clients=[person], versions=list(publish(*slugs).values()), **kwargs)
    return assignment_ready(OutboxMessage.objects.get())


def test_for_the_portal(person):
    letter = _letter(person, "barriers", "attunement")
    assert letter.to == "robin@example.test"
    assert letter.body.count(settings.BASE_URL) == 1
    assert "about 8 minutes" in letter.body or "minutes" in letter.body


def test_by_link_each_has_its_own(person):
    letter = _letter(person, "barriers", "attunement", channel="link")
    for assignment in Assignment.objects.all():
        assert letter.body.count(f"/l/{tokens.token_for(assignment.links.get())}/") == 1


@pytest.mark.parametrize("channel", ["portal", "link"])
def test_it_says_nothing_clinical(person, channel):
    letter = _letter(person, "barriers", "session-checkin", channel=channel)
    words = f"{letter.subject} {letter.sender} {letter.body}".lower()
    assert [word for word in CLINICAL if word in words] == []
    assert person.first_name.lower() not in words


def test_what_is_for_the_room_is_left_out(person):
    letter = _letter(person, "safety-screen", "barriers", channel="link")
    assert letter.body.count("/l/") == 1


def test_it_is_withheld_when_nothing_is_open_any_more(person):
    assert _letter(person, "barriers") is not None
    withdraw(by=UserFactory(), assignment=Assignment.objects.get())
    assert assignment_ready(OutboxMessage.objects.get()) is None


def test_it_is_withheld_when_the_client_wants_no_more_mail(person):
    assert _letter(person, "barriers") is not None
    person.safe_contact = "none"
    person.save()
    assert assignment_ready(OutboxMessage.objects.get()) is None


def test_a_spent_link_is_not_sent(person):
    assert _letter(person, "barriers", channel="link") is not None
    link = Assignment.objects.get().links.get()
    link.used_at = link.created_at
    link.save()
    assert assignment_ready(OutboxMessage.objects.get()) is None
