"""A supervisor's team: current links only, numbers of four weeks, a supervisee's caseload."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.actions.course import discharge
from practice.models import AuditEvent
from tests.factories.assessments import answered, ask
from tests.factories.clients import SafetyFlagFactory, SessionFactory, client_of
from tests.factories.practice import MembershipFactory, SupervisionFactory

pytestmark = pytest.mark.django_db

URL = reverse("dashboard:team")
DAY = dt.timedelta(days=1)


@pytest.fixture
def supervisor():
    return MembershipFactory(roles="supervisor")


@pytest.fixture
def browser(client, supervisor):
    client.force_login(supervisor.user)
    return client


def supervisee(supervisor, **fields):
    return SupervisionFactory(supervisor=supervisor, **fields).supervisee


def caseload_of(member):
    return reverse("dashboard:team_member", args=[member.pk])


def queries(browser, address) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


def busy(member):
    """A client with a session, one thing sent and one overdue."""
    person = client_of(member)
    SessionFactory(client=person, clinician=member, starts_at=timezone.now() - DAY)
    SessionFactory(client=person, clinician=member, starts_at=timezone.now() - 60 * DAY)
    answered(person, at=timezone.now() - 2 * DAY)
    earlier = answered(person, at=timezone.now() - 3 * DAY).assignment  # sent in the window, but asked before it
    type(earlier).objects.filter(pk=earlier.pk).update(assigned_at=timezone.now() - 40 * DAY)
    ask(person, "attunement", at=timezone.now() - 4 * DAY, due_on=person.practice.today() - DAY)
    return person


def test_numbers_of_four_weeks(browser, supervisor):
    member = supervisee(supervisor)
    busy(member)
    client_of(member)
    (row,) = browser.get(URL).context["supervisees"]
    assert row.link.supervisee == member
    assert (row.clients, row.held, row.sent, row.asked, row.overdue) == (2, 1, 1, 2, 1)


def test_work_of_an_ended_episode_is_not_overdue(browser, supervisor):
    member = supervisee(supervisor)
    person = busy(member)
    discharge(by=member.user, client=person, reason="agreed")
    (row,) = browser.get(URL).context["supervisees"]
    assert (row.clients, row.sent, row.asked, row.overdue) == (0, 1, 1, 0)  # what was open is withdrawn
    assert browser.get(caseload_of(member)).context["page"].cases == []


def test_current_links_only(browser, supervisor):
    supervisee(supervisor, ends_on=supervisor.practice.today() - DAY)
    supervisee(supervisor, starts_on=supervisor.practice.today() + DAY)
    SupervisionFactory(supervisor=MembershipFactory(practice=supervisor.practice, roles="supervisor"))
    page = browser.get(URL)
    assert page.context["supervisees"] == []
    assert "You supervise nobody at the moment" in page.content.decode()


def test_supervisees_caseload_without_flags_and_recorded(browser, supervisor):
    member = supervisee(supervisor)
    person = busy(member)
    client_of(MembershipFactory(practice=supervisor.practice))
    SafetyFlagFactory(client=person)
    page = browser.get(caseload_of(member))
    assert [row.client.pk for case in page.context["page"].cases for row in case.rows] == [person.pk]
    assert [row.flag for case in page.context["page"].cases for row in case.rows] == [None]
    assert "flags" not in page.context
    assert "afety flag" not in page.content.decode()
    event = AuditEvent.objects.get(action="opened-list", actor_id=supervisor.user.pk)
    assert (event.subject, event.basis) == ("supervision", "supervisor")


def test_not_of_others(browser, supervisor):
    former = supervisee(supervisor, ends_on=supervisor.practice.today() - DAY)
    theirs = SupervisionFactory(supervisor=MembershipFactory(practice=supervisor.practice, roles="supervisor"))
    for member in (former, theirs.supervisee, MembershipFactory(practice=supervisor.practice), supervisor):
        assert browser.get(caseload_of(member)).status_code == 404


def test_clients_whose_care_ended_are_gone(browser, supervisor):
    member = supervisee(supervisor)
    person = client_of(member)
    person.careassignments.update(ends_on=supervisor.practice.today() - DAY)
    assert browser.get(caseload_of(member)).context["page"].cases == []
    (row,) = browser.get(URL).context["supervisees"]
    assert row.clients == 0


def test_the_same_queries_whatever_the_length(browser, supervisor):
    counts, lists = [], []
    for size in (1, 2):
        for _ in range(size):
            member = supervisee(supervisor)
            busy(member)
        counts.append(queries(browser, URL))
        for _ in range(2 * size - 1):
            busy(member)
        lists.append(queries(browser, caseload_of(member)))
    assert (counts, lists) == ([counts[0]] * 2, [lists[0]] * 2)
    assert max(counts + lists) <= 13
