"""The screens of leave and handing over: whose, what they show, refusals at their place, queries."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.actions.leave import take_leave
from clients.models import CareAssignment, Leave
from practice.models import AuditEvent
from tests.factories.clients import CareFactory, ClientFactory, LeaveFactory, SafetyFlagFactory, client_of
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
LEAVES, ADD, HANDOVER = (reverse(f"dashboard:{name}") for name in ("leaves", "leave_add", "handover"))


@pytest.fixture
def clinician():
    return MembershipFactory(user__name="Anna Away")


@pytest.fixture
def cover(clinician):
    return MembershipFactory(practice=clinician.practice, user__name="Cora Cover")


@pytest.fixture
def owner(clinician):
    return MembershipFactory(practice=clinician.practice, roles="owner", user__name="Olga Owner")


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


@pytest.fixture
def today(clinician):
    return clinician.practice.today()


def name(person):
    return f"c{person.pk.hex}"


def days(today, cover, **more):
    return {"starts_on": today + 3 * DAY, "ends_on": today + 9 * DAY, "cover": cover.pk, **more}


def covers():
    return {row.client: row.clinician for row in CareAssignment.objects.filter(role="cover")}


def errors(page):
    return {field: list(texts) for field, texts in page.context["form"].errors.items()}


def queries(browser, address) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


def test_entering_with_another_cover_for_one(browser, clinician, cover, today):
    third = MembershipFactory(practice=clinician.practice)
    first, second = client_of(clinician), client_of(clinician)
    shared = ClientFactory(practice=clinician.practice)
    CareFactory(client=shared)
    CareFactory(client=shared, clinician=clinician, role="co")
    chosen = {name(second): third.pk, name(shared): "nobody"}
    assert browser.post(ADD, days(today, cover, **chosen)).status_code == 302
    assert covers() == {first: cover, second: third}
    html = browser.get(LEAVES).content.decode()
    undo = reverse("dashboard:leave_cancel", args=[Leave.objects.get().pk])
    assert f'action="{undo}"' in html
    assert "Cora Cover" in html
    assert "Take back" in html
    browser.post(undo)
    assert covers() == {}


def test_refusals_stand_at_their_place_and_keep_what_was_typed(browser, clinician, cover, today):
    person = client_of(clinician)
    third = MembershipFactory(practice=clinician.practice)
    LeaveFactory(clinician=third, starts_on=today + 5 * DAY)
    LeaveFactory(clinician=clinician, cover=cover, starts_on=today + 20 * DAY)
    page = browser.post(ADD, days(today, cover, **{name(person): third.pk}))
    assert set(errors(page)) == {"__all__", name(person)}
    assert "on leave too" in errors(page)[name(person)][0]
    assert f'<option value="{third.pk}" selected>' in page.content.decode()
    assert set(errors(browser.post(ADD, days(today, third)))) == {"cover"}
    late = {"ends_on": today + 20 * DAY}
    assert set(errors(browser.post(ADD, days(today, cover, **late)))) == {"starts_on"}
    assert set(errors(browser.post(ADD, days(today, cover, ends_on=today)))) == {"ends_on"}
    assert set(errors(browser.post(ADD, {"starts_on": ""}))) == {"starts_on", "ends_on", "cover"}
    assert set(errors(browser.post(ADD, days(today, clinician)))) == {"cover"}  # no choice at all
    far = {name(person): MembershipFactory().pk}
    assert set(errors(browser.post(ADD, days(today, cover, **far)))) == {name(person)}
    assert Leave.objects.count() == 2


def test_the_owner_enters_anybodys(client, clinician, cover, owner, today):
    person = client_of(clinician)
    client.force_login(owner.user)
    page = client.get(ADD)
    assert list(page.context["everybody"]) == [clinician, cover]
    assert person.full_name not in page.content.decode()
    address = f"{ADD}?of={clinician.pk}"
    assert person.full_name in client.get(address).content.decode()
    assert client.post(address, days(today, cover)).status_code == 302
    leave = Leave.objects.get()
    assert (leave.clinician, leave.made_by, covers()) == (clinician, owner.user, {person: cover})
    assert "Anna Away" in client.get(LEAVES).content.decode()
    assert client.post(reverse("dashboard:leave_cancel", args=[leave.pk])).status_code == 302
    assert covers() == {}


def test_nobody_enters_a_colleagues(browser, clinician, cover):
    for page in (ADD, HANDOVER):
        assert browser.get(f"{page}?of={cover.pk}").status_code == 404
        assert browser.get(f"{page}?of={MembershipFactory().pk}").status_code == 404
        assert browser.get(f"{page}?of={clinician.pk}").status_code == 200
    assert AuditEvent.objects.filter(action="denied").count() == 4


def test_an_owner_of_another_practice_finds_nobody(client, clinician):
    client.force_login(MembershipFactory(roles="owner").user)
    assert client.get(f"{ADD}?of={clinician.pk}").status_code == 404
    leave = LeaveFactory(clinician=clinician)
    assert client.get(reverse("dashboard:leave_cancel", args=[leave.pk])).status_code == 404
    assert "Anna Away" not in client.get(LEAVES).content.decode()


def test_colleagues_see_neither_the_leave_nor_its_end(client, clinician, cover):
    leave = LeaveFactory(clinician=clinician, cover=cover)
    client.force_login(cover.user)
    assert client.get(reverse("dashboard:leave_cancel", args=[leave.pk])).status_code == 404
    assert client.get(LEAVES).context["coming"] == []


def test_the_cover_reads_for_whom_they_stand_in(client, clinician, cover, today):
    client_of(clinician)
    take_leave(by=clinician.user, clinician=clinician, cover=cover, starts_on=today, ends_on=today + DAY)
    client.force_login(cover.user)
    html = client.get(LEAVES).content.decode()
    assert "for Anna Away" in html
    assert "1 client" in html


def test_back_early(browser, clinician, cover, today):
    person = client_of(clinician)
    leave = take_leave(by=clinician.user, clinician=clinician, cover=cover, starts_on=today, ends_on=today + 5 * DAY)
    address = reverse("dashboard:leave_cancel", args=[leave.pk])
    assert "Back early" in browser.get(LEAVES).content.decode()
    assert set(errors(browser.post(address, {"ends_on": today + 9 * DAY}))) == {"ends_on"}
    assert browser.post(address, {"ends_on": today + DAY}).status_code == 302
    assert CareAssignment.objects.get(client=person, role="cover").ends_on == today + DAY
    leave.refresh_from_db()
    assert leave.ends_on == today + DAY


def test_over_or_taken_back_there_is_nothing_to_end(browser, clinician, cover, today):
    over = LeaveFactory(clinician=clinician, cover=cover, starts_on=today - 9 * DAY, ends_on=today - DAY)
    gone = LeaveFactory(clinician=clinician, cover=cover, starts_on=today, cancelled_at=dt.datetime.now(dt.UTC))
    page = browser.get(LEAVES)
    assert [[row.leave for row in page.context[name]] for name in ("coming", "past")] == [[], [over]]
    assert browser.get(reverse("dashboard:leave_cancel", args=[gone.pk])).status_code == 404
    assert set(errors(browser.post(reverse("dashboard:leave_cancel", args=[over.pk]), {"ends_on": today}))) == {
        "__all__"
    }


def test_alone_in_the_practice(browser, clinician):
    client_of(clinician)
    assert "Nobody could stand in" in browser.get(ADD).content.decode()
    assert "Nobody could take over" in browser.get(HANDOVER).content.decode()


def test_handing_over_some_and_keeping_others(browser, clinician, cover, today):
    third = MembershipFactory(practice=clinician.practice)
    first, second, stays = client_of(clinician), client_of(clinician), client_of(clinician)
    data = {"starts_on": today, "to": cover.pk, "sessions": "on", name(second): third.pk, name(stays): "stays"}
    assert browser.post(HANDOVER, data).status_code == 302
    primary = {row.client: row.clinician for row in CareAssignment.objects.filter(role="primary", ends_on=None)}
    assert primary == {first: cover, second: third, stays: clinician}
    assert AuditEvent.objects.filter(action="care.handed_over").count() == 2


def test_the_colleague_reads_how_many_come_and_when_and_not_who(client, clinician, cover, today):
    people = [client_of(clinician), client_of(clinician)]
    client.force_login(clinician.user)
    client.post(HANDOVER, {"starts_on": today + 3 * DAY, "to": cover.pk})
    client.force_login(cover.user)
    page = client.get(LEAVES)
    assert page.context["handed"] == [(today + 3 * DAY, 2)]
    assert [person.full_name in page.content.decode() for person in people] == [False, False]


def test_handing_over_is_refused_at_the_client(browser, clinician, cover, today):
    first, second = client_of(clinician), ClientFactory(practice=clinician.practice)
    CareFactory(client=second, clinician=clinician, starts_on=today)
    page = browser.post(HANDOVER, {"starts_on": today, "to": cover.pk})
    assert set(errors(page)) == {"__all__", name(second)}
    assert first.careassignments.count() == 1
    page = browser.post(HANDOVER, {"starts_on": today - DAY, "to": cover.pk})
    assert set(errors(page)) == {"starts_on"}
    assert set(errors(browser.post(HANDOVER, {"starts_on": today}))) == {"to"}
    stays = {name(first): "stays", name(second): "stays"}
    assert set(errors(browser.post(HANDOVER, {"starts_on": today, **stays}))) == {"__all__"}


def test_a_colleague_at_one_client_alone_hands_over_that_one(browser, clinician, cover, today):
    goes, untouched = client_of(clinician), client_of(clinician)
    page = browser.post(
        HANDOVER, {"starts_on": today, "to": "", name(goes): cover.pk, name(untouched): ""}, follow=True
    )
    assert [str(one) for one in page.context["messages"]] == ["1 client is handed over."]
    primary = {row.client: row.clinician for row in CareAssignment.objects.filter(role="primary", ends_on=None)}
    assert primary == {goes: cover, untouched: clinician}


def test_whom_the_handover_offers(browser, clinician, cover, today):
    mine, discharged = client_of(clinician), client_of(clinician, status="discharged")
    shared = client_of(cover)
    CareFactory(client=shared, clinician=clinician, role="co")
    going = ClientFactory(practice=clinician.practice)
    CareFactory(client=going, clinician=clinician, ends_on=today + DAY)
    form = browser.get(HANDOVER).context["form"]
    assert [row.client for row in form.care] == [mine, discharged]
    form = browser.get(f"{HANDOVER}?client={mine.pk}").context["form"]
    assert form.initial[name(discharged)] == "stays"
    assert name(mine) not in form.initial


def test_linked_from_the_care_team_and_the_member(client, clinician, owner):
    person = client_of(clinician)
    care = reverse("dashboard:client_care", args=[person.pk])
    client.force_login(clinician.user)
    assert f"{HANDOVER}?client={person.pk}" in client.get(care).content.decode()
    client.force_login(owner.user)
    for page in (care, reverse("dashboard:member", args=[clinician.pk])):
        html = client.get(page).content.decode()
        assert f"{HANDOVER}?of={clinician.pk}" in html
    assert f"{ADD}?of={clinician.pk}" in html
    assert client.get(f"{HANDOVER}?of={clinician.pk}&client={person.pk}").status_code == 200


def test_the_same_queries_whatever_the_length(browser, client, clinician, cover, owner, today):
    counts = {}
    for size in (1, 2):
        for _number in range(size):
            client_of(clinician)
            away = MembershipFactory(practice=clinician.practice)
            client_of(away)
            take_leave(by=away.user, clinician=away, cover=clinician, starts_on=today, ends_on=today + DAY)
            first = today + (30 + 9 * Leave.objects.count()) * DAY
            take_leave(by=clinician.user, clinician=clinician, cover=cover, starts_on=first, ends_on=first)
            LeaveFactory(clinician=clinician, cover=cover, ends_on=today - DAY, starts_on=today - DAY)
        for page in (LEAVES, ADD, HANDOVER):
            counts.setdefault(page, []).append(queries(browser, page))
    client.force_login(owner.user)
    assert {page: found[0] == found[1] for page, found in counts.items()} == dict.fromkeys(counts, True)
    assert max(found[0] for found in counts.values()) <= 16


def test_the_caseload_says_who_stands_in_on_the_days_of_the_leave(client, clinician, cover, today):
    caseload, person = reverse("dashboard:caseload"), client_of(clinician)
    take_leave(by=clinician.user, clinician=clinician, cover=cover, starts_on=today, ends_on=today + 5 * DAY)

    def read(member) -> str:
        client.force_login(member.user)
        return client.get(caseload).content.decode()

    assert "Covered by Cora Cover until" in read(clinician)
    html = read(cover)
    assert "You stand in for Anna Away until" in html
    assert person.full_name in html
    Leave.objects.update(starts_on=today - 5 * DAY, ends_on=today - DAY)
    CareAssignment.objects.filter(role="cover").update(starts_on=today - 5 * DAY, ends_on=today - DAY)
    assert "Covered by" not in read(clinician)
    html = read(cover)
    assert "You stand in" not in html
    assert person.full_name not in html


def test_flags_of_covered_clients_stand_on_top_for_the_cover(client, clinician, cover, today):
    person = client_of(clinician)
    take_leave(by=clinician.user, clinician=clinician, cover=cover, starts_on=today, ends_on=today + 5 * DAY)
    flag = SafetyFlagFactory(client=person)
    client.force_login(cover.user)
    assert reverse("dashboard:flag", args=[flag.pk]) in client.get(reverse("dashboard:caseload")).content.decode()
    assert client.get(reverse("dashboard:client_edit", args=[person.pk])).status_code == 403  # identity stays
