"""The caseload: order, couples together, pages by key, flags, what is due, a fixed number of queries."""

import base64
import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.actions.course import discharge, start_episode
from clients.barriers import CODES
from clients.models import CareAssignment, Client, SafetyFlag
from dashboard.queries import caseload as query
from practice.models import AuditEvent
from tests.factories.assessments import answered, ask
from tests.factories.clients import (
    FocusFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
)
from tests.factories.practice import LONG_AGO, MembershipFactory

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


def cases(browser, address=URL):
    """Names by case, as the page shows them."""
    return [[row.client.full_name for row in case.rows] for case in browser.get(address).context["page"].cases]


def row_of(browser, person):
    rows = [row for case in browser.get(URL).context["page"].cases for row in case.rows]
    return next(row for row in rows if row.client.pk == person.pk)


def queries(browser) -> int:
    browser.get(URL)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(URL).status_code == 200
    return len(captured)


def full(clinician, **fields):
    """A client with something in every column."""
    person = client_of(clinician, **fields)
    SessionFactory(client=person, clinician=clinician)
    SessionFactory(client=person, clinician=clinician, starts_at=timezone.now() + DAY, attendance="planned")
    for days in (20, 10):
        answered(person, at=timezone.now() - days * DAY)
    ask(person, "attunement", due_on=person.practice.today() - DAY, at=timezone.now() - 3 * DAY)
    FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=LONG_AGO)
    SafetyFlagFactory(client=person)
    return person


class TestWho:
    def test_by_last_name(self, browser, clinician):
        for first, last in (("Zoe", "Abel"), ("Ada", "Zorn"), ("Ada", "Abel")):
            client_of(clinician, first_name=first, last_name=last)
        assert cases(browser) == [["Ada Abel"], ["Zoe Abel"], ["Ada Zorn"]]

    def test_not_of_others_and_not_discharged(self, browser, clinician):
        client_of(clinician, first_name="Ada", last_name="Abel", status=Client.Status.DISCHARGED)
        client_of(MembershipFactory(practice=clinician.practice))
        client_of(MembershipFactory())
        ended = client_of(clinician)
        CareAssignment.objects.filter(client=ended).update(ends_on=clinician.practice.today() - DAY)
        assert cases(browser) == []
        assert "No clients in your care yet" in browser.get(URL).content.decode()

    def test_another_practice_of_the_same_person_is_another_list(self, browser, clinician):
        elsewhere = MembershipFactory(user=clinician.user)
        client_of(elsewhere, first_name="Far", last_name="Away")
        client_of(clinician, first_name="Near", last_name="By")
        page = browser.get(URL).context["page"]
        shown = {row.client.practice_id for case in page.cases for row in case.rows}
        assert len(shown) == 1

    def test_partners_stand_together_at_the_first_ones_place(self, browser, clinician):
        first = client_of(clinician, first_name="Ada", last_name="Abel")
        second = client_of(clinician, first_name="Bo", last_name="Zorn")
        client_of(clinician, first_name="Mia", last_name="Mai")
        couple_of(second, first)
        assert cases(browser) == [["Ada Abel", "Bo Zorn"], ["Mia Mai"]]

    def test_a_partner_in_other_care_is_not_there(self, browser, clinician):
        mine = client_of(clinician, first_name="Bo", last_name="Zorn")
        couple_of(mine, client_of(MembershipFactory(practice=clinician.practice), first_name="Ada", last_name="Abel"))
        assert cases(browser) == [["Bo Zorn"]]

    def test_separated_partners_stand_apart(self, browser, clinician):
        couple = couple_of(
            client_of(clinician, first_name="Ada", last_name="Abel"),
            client_of(clinician, first_name="Bo", last_name="Zorn"),
        )
        couple.partners.update(ended=True)
        assert cases(browser) == [["Ada Abel"], ["Bo Zorn"]]


class TestPages:
    def _walk(self, browser):
        found, address = [], URL
        while address:
            page = browser.get(address).context["page"]
            found.append([row.client.pk for case in page.cases for row in case.rows])
            address = f"{URL}{page.next_query}" if page.after else ""
        return found

    def test_every_client_once_also_with_equal_names(self, browser, clinician, monkeypatch):
        monkeypatch.setattr(query, "PAGE", 2)
        people = [client_of(clinician, first_name="Sam", last_name="Same") for _ in range(5)]
        walked = self._walk(browser)
        assert [len(page) for page in walked] == [2, 2, 1]
        assert sorted(pk for page in walked for pk in page) == sorted(person.pk for person in people)

    def test_couples_are_not_torn_and_not_doubled(self, browser, clinician, monkeypatch):
        monkeypatch.setattr(query, "PAGE", 2)
        people = [client_of(clinician, first_name=f"N{n}", last_name="Same") for n in range(6)]
        couple_of(people[0], people[5])
        couple_of(people[1], people[4])
        assert self._walk(browser) == [
            [people[0].pk, people[5].pk, people[1].pk, people[4].pk],
            [people[2].pk, people[3].pk],
        ]

    def test_a_full_page_has_no_next(self, browser, clinician, monkeypatch):
        monkeypatch.setattr(query, "PAGE", 2)
        for n in range(2):
            client_of(clinician, first_name=f"N{n}")
        assert browser.get(URL).context["page"].after == ""

    @pytest.mark.parametrize("key", ["x", "%00", "____", base64.urlsafe_b64encode(b"short").decode()])
    def test_bad_key_gives_the_first_page(self, browser, clinician, key):
        client_of(clinician, first_name="Ada", last_name="Abel")
        assert cases(browser, f"{URL}?after={key}") == [["Ada Abel"]]

    def test_key_of_a_foreign_client_tells_nothing(self, browser, clinician):
        """Otherwise the names that follow would tell where in the alphabet somebody else's client stands."""
        client_of(clinician, first_name="Ada", last_name="Abel")
        foreign = client_of(MembershipFactory(practice=clinician.practice), first_name="Mia", last_name="Mai")
        made_up = Client(pk=uuid.uuid4())
        assert [cases(browser, f"{URL}?after={query.page_key(one)}") for one in (foreign, made_up)] == [
            [["Ada Abel"]],
            [["Ada Abel"]],
        ]

    def test_key_holds_no_name(self, clinician):
        person = client_of(clinician, first_name="Ada", last_name="Abel")
        assert query.page_key(person) == base64.urlsafe_b64encode(person.pk.bytes).decode().rstrip("=")


class TestRow:
    def test_sessions_work_focus_and_burden(self, browser, clinician):
        person = full(clinician)
        row = row_of(browser, person)
        sessions = dict(person.therapysessions.values_list("attendance", "starts_at"))
        assert (row.last_session, row.next_session) == (sessions["held"], sessions["planned"])
        assert (row.open, row.overdue) == (1, 1)
        assert [(one.name, one.latest, one.change, one.count) for one in row.focus] == [("Control issues", 2, 0, 2)]
        assert (row.burden.latest, row.burden.change, row.burden.count) == (2, 0, 2)

    def test_work_of_an_ended_episode_is_not_open(self, browser, clinician):
        """Nobody can answer it any more: it is neither open nor overdue."""
        person = full(clinician)
        SafetyFlag.objects.all().delete()
        discharge(by=clinician.user, client=person, reason="agreed")
        start_episode(by=clinician.user, client=person)
        row = row_of(browser, person)
        assert (row.open, row.overdue) == (0, 0)

    def test_change_in_words(self, browser, clinician):
        person = client_of(clinician)
        assert row_of(browser, person).burden is None
        answered(person, answers=dict.fromkeys(CODES, 3), at=timezone.now() - 20 * DAY)
        assert row_of(browser, person).burden.change_words == "first answer"
        answered(person, answers=dict.fromkeys(CODES, 1), at=timezone.now() - 10 * DAY)
        assert "−2.0" in row_of(browser, person).burden.change_words

    def test_a_flag_is_on_top_until_acknowledged(self, browser, clinician):
        person = client_of(clinician)
        flag = SafetyFlagFactory(client=person)
        SafetyFlagFactory(client=client_of(MembershipFactory(practice=clinician.practice)))
        page = browser.get(URL)
        assert [(one.id, one.name) for one in page.context["page"].flags] == [(flag.pk, person.full_name)]
        assert reverse("dashboard:flag", args=[flag.pk]) in page.content.decode()
        flag.state, flag.acknowledged_at, flag.acknowledged_by = "acknowledged", timezone.now(), clinician.user
        flag.save()
        assert browser.get(URL).context["page"].flags == []

    def test_names_are_inert_and_in_no_address(self, browser, clinician):
        client_of(clinician, first_name="<script>x</script>", last_name="Abel")
        text = browser.get(URL).content.decode()
        assert "<script>x" not in text
        assert "abel" not in " ".join(re.findall(r'(?:href|action)="([^"]*)"', text)).lower()


class TestCost:
    def test_the_same_queries_whatever_the_length(self, browser, clinician):
        counts = []
        for size in (1, 2):
            for _ in range(size):
                full(clinician)
            counts.append(queries(browser))
        assert counts == [counts[0]] * 2
        assert counts[0] <= 12

    def test_hundred_clients(self, browser, clinician):
        people = [client_of(clinician, first_name=f"N{n:03}") for n in range(100)]
        for first, second in zip(people[:20:2], people[1:20:2], strict=True):
            couple_of(first, second)
        full(clinician)
        assert queries(browser) <= 12

    def test_opening_is_recorded_once(self, browser, clinician):
        browser.get(URL)
        assert AuditEvent.objects.filter(action="opened-list", actor_id=clinician.user.pk).count() == 1
