"""The question that compares with the last time: optional, asked from the second time on, in every way of answering."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from assessments.actions.anchoring import compare
from assessments.actions.answering import submit
from assessments.actions.corrections import withdraw_response
from assessments.actions.links import start_room
from assessments.errors import LateDraft
from assessments.models import Response
from assessments.queries.answers import answers_of
from assessments.queries.earlier import answered_before
from clients.actions.course import discharge, start_episode
from practice.errors import Refused
from tests.dashboard.recording import words
from tests.factories.assessments import answered, ask, draft
from tests.factories.clients import now_about
from tests.portal.conftest import at, autosave, begun, by_link

pytestmark = pytest.mark.django_db
ASKED = "when you last answered this, things are"
DAY = dt.timedelta(days=1)


@pytest.fixture
def before(me):
    return answered(me, at=timezone.now() - 20 * DAY)


def review(browser, assignment):
    return browser.get(at("answer_review", assignment)).content.decode()


def test_the_first_time_nothing_is_compared(browser, me):
    asked = ask(me)
    begun(browser, asked)
    assert ASKED not in review(browser, asked)


def test_the_second_time_it_is_asked_and_kept_with_what_is_sent(browser, me, before):
    asked = ask(me)
    begun(browser, asked)
    page = review(browser, asked)
    day = before.submitted_at.astimezone(me.practice.zone)
    assert f"Compared with {day.day} {day:%B %Y}, {ASKED}" in words(page)
    assert page.split('data-anchor="')[1].split("</fieldset>")[0].count("checked") == 0
    assert browser.post(at("answer_submit", asked), {"anchor": "easier"}).status_code == 302
    sent = Response.objects.get(assignment=asked)
    assert (sent.state, sent.anchor, sent.anchor_to) == ("submitted", "easier", before.pk)
    assert answers_of(sent).compared_with == before.submitted_at


def test_it_may_be_left_open(browser, me, before):
    for data in ({}, {"anchor": ""}):
        asked = ask(me)
        begun(browser, asked)
        assert browser.post(at("answer_submit", asked), data).status_code == 302
        assert Response.objects.get(assignment=asked).anchor == ""


def test_anything_else_is_refused_at_the_question(browser, me, before):
    asked = ask(me)
    begun(browser, asked)
    refused = browser.post(at("answer_submit", asked), {"anchor": "better"})
    assert refused.status_code == 400
    assert 'id="anchor-error"' in refused.content.decode()
    assert Response.objects.get(assignment=asked).state == "draft"


def test_the_script_keeps_it_before_sending(browser, me, before):
    asked = ask(me)
    response = begun(browser, asked)
    assert autosave(browser, at("answer_save", asked), {}, anchor="same").status_code == 200
    response.refresh_from_db()
    assert (response.anchor, response.revision) == ("same", 0)
    assert 'value="same" checked' in review(browser, asked)
    assert autosave(browser, at("answer_save", asked), {}, anchor="nonsense").status_code == 400
    browser.post(at("answer_submit", asked), {"anchor": "same"})
    assert autosave(browser, at("answer_save", asked), {}, anchor="harder").status_code == 409
    response.refresh_from_db()
    assert response.anchor == "same"


def test_what_it_is_about_is_what_the_page_of_sending_showed(me, therapist, before):
    later = answered(me, at=timezone.now() - 10 * DAY)
    response = draft(me)
    compare(response=response, anchor="same")
    assert (response.anchor, response.anchor_to) == ("same", later.pk)
    withdraw_response(by=therapist.user, response=later, reason="a mistake")
    compare(response=response, anchor="same")
    assert Response.objects.get(pk=response.pk).anchor_to == before.pk
    submit(response=response)
    response.refresh_from_db()
    assert answers_of(response).compared_with == before.submitted_at
    withdraw_response(by=therapist.user, response=before, reason="a mistake")
    compare(response=response, anchor="same")
    assert Response.objects.get(pk=response.pk).anchor_to == before.pk
    assert answers_of(response).compared_with == before.submitted_at
    again = draft(me)
    compare(response=again, anchor="harder")
    withdraw_response(by=therapist.user, response=response, reason="a mistake")
    compare(response=again, anchor="harder")
    again.refresh_from_db()
    assert (again.anchor, again.anchor_to) == ("", None)


def test_the_migration_says_what_older_answers_were_about(me, therapist, before):
    withdrawn = answered(me, at=timezone.now() - 10 * DAY)
    response = draft(me)
    compare(response=response, anchor="same")
    withdraw_response(by=therapist.user, response=withdrawn, reason="a mistake")
    for sent in (False, True):
        if sent:
            Response.objects.filter(pk=response.pk).update(submitted_at=timezone.now(), state="submitted", receipt="R")
        Response.objects.update(anchor_to=None)
        import_module("assessments.migrations.0007_response_anchor_to").fill(apps, None)
        found = Response.objects.exclude(anchor_to=None).values_list("pk", "anchor_to")
        assert list(found) == [(response.pk, withdrawn.pk)]


def test_by_link_and_in_the_room(me, therapist, before):
    opened = by_link(me, therapist.user)
    device = Browser()
    device.post(opened.address)
    device.post(reverse("portal:link_answer"), {"relationship": "partner since 2019"})
    assert ASKED in device.get(reverse("portal:link_review")).content.decode()
    assert device.post(reverse("portal:link_submit"), {"anchor": "same"}).status_code == 302
    room = ask(me, channel="room")
    device = Browser()
    device.cookies["pass"] = start_room(by=therapist.user, assignment=room)[1]
    device.post(reverse("portal:link_answer"), {"relationship": "partner since 2019"})
    assert ASKED in device.get(reverse("portal:link_review")).content.decode()
    assert device.post(reverse("portal:link_submit"), {"anchor": "much-harder"}).status_code == 302
    anchors = Response.objects.exclude(pk=before.pk).order_by("submitted_at").values_list("anchor", flat=True)
    assert list(anchors) == ["same", "much-harder"]


def test_what_is_compared_is_the_same_measure_relationship_and_episode(me, other, therapist, before):
    assert answered_before(draft(me)) == before.submitted_at
    assert answered_before(draft(other)) is None
    assert answered_before(draft(me, "attunement")) is None
    assert answered_before(before) is None
    assert answered_before(draft(me, "safety-screen", channel="room")) is None
    for response in Response.objects.filter(client=me, state="draft"):
        submit(response=response)
    now_about(me, "somebody new")
    assert answered_before(draft(me)) is None
    now_about(me, "partner since 2019")
    discharge(by=therapist.user, client=me, reason="agreed")
    start_episode(by=therapist.user, client=me)
    assert answered_before(draft(me)) is None


def test_the_action_refuses_late_and_unknown_answers(me):
    first = draft(me)
    compare(response=first, anchor="same")
    assert Response.objects.get().anchor == ""  # there is nothing to compare with
    submit(response=first)
    response = draft(me)
    with pytest.raises(Refused) as refused:
        compare(response=response, anchor="better")
    assert refused.value.field == "anchor"
    compare(response=response, anchor="same")
    compare(response=response, anchor="")
    assert Response.objects.get(pk=response.pk).anchor == ""
    submit(response=response)
    with pytest.raises(LateDraft):
        compare(response=response, anchor="same")
