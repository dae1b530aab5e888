"""Bringing things to supervision from a record, the agenda of both sides, one item."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.actions.care import assign_care
from clients.models import SupervisionItem
from homework.models import Proposal
from practice.models import AuditEvent
from tests.factories.assessments import answered
from tests.factories.clients import (
    CareFactory,
    SafetyFlagFactory,
    SessionFactory,
    SupervisionItemFactory,
    client_of,
)
from tests.factories.homework import publish_library
from tests.factories.practice import MembershipFactory, SupervisionFactory

pytestmark = pytest.mark.django_db

AGENDA = reverse("dashboard:supervision_agenda")
DAY = dt.timedelta(days=1)


@pytest.fixture
def clinician():
    return MembershipFactory(user__name="Clara Clinician")


@pytest.fixture
def supervisor(clinician):
    return SupervisionFactory(
        supervisee=clinician, supervisor__practice=clinician.practice, supervisor__user__name="Sue Supervisor"
    ).supervisor


@pytest.fixture
def person(clinician):
    return client_of(clinician)


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def bringing(person, **query):
    address = reverse("dashboard:supervision_bring", args=[person.pk])
    return f"{address}?{'&'.join(f'{key}={value}' for key, value in query.items())}" if query else address


def item_page(item):
    return reverse("dashboard:supervision_item", args=[item.pk])


def each(person, clinician):
    """The address of each thing that may be brought, with what it is then."""
    session = SessionFactory(client=person, clinician=clinician)
    sent = answered(person, at=timezone.now() - DAY)
    flag = SafetyFlagFactory(client=person)
    return {
        bringing(person): ("client", person.pk, ""),
        bringing(person, k="s", id=session.pk): ("session", session.pk, ""),
        bringing(person, k="r", id=sent.pk): ("response", sent.pk, ""),
        bringing(person, k="f", id=flag.pk): ("flag", flag.pk, ""),
        bringing(person, k="b", b="b10"): ("barrier", person.pk, "control"),
    }


def test_each_thing_is_brought_and_opens_again(browser, clinician, supervisor, person):
    for address, expected in each(person, clinician).items():
        page = browser.get(address)
        assert page.context["readers"] == ["Sue Supervisor"]
        target = browser.post(address, {"question": "How do I go on?"})
        assert target.status_code == 302
        assert browser.get(target["Location"]).status_code == 200
        item = SupervisionItem.objects.latest("brought_at")
        assert (item.kind, item.subject_id, item.barrier) == expected
        assert item.question == "How do I go on?"
    lines = browser.get(AGENDA).context["lines"]
    assert len(lines) == 5
    assert {browser.get(line.url).status_code for line in lines} == {200}
    assert "How do I go on?" in browser.get(AGENDA).content.decode()


def test_the_pages_offer_it(browser, clinician, supervisor, person):
    addresses = each(person, clinician)
    pages = {address: browser.get(address).context["subject"].url for address in addresses}
    for address, page in pages.items():
        assert address.replace("&", "&amp;") in browser.get(page).content.decode(), page


def test_a_proposed_exercise(browser, clinician, person):
    version = publish_library()["equal-say"]
    row = Proposal.objects.create(
        client=person,
        episode=person.episodes.get(),
        version=version,
        exercise_id=version.exercise_id,
        proposed_by=clinician.user,
    )
    address = bringing(person, k="e", id=row.pk)
    homework = reverse("dashboard:client_homework", args=[person.pk])
    assert address.replace("&", "&amp;") in browser.get(homework).content.decode()
    assert browser.post(address, {"question": "Too soon?"})["Location"] == homework
    assert [line.words for line in browser.get(AGENDA).context["lines"]] == ["Exercise: Equal say"]


def test_what_waits_already_is_changed(browser, person):
    browser.post(bringing(person), {"question": "First"})
    assert "On your list already" in browser.get(bringing(person)).content.decode()
    browser.post(bringing(person), {"question": "Second"})
    assert [item.question for item in SupervisionItem.objects.all()] == ["Second"]


def test_nothing_of_another_client(browser, clinician, person):
    other = client_of(clinician)
    for address in list(each(other, clinician))[1:4]:
        foreign = address.replace(str(other.pk), str(person.pk))
        assert browser.get(foreign).status_code == browser.post(foreign).status_code == 404
    bad = [
        {"k": "x"},
        {"k": "s"},
        {"k": "s", "id": "1"},
        {"k": "b"},
        {"k": "b", "b": "control"},
        {"k": "b", "b": "b99"},
    ]
    assert {browser.get(bringing(person, **query)).status_code for query in bad} == {404}
    assert not SupervisionItem.objects.exists()


def test_too_long_a_question_is_kept(browser, person):
    page = browser.post(bringing(person), {"question": "x" * 2001})
    assert list(page.context["form"].errors) == ["question"]
    assert "x" * 2001 in page.content.decode()


def test_the_supervisors_agenda(client, clinician, supervisor, person):
    item = SupervisionItemFactory(client=person, question="My own words")
    SupervisionItemFactory(client=client_of(MembershipFactory(practice=clinician.practice)))
    client.force_login(supervisor.user)
    page = client.get(AGENDA)
    assert [line.item for line in page.context["lines"]] == [item]
    html = page.content.decode()
    assert person.full_name in html
    assert "Clara Clinician" in html
    assert "My own words" not in html  # read on the page of the item, which is recorded
    event = AuditEvent.objects.get(action="opened-list", actor_id=supervisor.user.pk)
    assert event.subject == "agenda"


def test_the_page_of_an_item_is_an_opening_of_the_record(client, supervisor, person):
    item = SupervisionItemFactory(client=person, question="My own words")
    client.force_login(supervisor.user)
    html = client.get(item_page(item)).content.decode()
    assert "My own words" in html
    event = AuditEvent.objects.get(action="opened", actor_id=supervisor.user.pk)
    assert (event.client_id, event.basis, event.detail) == (
        person.pk,
        "supervisor",
        {"page": "supervision_item", "reason": "brought"},
    )
    record = client.get(reverse("dashboard:client", args=[person.pk]))
    assert record["Location"] == reverse("dashboard:client_reason", args=[person.pk])


def test_flags_and_room_answers_stay_with_the_care_team(client, clinician, supervisor, person):
    screen = answered(person, "safety-screen", {"afraid.now": 0}, channel="room")
    for kind, subject in (("flag", SafetyFlagFactory(client=person).pk), ("response", screen.pk)):
        item = SupervisionItemFactory(client=person, kind=kind, subject_id=subject)
        client.force_login(supervisor.user)
        page = client.get(item_page(item))
        assert page.context["line"].url == ""
        assert (screen.version.instrument.title in page.content.decode()) is False
        client.force_login(clinician.user)
        assert client.get(item_page(item)).context["line"].url


def test_only_for_those_two(client, clinician, supervisor, person):
    item = SupervisionItemFactory(client=person)
    practice = clinician.practice
    others = [
        SupervisionFactory(
            supervisee=clinician, supervisor__practice=practice, ends_on=practice.today() - DAY
        ).supervisor,
        MembershipFactory(practice=practice, roles="supervisor"),
        MembershipFactory(practice=practice, roles="owner supervisor"),
        CareFactory(client=person, role="co").clinician,
        SupervisionFactory().supervisor,
    ]
    for member in others:
        client.force_login(member.user)
        assert (
            client.get(item_page(item)).status_code == client.post(item_page(item), {"do": "back"}).status_code == 404
        )
        assert client.get(AGENDA).context["lines"] == []
    assert AuditEvent.objects.filter(action="denied", subject="supervisionitem").count() == 10


def test_talked_about_taken_back_and_undone(client, clinician, supervisor, person):
    item = SupervisionItemFactory(client=person)

    def do(member, code, query=""):
        client.force_login(member.user)
        client.post(item_page(item) + query, {"do": code} if code else {})
        item.refresh_from_db()
        return item.state

    assert do(supervisor, "back") == "waiting"  # not theirs to take back
    assert do(supervisor, "discussed") == "discussed"
    page = client.get(f"{AGENDA}?t=done")
    assert [line.item for line in page.context["lines"]] == [item]
    assert do(clinician, "waiting") == "discussed"  # not theirs to undo
    assert do(supervisor, "", "?do=waiting") == "waiting"  # as the undo of the message posts
    assert do(clinician, "back") == "back"
    client.force_login(supervisor.user)
    assert client.get(item_page(item)).status_code == 404
    assert do(clinician, "", "?do=waiting") == "waiting"
    assert do(clinician, "nonsense") == "waiting"


def test_handed_over_it_is_on_no_agenda(client, clinician, supervisor, person):
    SupervisionItemFactory(client=person)
    to = SupervisionFactory(supervisor=supervisor).supervisee
    assign_care(by=clinician.user, client=person, clinician=to, role="primary", starts_on=clinician.practice.today())
    for member in (clinician, supervisor, to):
        client.force_login(member.user)
        assert client.get(AGENDA).context["lines"] == []


def test_who_is_both_has_both_lists(client, clinician, person):
    both = MembershipFactory(practice=clinician.practice, roles="clinician supervisor")
    SupervisionFactory(supervisor=both, supervisee=clinician)
    own, theirs = SupervisionItemFactory(client=client_of(both)), SupervisionItemFactory(client=person)
    client.force_login(both.user)
    tabs = client.get(AGENDA).context["tabs"]
    assert [tab["count"] for tab in tabs] == [1, 1, 0]
    assert [[line.item for line in client.get(tab["url"]).context["lines"]] for tab in tabs] == [[own], [theirs], []]


def test_the_team_pages_count(client, clinician, supervisor, person):
    for _number in range(2):
        SupervisionItemFactory(client=person)
    SupervisionItemFactory(client=person, state="discussed", closed_at=timezone.now(), closed_by=supervisor.user)
    client.force_login(supervisor.user)
    (row,) = client.get(reverse("dashboard:team")).context["supervisees"]
    assert row.waiting == 2
    assert "2 things wait" in client.get(reverse("dashboard:team_member", args=[clinician.pk])).content.decode()


def test_no_supervisor_and_cover_are_told_who_reads(browser, client, clinician, person):
    assert "Nobody supervises you here today" in browser.get(bringing(person)).content.decode()
    cover = CareFactory(client=person, role="cover", ends_on=clinician.practice.today()).clinician
    SupervisionFactory(supervisee=cover, supervisor__practice=clinician.practice)
    client.force_login(cover.user)
    page = client.get(bringing(person))
    assert page.context["readers"] == []
    assert "You stand in for a colleague" in page.content.decode()


def test_the_same_queries_whatever_the_length(client, clinician, supervisor):
    counts = []
    for size in (1, 2):
        for _number in range(size):
            person = client_of(clinician)
            for kind, subject, barrier in each(person, clinician).values():
                SupervisionItemFactory(client=person, kind=kind, subject_id=subject, barrier=barrier)
        found = []
        for member in (clinician, supervisor):
            client.force_login(member.user)
            client.get(AGENDA)
            with CaptureQueriesContext(connection) as captured:
                client.get(AGENDA)
            found.append(len(captured))
        counts.append(found)
    assert counts == [counts[0]] * 2
    assert max(counts[0]) <= 20
