"""What tests of the record share: addresses, what a screen reader reads, a course of two sessions."""

import datetime as dt
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions.rating import rate
from clients.barriers import CODES
from tests.factories.assessments import answered
from tests.factories.clients import SessionFactory, now_about

NOW = dt.datetime(2026, 5, 20, 12, 0, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)


def url(name, person, *args):
    return reverse(f"dashboard:{name}", args=[person.pk, *args])


def words(markup: str) -> str:
    """What a screen reader reads of markup."""
    visible = re.sub(r'<span[^>]*aria-hidden="true"[^>]*>[^<]*</span>', "", str(markup))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", visible)).replace(" ,", ",").strip()


def queries(browser, address) -> int:
    """How many queries the page takes, once what is kept in the process and the session is there."""
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


def about(person, partner):
    """From now on the answers are about this relationship."""
    now_about(person, partner)


def two_sessions(person, clinician):
    """Answers before each of two sessions, a rating of the first, and answers since then."""
    first = SessionFactory(client=person, clinician=clinician, starts_at=NOW - 3 * WEEK)
    second = SessionFactory(client=person, clinician=clinician, starts_at=NOW - 2 * WEEK)
    responses = [
        answered(person, answers={**dict.fromkeys(CODES, 2), "control": value}, at=at)
        for value, at in ((4, NOW - 4 * WEEK), (3, NOW - 15 * WEEK / 7), (1, NOW - WEEK))
    ]
    rating = rate(by=clinician.user, session=first, ratings={"control": 2}, at=NOW - 3 * WEEK)
    return first, second, responses, rating
