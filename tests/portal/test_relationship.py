"""Which relationship one has in mind: one named before, or another one."""

import uuid

import pytest

from assessments.models import Response, Trajectory
from clients.models import Client, Relationship
from practice.models import AuditEvent
from tests.factories.assessments import ask
from tests.factories.clients import RelationshipFactory
from tests.portal.conftest import at

pytestmark = pytest.mark.django_db


def begin(browser, assignment, **data):
    return browser.post(at("answer", assignment), data)


def about(assignment):
    named = Response.objects.get(assignment=assignment).relationship
    return named.words if named else None


def test_the_one_of_now_is_chosen_and_an_earlier_one_can_be(browser, me):
    earlier = RelationshipFactory(client=me, words="a friend")
    asked = ask(me)
    page = browser.get(at("answer", asked)).content.decode()
    assert page.index("partner since 2019") < page.index("a friend") < page.index("Another one")
    assert page.count("checked") == 1
    assert begin(browser, asked, about=str(me.relationship_id), relationship="").status_code == 302
    assert about(asked) == "partner since 2019"
    assert not AuditEvent.objects.filter(action="answers.relationship").exists()  # nothing was changed
    assert begin(browser, asked, about=str(earlier.pk)).status_code == 302
    assert about(asked) == "a friend"
    assert AuditEvent.objects.filter(action="answers.relationship").count() == 1
    me.refresh_from_db()
    assert me.relationship.words == "partner since 2019"  # the clinician decides what measures are about


def test_another_one_in_words(browser, me):
    asked = ask(me)
    refused = begin(browser, asked, about="new", relationship=" ")
    assert refused.status_code == 400
    assert "Name the other relationship" in refused.content.decode()
    assert not Response.objects.exists()
    assert begin(browser, asked, about="new", relationship="my wife").status_code == 302
    assert about(asked) == "my wife"
    # what is typed counts, even where the button beside it still stands on the old one
    assert begin(browser, asked, about=str(me.relationship_id), relationship="somebody new").status_code == 302
    assert about(asked) == "somebody new"


@pytest.mark.parametrize("what", ["other", "unknown", "nonsense"])
def test_what_is_not_mine_is_refused_at_the_question(browser, me, other, what):
    foreign = RelationshipFactory(client=other, words="canary words")
    asked = ask(me)
    sent = {"other": str(foreign.pk), "unknown": str(uuid.uuid4()), "nonsense": "nonsense"}[what]
    refused = begin(browser, asked, about=sent)
    assert refused.status_code == 400
    page = refused.content.decode()
    assert "Choose one of the relationships shown" in page
    assert "canary" not in page
    assert about(asked) == "partner since 2019"


def test_the_first_one_named_is_what_measures_are_about(browser, me):
    Client.objects.filter(pk=me.pk).update(relationship=None)
    Relationship.objects.filter(client=me).delete()
    asked = ask(me)
    page = browser.get(at("answer", asked)).content.decode()
    assert 'type="radio"' not in page
    begin(browser, asked, relationship="my wife")
    me.refresh_from_db()
    assert me.relationship.words == "my wife"
    browser.post(at("answer_submit", asked))
    assert set(Trajectory.objects.values_list("relationship", flat=True)) <= {me.relationship_id}


def test_what_does_not_ask_shows_none_and_keeps_none(browser, me):
    asked = ask(me, "attachment-patterns")
    assert "partner since 2019" not in browser.get(at("answer", asked)).content.decode()
    begin(browser, asked, about=str(me.relationship_id), relationship="my wife")
    assert about(asked) is None
