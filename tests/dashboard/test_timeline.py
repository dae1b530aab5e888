"""The time line: joined sources, order, pages, kinds, and what each reader sees of it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Correction
from clients.actions.course import discharge, start_episode
from dashboard.queries import timeline
from dashboard.queries.timeline_given import given
from dashboard.queries.timeline_sources import CODES, SOURCES
from homework.models import Proposal
from practice.grants import GRANTS, Permission, Relationship
from practice.models import AuditEvent
from tests.factories.assessments import answered
from tests.factories.clients import (
    CareFactory,
    FocusFactory,
    GoalFactory,
    LifeEventFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
)
from tests.factories.homework import publish_library
from tests.factories.practice import MembershipFactory, PracticeFactory, SupervisionFactory
from tests.factories.reports import ReportFactory, course, respond

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
CODE = {kind: code for code, kind in CODES.items()}


@pytest.fixture
def clinician():
    return MembershipFactory(practice=PracticeFactory(time_zone="America/New_York"))


@pytest.fixture
def person(clinician):
    return client_of(clinician, episode__starts_on=dt.date(2026, 1, 5))


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def address(person):
    return reverse("dashboard:client_timeline", args=[person.pk])


def read(person, *kinds, after="", size=1000, as_=Relationship.PRIMARY):
    may = GRANTS[as_]
    flags = list(person.safetyflags.all()) if Permission.SEE_SAFETY in may else []
    reader = timeline.Reader(person, may, list(person.episodes.order_by("-number")), flags)
    return timeline.page(reader, SOURCES, given(reader), kinds, after, size)


def entries(page):
    return [entry for stretch in page.stretches for month in stretch.months for entry in month.entries]


def lines(page):
    return [(entry.kind, str(entry.label), str(entry.title)) for entry in entries(page)]


def propose(person, at=NOW):
    version = publish_library()["equal-say"]
    return Proposal.objects.create(
        client=person,
        episode=person.episodes.get(),
        version=version,
        exercise_id=version.exercise_id,
        proposed_at=at,
        proposed_by=MembershipFactory(practice=person.practice).user,
        words="Try this.",
    )


def everything(person, clinician):
    """One of each kind, a minute apart, the last first here."""
    minute = dt.timedelta(minutes=1)
    held = SessionFactory(client=person, clinician=clinician, starts_at=NOW, note="What was said.")
    sent = answered(person, at=NOW + minute)
    respond(
        person,
        sent.version,
        {"control": 3},
        NOW + 2 * minute,
        respondent="clinician",
        session=held,
        submitted_by=clinician.user,
    )
    propose(person, NOW + 3 * minute)
    ReportFactory(client=person, asked_by=clinician.user, state="ready", file="f", finished_at=NOW + 4 * minute)
    Correction.objects.create(
        client=person, kind="answers", response=sent, reason="A slip.", made_at=NOW + 5 * minute, made_by=clinician.user
    )
    SafetyFlagFactory(client=person, raised_at=NOW + 6 * minute)
    LifeEventFactory(client=person, happened_on=dt.date(2026, 11, 18), kind="grief", note="Her aunt.")
    GoalFactory(client=person, words="Swim", set_at=NOW - DAY, state="reached", ended_on=dt.date(2026, 11, 20))
    FocusFactory(client=person, state="active", slot=1, starts_on=dt.date(2026, 11, 19))
    FocusFactory(
        client=person,
        barrier="power",
        state="ended",
        starts_on=dt.date(2026, 11, 17),
        ends_on=dt.date(2026, 11, 19),
    )


def test_everything_newest_first(person, clinician):
    everything(person, clinician)
    assert lines(read(person)) == [
        ("focus", "Goal", "Swim"),
        ("flag", "Safety flag", "Raised"),
        ("correction", "Answers put right", "Barriers to interdependence"),
        ("report", "Report", "Client progress"),
        ("homework", "Exercise", "Equal say"),
        ("rating", "Clinician’s rating", "Barriers to interdependence"),
        ("answers", "Submission", "Barriers to interdependence"),
        ("session", "Session", "Individual"),
        ("focus", "Left the focus", "Power dynamics"),
        ("focus", "Goal", "Swim"),
        ("focus", "Into the focus", "Communication gaps"),
        ("event", "Life event", "Loss or grief"),
        ("focus", "Into the focus", "Power dynamics"),
        ("care", "Care began", "Episode 1"),
        ("care", "Primary clinician", str(clinician)),
    ]


def test_each_page_goes_on_where_the_one_before_ended(person, clinician):
    everything(person, clinician)
    for at in (NOW, NOW, NOW + DAY):  # the same moment too
        answered(person, "after-session", at=at)
    LifeEventFactory(client=person, happened_on=dt.date(2026, 11, 18))
    whole = [entry.key for entry in entries(read(person))]
    assert whole == sorted(set(whole))
    for size in (1, 2, 5):
        found, after, first = [], "", True
        while first or after:
            page = read(person, after=after, size=size)
            assert page.is_later is not first
            found += [entry.key for entry in entries(page)]
            after, first = page.after, False
        assert found == whole


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "AAAA", "a" * 34, timeline.encode((-(10**17), 0, 0)), "é" * 9])
def test_any_other_cursor_gives_the_first_page(person, cursor):
    page = read(person, after=cursor)
    assert (page.is_later, len(entries(page))) == (False, 2)


def test_kinds_by_opaque_codes(browser, person, clinician):
    everything(person, clinician)
    page = browser.get(address(person), {"k": [CODE["session"], CODE["event"], "nothing"]})
    assert {entry.kind for entry in entries(page.context["page"])} == {"session", "event"}
    assert page.context["chosen"] == [CODE["session"], CODE["event"]]
    html = page.content.decode()
    assert f'value="{CODE["session"]}" checked' in html
    assert f'value="{CODE["report"]}" checked' not in html


def test_the_page_reads_well_and_is_recorded(browser, person, clinician):
    everything(person, clinician)
    html = browser.get(address(person)).content.decode()
    for words in ("What was said.", "Her aunt.", "Try this.", "November 2026", "Episode 1", "A minute"):
        assert (words in html) is (words != "A minute")
    assert "A slip." not in html  # the reason stands with the correction itself
    event = AuditEvent.objects.get(action="opened")
    assert (event.client_id, event.basis, event.detail["page"]) == (person.pk, "primary", "client_timeline")


def test_every_entry_leads_somewhere(browser, person, clinician):
    everything(person, clinician)
    targets = {entry.url for entry in entries(browser.get(address(person)).context["page"])}
    assert {browser.get(target).status_code for target in targets} == {200}


def test_safety_only_for_who_may_see_it(person, clinician):
    screen = answered(person, "safety-screen", {"afraid.now": 1}, at=NOW, channel="room")
    Correction.objects.create(
        client=person, kind="withdrawn", response=screen, reason="R", made_at=NOW, made_by=clinician.user
    )
    seen = {entry.kind for entry in entries(read(person))}
    assert seen == {"answers", "flag", "care", "correction"}
    assert {entry.kind for entry in entries(read(person, as_=Relationship.SUPERVISOR))} == {"care"}
    assert {entry.kind for entry in entries(read(person, as_=Relationship.EMERGENCY))} == seen
    words = [word for entry in entries(read(person)) for word in (entry.words, entry.folded) if word]
    assert words == []  # that it was answered, and no more


def test_a_supervisor_is_offered_no_flags(client, person, clinician):
    supervisor = SupervisionFactory(supervisee=clinician, supervisor__practice=clinician.practice).supervisor
    client.force_login(supervisor.user)
    client.post(reverse("dashboard:client_reason", args=[person.pk]), {"reason": "supervision"})
    SafetyFlagFactory(client=person)
    html = client.get(address(person)).content.decode()
    assert CODE["flag"] not in html
    assert "afety" not in html


def test_reports_only_for_who_may_ask(person, clinician):
    everything(person, clinician)
    assert "report" not in {entry.kind for entry in entries(read(person, as_=Relationship.EMERGENCY))}


def test_nothing_of_the_partner_nor_of_drafts_nor_of_what_was_withdrawn(person, clinician):
    partner = client_of(clinician)
    couple_of(person, partner)
    everything(partner, clinician)
    LifeEventFactory(client=person, withdrawn_at=NOW, happened_on=dt.date(2026, 11, 1))
    ReportFactory(client=person, asked_by=clinician.user)
    taken = answered(person, at=NOW)
    type(taken).objects.filter(pk=taken.pk).update(state="withdrawn")
    assert {entry.kind for entry in entries(read(person))} == {"care"}


def test_episodes_are_headings(person, clinician):
    ends = clinician.practice.today() - 10 * DAY
    SessionFactory(client=person, clinician=clinician, starts_at=timezone.now() - 20 * DAY)
    discharge(by=clinician.user, client=person, reason="agreed", closing_note="Good work.", ends_on=ends)
    start_episode(by=clinician.user, client=person, starts_on=ends + 5 * DAY)
    SessionFactory(client=person, clinician=clinician, starts_at=timezone.now() - 2 * DAY)
    CareFactory(client=person, role="co", starts_on=ends + 2 * DAY)
    page = read(person)
    shown = [
        (
            stretch.episode and stretch.episode.number,
            [str(entry.label) for month in stretch.months for entry in month.entries],
        )
        for stretch in page.stretches
    ]
    assert shown == [
        (2, ["Session", "The client returned"]),
        (None, ["Co-therapist"]),
        (1, ["Discharged", "Session", "Care began"]),
        (None, ["Primary clinician"]),
    ]
    assert next(entry.folded for entry in entries(page) if entry.label == "Discharged") == "Good work."


def test_discharged_and_back_on_one_day(person, clinician):
    today = clinician.practice.today()
    discharge(by=clinician.user, client=person, reason="agreed", ends_on=today)
    start_episode(by=clinician.user, client=person, starts_on=today)
    assert [str(entry.label) for entry in entries(read(person))][:3] == [
        "The client returned",
        "Discharged",
        "Care began",
    ]


def test_days_are_the_practices(person, clinician):
    """Ten at night in New York is the next day in London."""
    SessionFactory(client=person, clinician=clinician, starts_at=dt.datetime(2026, 12, 1, 3, tzinfo=dt.UTC))
    (month,) = next(stretch.months[:1] for stretch in read(person, "session").stretches)
    assert month.first == dt.date(2026, 11, 1)


def test_an_empty_record_says_what_will_stand_here(browser, clinician):
    person = client_of(clinician, episode__skip=True)
    person.careassignments.update(starts_on=clinician.practice.today() - DAY)
    html = browser.get(address(person), {"k": CODE["session"]}).content.decode()
    assert "Nothing of these kinds" in html


def test_the_same_queries_whatever_the_length(browser, person, clinician):
    counts = []
    for size in (1, 2):
        for _number in range(size):
            everything_again(person, clinician)
        browser.get(address(person))
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(address(person))
        counts.append(len(captured))
    assert len(entries(page.context["page"])) > 20
    after = page.context["page"].after
    with CaptureQueriesContext(connection) as captured:
        browser.get(address(person), {"after": after})
    assert [*counts, len(captured)] == [counts[0]] * 3
    assert counts[0] <= 24


def everything_again(person, clinician):
    """Another of each, where a second may be."""
    at = NOW - dt.timedelta(hours=person.therapysessions.count() + 1)
    held = SessionFactory(client=person, clinician=clinician, starts_at=at)
    sent = answered(person, at=at)
    answers = {"control": 3}
    respond(person, sent.version, answers, at, respondent="clinician", session=held, submitted_by=clinician.user)
    ReportFactory(client=person, asked_by=clinician.user, state="ready", file="f", finished_at=at)
    Correction.objects.create(client=person, kind="answers", response=sent, reason="R", made_by=clinician.user)
    SafetyFlagFactory(client=person, raised_at=at)
    LifeEventFactory(client=person, happened_on=at.date())
    GoalFactory(client=person, set_at=at, state="aside", ended_on=at.date())
    FocusFactory(client=person, state="ended", starts_on=at.date(), ends_on=at.date())
    CareFactory(client=person, role="co")
    if not person.proposals.exists():
        propose(person)


def test_a_long_course(browser):
    """As reports draw it: six sessions with ratings by both."""
    person = course(6)
    browser.force_login(person.careassignments.get().clinician.user)
    kinds = [entry.kind for entry in entries(browser.get(address(person)).context["page"])]
    assert {kind: kinds.count(kind) for kind in ("session", "rating", "event")} == {
        "session": 6,
        "rating": 3,
        "event": 1,
    }
