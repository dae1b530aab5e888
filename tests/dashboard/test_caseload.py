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

from assessments.actions.answering import save, start, submit
from assessments.actions.assigning import assign
from assessments.actions.library import publish_instruments
from assessments.models import Reference
from clients.actions.course import discharge, start_episode
from clients.barriers import CODES
from clients.models import CareAssignment, Client, SafetyFlag
from dashboard.caseload_table import case_rows, reasons, shared_words
from dashboard.cases import Case, Person, Row, Series
from dashboard.queries import caseload_page as query
from dashboard.queries import closed
from dashboard.queries.record_measures import measures
from practice.models import AuditEvent
from tests.factories.assessments import answered, ask, version_of
from tests.factories.clients import (
    EmergencyFactory,
    FocusFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
    now_about,
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
        assert cases(browser) in ([["Far Away"]], [["Near By"]])

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
            address = f"{URL}?after={page.after}" if page.after else ""
        return found

    def test_every_client_once_also_with_equal_names(self, browser, clinician, monkeypatch):
        monkeypatch.setattr(query, "PAGE", 2)
        people = [client_of(clinician, first_name="Sam", last_name="Same") for _ in range(5)]
        walked = self._walk(browser)
        assert [len(page) for page in walked] == [2, 2, 1]
        assert sorted(pk for page in walked for pk in page) == sorted(person.pk for person in people)

    @pytest.mark.parametrize(
        ("size", "pages"),
        [(3, [[0, 5], [1, 4, 2], [3]]), (2, [[0, 5], [1, 4], [2, 3]]), (1, [[0, 5], [1, 4], [2], [3]])],
    )
    def test_couples_are_not_torn_and_not_doubled(self, browser, clinician, monkeypatch, size, pages):
        """A page is so many rows, not cases; a couple that is larger than a page is shown all the same."""
        monkeypatch.setattr(query, "PAGE", size)
        people = [client_of(clinician, first_name=f"N{n}", last_name="Same") for n in range(6)]
        couple_of(people[0], people[5])
        couple_of(people[1], people[4])
        assert self._walk(browser) == [[people[n].pk for n in page] for page in pages]

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

    def test_a_session_of_today_is_the_next_one_until_it_is_recorded(self, browser, clinician):
        person, zone = client_of(clinician), clinician.practice.zone
        first = dt.datetime.combine(clinician.practice.today(), dt.time(0), tzinfo=zone)
        began = SessionFactory(client=person, clinician=clinician, starts_at=first, attendance="planned")
        for days in (-1, 7):
            SessionFactory(client=person, clinician=clinician, starts_at=first + days * DAY, attendance="planned")
        row = row_of(browser, person)
        assert (row.last_session, row.next_session) == (None, began.starts_at)
        assert '<span class="when">today 00:00</span>' in browser.get(URL).content.decode()
        began.attendance = "held"
        began.save()
        row = row_of(browser, person)
        assert (row.last_session, row.next_session) == (began.starts_at, first + 7 * DAY)
        assert "today 00:00" not in browser.get(URL).content.decode()

    def test_work_of_an_ended_episode_is_not_open(self, browser, clinician):
        """Nobody can answer it any more: it is neither open nor overdue."""
        person = full(clinician)
        SafetyFlag.objects.all().delete()
        discharge(by=clinician.user, client=person, reason="agreed")
        start_episode(by=clinician.user, client=person)
        row = row_of(browser, person)
        assert (row.open, row.overdue) == (0, 0)

    def test_series_are_about_the_relationship_of_now(self, browser, clinician):
        person = client_of(clinician)
        for slot, code in enumerate(("control", "norms"), 1):
            FocusFactory(client=person, barrier=code, state="active", slot=slot, starts_on=LONG_AGO)
        for days, words, value in ((40, "Kim", 4), (30, "Lou", 1), (20, "Lou", 3)):
            now_about(person, words)
            answered(person, answers=dict.fromkeys(CODES, value), at=timezone.now() - days * DAY)
        row = row_of(browser, person)
        assert (row.burden.latest, row.burden.change, row.burden.count) == (3, 2, 2)
        assert [(one.name, one.latest, one.change) for one in row.focus] == [
            ("Control issues", 3, 2),
            ("Socialized norms", 3, 2),
        ]
        now_about(person, "Max")
        row = row_of(browser, person)
        assert row.burden is None
        assert [(one.name, one.latest, one.points) for one in row.focus] == [
            ("Control issues", None, ""),
            ("Socialized norms", None, ""),
        ]

    def test_check_in(self, browser, clinician):
        person = client_of(clinician)
        assert row_of(browser, person).checkin is None
        answered(person, "session-checkin", {"connected": 7, "heard": 3}, at=timezone.now() - 5 * DAY)
        assert row_of(browser, person).checkin.values == (("connected", 7), ("heard", 3))
        assert "connected 7 · heard 3" in browser.get(URL).content.decode()
        answered(person, "session-checkin", {"talk-instead": True}, at=timezone.now() - 3 * DAY)
        assert row_of(browser, person).checkin.rather_talk
        assert "would rather talk" in browser.get(URL).content.decode()

    def test_one_reason_for_all_is_said_once_and_not_on_the_rows(self, browser, clinician):
        for _ in range(2):
            full(clinician)
        answered(client_of(clinician), at=timezone.now() - DAY)  # a first answer has nothing to judge
        page = browser.get(URL)
        text = page.content.decode()
        words = (
            "No verdict on any change of burden: a checklist needs 50 pairs of answers given when things were about "
            "the same, and there are 0."
        )
        assert text.count(f'<p class="hint">{words}</p>') == 1
        assert (text.count("No verdict"), "no verdict" in text, page.context["reasons"]) == (1, False, {})

    @pytest.mark.parametrize("other", ["Another reason.", ""])
    def test_where_rows_differ_each_reason_has_a_letter(self, other):
        """Also where one row has a verdict: the reason must not seem to be about that one."""
        lines = [Series("", 2, 1, 2, reason="No verdict: why."), Series("", 2, 1, 2, reason=other)]
        made = [Row(Person(uuid.uuid4(), "C-1", "A", "B", ""), uuid.uuid4()) for _ in lines]
        for row, line in zip(made, lines, strict=True):
            row.burden = line
        found = [Case((row,)) for row in made]
        letters = dict(zip(filter(None, ["No verdict: why.", other]), "ab", strict=False))
        assert (shared_words(found), reasons(found)) == ("", letters)
        text = case_rows(found)
        assert [text.count(f"no verdict ({letter})") for letter in "ab"] == [1, len(letters) - 1]

    def test_a_verdict_where_the_practice_knows_enough(self, browser, clinician):
        full(clinician)
        version = version_of("barriers")
        Reference.objects.create(
            practice=clinician.practice,
            version=version,
            scale="barriers.burden",
            people=120,
            sd=0.8,
            pairs=120,
            retest=0.9,
            retest_low=0.85,
            facts={"kind": "retest", "by": "retest"},
        )
        text = browser.get(URL).content.decode()
        assert "within what chance explains" in text
        assert "no verdict" not in text

    @pytest.mark.parametrize(
        ("answered_on", "verdict", "reason"),
        [
            ((1, 1), "within what chance explains", ""),
            ((2, 2), "lower than chance explains", ""),
            ((1, 2), "", "No verdict: the two were answered on different versions of this measure."),
            ((2, 1), "", "No verdict: the two were answered on different versions of this measure."),
        ],
    )
    def test_the_verdict_is_of_the_version_answered_and_the_records(
        self, browser, clinician, answered_on, verdict, reason
    ):
        """Version 1 is noisy here and version 2 is not; the page of the record says the same."""
        first = version_of("barriers")
        publish_instruments([first.definition.model_copy(update={"minutes": first.definition.minutes + 1})])
        versions = {1: first, 2: first.instrument.versions.get(number=2)}
        for number, (sd, retest) in {1: (1.5, 0.5), 2: (0.8, 0.9)}.items():
            Reference.objects.create(
                practice=clinician.practice,
                version=versions[number],
                scale="barriers.burden",
                people=120,
                sd=sd,
                pairs=120,
                retest=retest,
                retest_low=retest - 0.05,
                facts={"kind": "retest", "by": "retest"},
            )
        person = client_of(clinician)
        for place, number in enumerate(answered_on):
            at = timezone.now() - (20 - 10 * place) * DAY
            asked = assign(by=clinician.user, clients=[person], versions=[versions[number]], at=at)[0]
            response = start(assignment=asked, at=at)
            save(response=response, answers=dict.fromkeys(CODES, 3 - place), key="k", at=at)
            submit(response=response, at=at)
        burden = row_of(browser, person).burden
        assert (burden.change, burden.verdict, burden.reason) == (-1, verdict, reason)
        line = next(one for one in measures(person).chosen.lines if one.title == "Burden")
        assert (line.change, line.verdict.words, line.verdict.reason) == ("−1.00", verdict, reason)

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
        assert [(one.id, one.name) for one in page.context["alerts"].open_flags] == [(flag.pk, person.full_name)]
        assert reverse("dashboard:flag", args=[flag.pk]) in page.content.decode()
        flag.state, flag.acknowledged_at, flag.acknowledged_by = "acknowledged", timezone.now(), clinician.user
        flag.save()
        assert browser.get(URL).context["alerts"].open_flags == []

    def test_names_are_inert_and_in_no_address(self, browser, clinician):
        client_of(clinician, first_name="<script>x</script>", last_name="Abel")
        text = browser.get(URL).content.decode()
        assert "<script>x" not in text
        assert "abel" not in " ".join(re.findall(r'(?:href|action)="([^"]*)"', text)).lower()


class TestOnTop:
    """Alerts are of everybody in care, discharged clients too, on every tab."""

    @pytest.mark.parametrize("tab", ["", "?s=b", "?s=c"])
    def test_a_discharged_clients_flag_stays(self, browser, clinician, tab):
        person = client_of(clinician, status=Client.Status.DISCHARGED)
        flag = SafetyFlagFactory(client=person)
        page = browser.get(URL + tab)
        assert [one.id for one in page.context["alerts"].open_flags] == [flag.pk]
        assert reverse("dashboard:flag", args=[flag.pk]) in page.content.decode()

    def test_emergency_access_while_it_runs_and_a_week_after(self, browser, clinician):
        now, person = timezone.now(), client_of(clinician, code="C-0002")
        owner = MembershipFactory(practice=clinician.practice, roles="owner")
        row = EmergencyFactory(client=person, membership=owner, starts_at=now - dt.timedelta(hours=1))
        EmergencyFactory(client=client_of(MembershipFactory(practice=clinician.practice)), membership=owner)
        EmergencyFactory(client=person, membership=owner, starts_at=now - 8 * DAY)  # ended more than seven days ago
        until = row.ends_at.strftime("%H:%M")
        text = browser.get(URL).content.decode()
        assert f"Emergency access: {owner.user.name} opened C-0002 until" in text
        assert until in text
        assert text.count(reverse("dashboard:client_access", args=[person.pk])) == 1
        row.revoked_at = now - 6 * DAY
        row.starts_at = now - 6 * DAY - dt.timedelta(hours=1)
        row.save()
        assert f"{owner.user.name} had C-0002 open until" in browser.get(URL).content.decode()
        row.revoked_at = now - 7 * DAY
        row.save()
        assert browser.get(URL).context["alerts"].emergencies == []


class TestTabs:
    @pytest.fixture(autouse=True)
    def _people(self, clinician):
        self.here = client_of(clinician, first_name="Ada", last_name="Abel")
        self.gone = client_of(clinician, first_name="Bo", last_name="Zorn")
        discharge(by=clinician.user, client=self.gone, reason="agreed")
        other = MembershipFactory(practice=clinician.practice)
        client_of(other, status=Client.Status.DISCHARGED)

    def _listed(self, browser, tab):
        return [row.client.pk for row in browser.get(URL + tab).context["page"].entries]

    def test_in_care_discharged_all(self, browser):
        assert cases(browser) == cases(browser, f"{URL}?s=nonsense") == [["Ada Abel"]]
        assert self._listed(browser, "?s=b") == [self.gone.pk]
        assert self._listed(browser, "?s=c") == [self.here.pk, self.gone.pk]

    def test_from_the_list_to_the_record_and_back_into_care(self, browser):
        text = browser.get(f"{URL}?s=b").content.decode()
        back = reverse("dashboard:client_return", args=[self.gone.pk])
        assert reverse("dashboard:client", args=[self.gone.pk]) in text
        assert back in text
        assert reverse("dashboard:client_return", args=[self.here.pk]) not in browser.get(f"{URL}?s=c").content.decode()
        browser.post(back, {"starts_on": self.gone.practice.today().isoformat()})
        assert cases(browser) == [["Ada Abel"], ["Bo Zorn"]]
        assert "No discharged clients" in browser.get(f"{URL}?s=b").content.decode()

    def test_the_tab_is_marked_and_kept_on_later_pages(self, browser, clinician, monkeypatch):
        monkeypatch.setattr(closed, "SIZE", 1)
        page = browser.get(f"{URL}?s=c")
        assert [(tab["label"], tab["current"]) for tab in page.context["tabs"]] == [
            ("In care", False),
            ("Discharged", False),
            ("All", True),
        ]
        assert [row.client.pk for row in page.context["page"].entries] == [self.here.pk]
        assert page.context["next"] == f"{URL}?s=c&after={query.page_key(self.here)}"
        later = browser.get(page.context["next"])
        assert [row.client.pk for row in later.context["page"].entries] == [self.gone.pk]
        back = f'rel="prev" href="{URL}?s=c"'
        assert [back in one.content.decode() for one in (page, later)] == [False, True]
        assert 'rel="prev"' not in page.content.decode()

    @pytest.mark.parametrize("tab", ["?s=b", "?s=c"])
    def test_a_fixed_number_of_queries(self, browser, clinician, tab):
        counts = []
        for size in (1, 2):
            for _ in range(size):
                person = full(clinician)
                SafetyFlag.objects.update(
                    state="acknowledged", acknowledged_at=timezone.now(), acknowledged_by=clinician.user
                )
                discharge(by=clinician.user, client=person, reason="agreed")
            browser.get(URL + tab)
            with CaptureQueriesContext(connection) as captured:
                browser.get(URL + tab)
            counts.append(len(captured))
        assert counts == [counts[0]] * 2
        assert counts[0] <= 12


class TestCost:
    def test_the_same_queries_whatever_the_length(self, browser, clinician):
        counts = []
        for size in (1, 2):
            for _ in range(size):
                full(clinician)
            counts.append(queries(browser))
        assert counts == [counts[0]] * 2
        assert counts[0] <= 13

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans")
    def test_everything_is_looked_up_by_client(self, browser, clinician):
        """A plan that begins with the practice alone would read every client's rows: slower with each other client."""
        full(clinician)
        browser.get(URL)
        with CaptureQueriesContext(connection) as captured:
            browser.get(URL)
        steps = set()
        for query_ in captured.captured_queries:
            if query_["sql"].startswith("SELECT"):
                with connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN QUERY PLAN {query_['sql']}")
                    steps |= {row[3] for row in cursor.fetchall()}
        assert [step for step in steps if re.search(r"^SCAN (?!\(subquery)", step)] == []
        used = {index for step in steps for index in re.findall(r"INDEX (\w+) ", step)}
        assert used & {"trajectory_scale", "assignment_due", "client_list"} == set()
        by_client = {"trajectory_client", "focus_client", "session_client", "response_client", "assignment_client"}
        assert used >= by_client

    def test_hundred_clients(self, browser, clinician):
        people = [client_of(clinician, first_name=f"N{n:03}") for n in range(100)]
        for first, second in zip(people[:20:2], people[1:20:2], strict=True):
            couple_of(first, second)
        full(clinician)
        assert queries(browser) <= 12

    def test_opening_is_recorded_once(self, browser, clinician):
        browser.get(URL)
        assert AuditEvent.objects.filter(action="opened-list", actor_id=clinician.user.pk).count() == 1
