"""The week: one's own sessions by day, covers, who may be named, what is prepared."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.actions.rating import rate
from clients.models import CareAssignment, TherapySession
from dashboard.queries.week import week, week_of, week_text
from practice.models import AuditEvent
from tests.factories.assessments import answered, version_of
from tests.factories.clients import CareFactory, SessionFactory, client_of, couple_of
from tests.factories.practice import MembershipFactory, PracticeFactory

pytestmark = pytest.mark.django_db

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
MONDAY = dt.date(2026, 3, 2)


@pytest.fixture
def practice():
    return PracticeFactory(time_zone="Europe/Berlin")


@pytest.fixture
def clinician(practice):
    return MembershipFactory(practice=practice)


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def at(day: int, hour: int = 10) -> dt.datetime:
    """A moment of the week, in UTC."""
    return dt.datetime(2026, 3, 2, hour, tzinfo=dt.UTC) + day * DAY


def session(client, clinician, moment, **fields):
    return SessionFactory(client=client, clinician=clinician, starts_at=moment, **fields)


def entries(member):
    member.user.__dict__.pop("_current_memberships", None)
    return [entry for day in week(member, member.user, MONDAY).days for entry in day.entries]


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("2026-W48", dt.date(2026, 11, 23)),
        ("2026-W53", dt.date(2026, 12, 28)),
        ("2025-W53", dt.date(2026, 3, 2)),  # that year has 52
        ("", dt.date(2026, 3, 2)),
        ("2026-W00", dt.date(2026, 3, 2)),
        ("2026-W48&x", dt.date(2026, 3, 2)),
        ("20000-W01", dt.date(2026, 3, 2)),
    ],
)
def test_the_week_of_an_address(text, monday):
    assert week_of(text, dt.date(2026, 3, 5)) == monday


def test_a_week_and_its_address_agree():
    for number in range(400):
        monday = dt.date(2025, 12, 29) + 7 * number * DAY
        assert week_of(week_text(monday), dt.date(2000, 1, 1)) == monday


def test_ones_own_sessions_by_day_in_the_practices_zone(clinician, practice):
    person = client_of(clinician)
    late = session(person, clinician, at(6, 22) + HOUR / 2)  # 23:30 in Berlin, still Sunday
    first = session(person, clinician, at(-1, 23))  # 00:00 on Monday in Berlin
    session(person, clinician, at(6, 23))  # Monday after
    session(person, clinician, at(-1, 22))  # Sunday before
    session(client_of(clinician), MembershipFactory(practice=practice), at(1))  # a colleague's
    days = week(clinician, clinician.user, MONDAY).days
    found = {day.day: [entry.session for entry in day.entries] for day in days}
    assert found == {MONDAY + number * DAY: [] for number in range(7)} | {MONDAY: [first], MONDAY + 6 * DAY: [late]}


def test_a_joint_session_stands_once_with_both_names(clinician, practice):
    one, two = client_of(clinician, last_name="Ash"), client_of(clinician, last_name="Birch")
    couple = couple_of(one, two)
    for person in (one, two):
        session(person, clinician, at(1), kind="joint", couple=couple)
    (entry,) = entries(clinician)
    assert ([person.name for person in entry.people], entry.unnamed) == ([one.full_name, two.full_name], 0)
    CareAssignment.objects.filter(client=two).update(ends_on=dt.date(2026, 1, 1))
    (entry,) = entries(clinician)
    assert ([person.name for person in entry.people], entry.unnamed) == ([one.full_name], 1)


def test_who_is_no_longer_in_ones_care_is_not_named_or_linked(browser, clinician):
    person = client_of(clinician, first_name="Robin", last_name="Gone")
    row = session(person, clinician, timezone.now())
    CareAssignment.objects.update(ends_on=timezone.now().date() - DAY)
    text = browser.get(reverse("dashboard:week")).content.decode()
    assert "A client who is not in your care" in text
    assert "Gone" not in text
    assert str(row.pk) not in text
    assert str(person.pk) not in text


def test_a_cover_sees_the_days_of_their_cover(practice, clinician):
    absent = MembershipFactory(practice=practice)
    person = client_of(absent)
    today = practice.today()
    CareFactory(client=person, clinician=clinician, role="cover", starts_on=today, ends_on=today + 2 * DAY)
    noon = dt.datetime.combine(today, dt.time(12), tzinfo=practice.zone)
    rows = [session(person, absent, noon + number * DAY, attendance="planned") for number in (-1, 0, 2, 3)]
    weeks = {week_of("", practice.today(row.starts_at)) for row in rows}
    found = [
        entry
        for monday in sorted(weeks)
        for day in week(clinician, clinician.user, monday).days
        for entry in day.entries
    ]
    assert [(entry.session, entry.covers) for entry in found] == [(row, absent.user.name) for row in rows[1:3]]


def test_prepared_closed_and_the_check_in(clinician):
    version_of()
    person = client_of(clinician)
    before = session(person, clinician, at(-6))
    here = session(person, clinician, at(1))
    after = session(person, clinician, at(3), attendance="planned")
    answered(person, "session-checkin", {"connected": 5}, at=at(-6, 9))
    answered(person, "session-checkin", {"connected": 5}, at=at(1, 9))
    rate(by=clinician.user, session=here, ratings={"control": 1})
    rate(by=clinician.user, session=after, ratings={"control": 1}, done=False)
    states = [
        (person.session, person.prepared, person.checkin) for entry in entries(clinician) for person in entry.people
    ]
    assert states == [(here, True, True), (after, False, False)]
    assert before not in [row for row, _prepared, _checkin in states]


def test_the_check_in_is_the_same_as_on_the_sessions_page(browser, clinician):
    """The week and the page of the session answer from one rule."""
    version_of()
    person = client_of(clinician)
    now = timezone.now()
    session(person, clinician, now - 7 * DAY)
    row = session(person, clinician, now - 2 * HOUR)
    rate(by=clinician.user, session=row, ratings={})
    for sent, expected in ((now - 7 * DAY, False), (now - 3 * HOUR, True)):
        answered(person, "session-checkin", {"connected": 5}, at=sent)
        look = browser.get(reverse("dashboard:session", args=[person.pk, row.pk])).context["page"].look
        monday = week_of("", clinician.practice.today(row.starts_at))
        found = [
            one.checkin
            for day in week(clinician, clinician.user, monday).days
            for entry in day.entries
            for one in entry.people
            if one.session == row
        ]
        assert (look.checkin is not None, found) == (expected, [expected])


def test_cancelled_ones_are_free_time(clinician):
    person = client_of(clinician)
    session(person, clinician, at(1), attendance="cancelled")
    session(person, clinician, at(2))
    assert [entry.is_off for entry in entries(clinician)] == [True, False]
    assert week(clinician, clinician.user, MONDAY).count == 1


def test_two_too_near_are_marked(clinician):
    for hour, minutes in ((9, 0), (9, 40), (11, 0), (11, 10)):
        moment = at(1, hour) + dt.timedelta(minutes=minutes)
        session(client_of(clinician), clinician, moment, attendance="cancelled" if minutes == 10 else "planned")
    assert [entry.overlaps for entry in entries(clinician)] == [True, True, False, False]


def test_the_page_and_its_neighbours(browser):
    page = browser.get(reverse("dashboard:week") + "?w=2026-W10")
    text = page.content.decode()
    assert 'href="?w=2026-W09"' in text
    assert 'href="?w=2026-W11"' in text
    assert AuditEvent.objects.get(action="opened-list").subject == "week"


def test_a_new_session_begins_with_whom_and_when(browser, clinician, practice):
    person, other = client_of(clinician), client_of(MembershipFactory(practice=practice))
    answer = browser.post(reverse("dashboard:week"), {"client": person.pk, "day": "2026-03-04"})
    assert answer["Location"] == reverse("dashboard:session_add", args=[person.pk]) + "?day=2026-03-04"
    assert browser.get(answer["Location"]).context["form"]["day"].value() == dt.date(2026, 3, 4)
    page = browser.post(reverse("dashboard:week"), {"client": other.pk, "day": "x"})
    assert sorted(page.context["form"].errors) == ["client", "day"]
    assert other.full_name not in page.content.decode()
    assert browser.get(reverse("dashboard:session_add", args=[person.pk]) + "?day=nonsense").status_code == 200


def test_a_fixed_number_of_queries(browser, clinician, practice):
    counts = []
    for number in (1, 3):
        for place in range(number):
            person = client_of(clinician)
            session(person, clinician, timezone.now() + place * HOUR / 60)
            answered(person, "session-checkin", {"connected": 5})
            covered = client_of(MembershipFactory(practice=practice))
            today = practice.today()
            CareFactory(client=covered, clinician=clinician, role="cover", starts_on=today, ends_on=today + DAY)
            session(covered, covered.careassignments.get(role="primary").clinician, timezone.now())
        browser.get(reverse("dashboard:week"))
        with CaptureQueriesContext(connection) as captured:
            browser.get(reverse("dashboard:week"))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert TherapySession.objects.count() == 8
