"""Many at once, over HTTP; and where answers must never turn up."""

import logging

import pytest
from django.test import Client as Browser
from django.urls import reverse

from assessments.models import Response
from clients.models import Consent
from practice import audit
from practice.models import AuditEvent, OutboxMessage
from tests.assessments.threads import at_once
from tests.factories.assessments import ask
from tests.factories.clients import ClientFactory
from tests.factories.practice import PrivacyNoticeFactory, UserFactory
from tests.portal.conftest import at, autosave, begun, by_link, signed_in

CANARY = "Kanarienvogel"


@pytest.fixture
def real_transactions(transactional_db):
    """Transactions that commit. The audit trail's triggers make way for the flush afterwards."""
    yield
    audit.drop_triggers()


def test_parallel_sends_are_one_submission_and_one_receipt(real_transactions):
    """Abuse 27 (fifty at once: tests/assessments)."""
    notice = PrivacyNoticeFactory()
    client = ClientFactory(practice=notice.practice, user=UserFactory())
    Consent.objects.create(client=client, notice=notice)
    asked = ask(client)
    begun(signed_in(client), asked)
    browsers = [signed_in(client) for _number in range(10)]
    answers = at_once(10, lambda number: browsers[number].post(at("answer_submit", asked)))
    assert {answer.status_code for answer in answers} == {302}
    pages = {browser.get(at("answer_done", asked)).context["response"].receipt for browser in browsers}
    assert pages == {Response.objects.get().receipt}
    assert AuditEvent.objects.filter(action="answers.submitted").count() == 1


def test_answers_turn_up_in_no_log_address_error_page_audit_row_or_message(me, other, browser, therapist, caplog, rung):
    """Abuse 42: a canary written everywhere a client can write."""
    caplog.set_level(logging.DEBUG)
    asked = ask(me, by=therapist.user)
    begun(browser, asked)
    relationship = browser.post(at("answer", asked), {"relationship": CANARY})
    page = browser.post(at("answer_page", asked, number=1), {"a.past": 3, "a.past.note": CANARY, "a.made-up": CANARY})
    saved = autosave(browser, at("answer_save", asked), {"something-else": CANARY, "past": 2})
    refused = autosave(browser, at("answer_save", asked), {"past": CANARY}, key="bad:1")
    strange = signed_in(other)
    errors = [
        strange.get(at("answer_page", asked, number=1)),
        strange.post(at("answer_page", asked, number=1), {"a.past.note": CANARY}),
        autosave(strange, at("answer_save", asked), {"something-else": CANARY}),
        Browser().get(reverse("portal:link", args=[CANARY])),
    ]
    sent = browser.post(at("answer_submit", asked))
    late = browser.post(at("answer_page", asked, number=1), {"a.past.note": CANARY})
    given = by_link(me, therapist.user, "session-checkin")
    phone = Browser()
    opened = phone.post(given.address)
    phone.post("/l/")
    phone.post("/l/2/", {"a.today": CANARY, "go": "next"})
    over = phone.post("/l/send/")
    statuses = [relationship.status_code, page.status_code, saved.status_code, refused.status_code, sent.status_code]
    assert statuses == [302, 400, 200, 400, 302]
    assert [answer.status_code for answer in errors] == [404, 404, 404, 404]
    assert (late.status_code, opened.status_code, over.status_code) == (409, 302, 302)
    for answer in (*errors, late, refused):
        assert CANARY not in answer.content.decode()
    for answer in (relationship, sent, opened, over):
        assert CANARY not in answer["Location"]
        assert given.token not in answer["Location"]
    rows = str(list(AuditEvent.objects.values())) + str(list(OutboxMessage.objects.values())) + str(rung)
    assert CANARY not in rows
    assert given.token not in rows
    formatted = "\n".join(record.getMessage() for record in caplog.records)
    assert CANARY not in formatted
    assert given.token not in formatted
