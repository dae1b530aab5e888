"""Who needs the clinician: what stands on top of the caseload, in which order, how much of it, and where it leads."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, Leave
from tests.factories.assessments import answered, ask
from tests.factories.clients import CareFactory, SafetyFlagFactory, SessionFactory, client_of, couple_of
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db

URL = reverse("dashboard:caseload")
DAY = dt.timedelta(days=1)


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


@pytest.fixture
def person(clinician):
    return lambda name, **fields: client_of(clinician, first_name=name, last_name="Same", **fields)


def groups(browser, query=""):
    """Names and notes by the group's code."""
    found = {}
    for group in browser.get(URL + query).context["needs"]:
        found.setdefault(group.code, []).extend((item.name, item.note) for item in group.items)
    return found


def late(client, days=1, slug="attunement", **more):
    today = client.practice.today()
    return ask(client, slug, due_on=today - days * DAY, at=timezone.now() - (days + 3) * DAY, **more)


def test_nothing_needs_you(browser, person):
    person("Ada")
    page = browser.get(URL)
    assert page.context["needs"] == []
    assert "Nothing needs you right now" in page.content.decode()


def test_the_most_urgent_first_and_each_leads_there(browser, clinician, person):
    ada, now = person("Ada"), timezone.now()
    flag = SafetyFlagFactory(client=ada)
    asked = late(ada)
    answered(ada, at=now - 2 * DAY)
    today = SessionFactory(client=ada, clinician=clinician, starts_at=now, attendance="planned")
    past = SessionFactory(client=ada, clinician=clinician, starts_at=now - 3 * DAY, attendance="planned")
    page = browser.get(URL)
    found = page.context["needs"]
    assert [group.code for group in found] == ["flags", "today", "new", "overdue", "unrecorded"]
    record = reverse("dashboard:client", args=[ada.pk])
    assert [group.items[0].url for group in found] == [
        reverse("dashboard:flag", args=[flag.pk]),
        reverse("dashboard:session", args=[ada.pk, today.pk]),
        record,
        record,
        reverse("dashboard:session", args=[ada.pk, past.pk]),
    ]
    assert all(group.items[0].name == "Ada Same" for group in found)
    due = asked.due_on
    assert found[3].items[0].note == f"1 overdue, due {due.day} {due:%b}"
    text = page.content.decode()
    assert all(f'href="{group.items[0].url}"' in text for group in found)


def test_sessions_of_today_by_time_with_both_partners(browser, clinician, person):
    ada, bo = person("Ada"), person("Bo")
    couple = couple_of(ada, bo)
    zone = clinician.practice.zone
    noon = dt.datetime.combine(clinician.practice.today(), dt.time(12), tzinfo=zone)
    for client in (ada, bo):
        SessionFactory(
            client=client, clinician=clinician, starts_at=noon, couple=couple, kind="joint", attendance="planned"
        )
    SessionFactory(client=person("Cy"), clinician=clinician, starts_at=noon - dt.timedelta(hours=2), attendance="held")
    SessionFactory(client=person("Di"), clinician=clinician, starts_at=noon, attendance="cancelled")
    SessionFactory(client=person("Ed"), clinician=clinician, starts_at=noon + DAY, attendance="planned")
    SessionFactory(client=person("Fay"), starts_at=noon, attendance="planned")  # a colleague's session
    assert groups(browser)["today"] == [("Cy Same", "10:00, held"), ("Ada Same and Bo Same", "12:00")]


def test_midnight_is_the_practices(browser, clinician, person, monkeypatch):
    """23:30 of yesterday in the practice's zone is not today, whatever the day is in UTC."""
    practice = clinician.practice
    practice.time_zone = "Pacific/Auckland"
    practice.save()
    start = dt.datetime.combine(practice.today(), dt.time(0), tzinfo=practice.zone)
    for name, minutes in (("Before", -30), ("First", 0), ("Last", 23 * 60 + 59), ("After", 24 * 60)):
        at = start + dt.timedelta(minutes=minutes)
        SessionFactory(client=person(name), clinician=clinician, starts_at=at, attendance="planned")
    assert [name for name, _note in groups(browser)["today"]] == ["First Same", "Last Same"]


def test_long_unrecorded_sessions_are_let_go(browser, clinician, person):
    for days in (13, 15):
        at = timezone.now() - days * DAY
        SessionFactory(client=person(f"P{days}"), clinician=clinician, starts_at=at, attendance="planned")
    assert [name for name, _note in groups(browser)["unrecorded"]] == ["P13 Same"]


def test_overdue_the_longest_first_without_what_nobody_can_answer(browser, person):
    late(person("One"), days=1)
    two = person("Two")
    late(two, days=3), late(two, days=9, slug="growth-habits")
    gone = person("Gone")
    late(gone, days=4, expires_on=gone.practice.today() - DAY)
    ask(person("Later"), "attunement", due_on=gone.practice.today())
    assert [name for name, _note in groups(browser)["overdue"]] == ["Two Same", "One Same"]
    assert groups(browser)["overdue"][0][1].startswith("2 overdue, the first due")


def test_bounded_with_the_rest_one_tap_away(browser, person):
    for number in range(8):
        late(person(f"P{number}"))
    page = browser.get(URL)
    (group,) = page.context["needs"]
    assert (len(group.items), group.more, group.count) == (5, 3, 8)
    assert re.search(rf'<a href="{re.escape(URL)}\?f=1">and 3 more', page.content.decode())
    assert len(browser.get(group.more_url).context["page"].rows) == 8


def test_flags_of_discharged_clients_and_not_of_others(browser, clinician, person):
    SafetyFlagFactory(client=person("Gone", status=Client.Status.DISCHARGED))
    SafetyFlagFactory(client=client_of(MembershipFactory(practice=clinician.practice)))
    for query in ("", "?s=b", "?s=c"):
        assert [name for name, _note in groups(browser, query)["flags"]] == ["Gone Same"]


def test_work_and_answers_of_discharged_clients_do_not_call(browser, person):
    gone = person("Gone")
    late(gone)
    answered(gone, at=timezone.now() - DAY)
    gone.status = Client.Status.DISCHARGED
    gone.save()
    assert groups(browser) == {}


def test_filters_and_search_leave_the_strip_alone(browser, person):
    late(person("Ada"))
    person("Bo")
    browser.post(reverse("dashboard:caseload_search"), {"q": "Bo"})
    assert list(groups(browser, "?f=4&n=1")) == ["overdue"]


def test_covers_name_the_colleague_and_until_when(browser, clinician, person):
    person("Own")
    colleague = MembershipFactory(practice=clinician.practice, user__name="Dana Fox")
    today = clinician.practice.today()
    until = today + 5 * DAY
    leave = Leave.objects.create(
        practice=clinician.practice,
        clinician=colleague,
        cover=clinician,
        starts_on=today,
        ends_on=until,
        made_by=colleague.user,
    )
    for name, end, of in (
        ("Ada", until, leave),
        ("Bo", until, leave),
        ("Cy", until + DAY, None),
        ("Di", today - DAY, None),
    ):
        client = client_of(colleague, first_name=name, last_name="Away")
        CareFactory(client=client, clinician=clinician, role="cover", starts_on=today - DAY, ends_on=end, leave=of)
    page = browser.get(URL)
    found = [(group.title, [item.name for item in group.items]) for group in page.context["needs"]]
    assert found == [
        (f"You cover for Dana Fox until {until.day} {until:%b}", ["Ada Away", "Bo Away"]),
        (f"You cover until {(until + DAY).day} {until + DAY:%b}", ["Cy Away"]),
    ]
    assert f"you cover for Dana Fox until {until.day}" in page.content.decode()


def test_a_fixed_number_of_queries(browser, clinician, person):
    counts = []
    for size in (1, 2):
        for number in range(size):
            one = person(f"P{size}{number}")
            SafetyFlagFactory(client=one)
            late(one)
            answered(one, at=timezone.now() - 2 * DAY)
            for at in (timezone.now(), timezone.now() - 2 * DAY):
                at += dt.timedelta(seconds=size * 10 + number)
                SessionFactory(client=one, clinician=clinician, starts_at=at, attendance="planned")
            other = client_of(MembershipFactory(practice=clinician.practice))
            today = clinician.practice.today()
            CareFactory(client=other, clinician=clinician, role="cover", starts_on=today, ends_on=today)
        browser.get(URL)
        with CaptureQueriesContext(connection) as captured:
            browser.get(URL)
        counts.append(len(captured))
    assert counts == [counts[0]] * 2
    assert counts[0] <= 12
