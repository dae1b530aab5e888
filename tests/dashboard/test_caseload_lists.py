"""Searching, narrowing and sorting the caseload: each alone, together, from page to page, at the same cost."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Response
from clients.barriers import CODES
from clients.models import Client
from dashboard import choice as codes
from dashboard import urls
from dashboard.queries import caseload_page as query
from dashboard.queries.caseload import READING
from practice.models import AuditEvent
from tests.dashboard.test_caseload import full
from tests.factories.assessments import answered, ask
from tests.factories.clients import (
    CareFactory,
    ClientFactory,
    FocusFactory,
    SafetyFlagFactory,
    SessionFactory,
    client_of,
    couple_of,
)
from tests.factories.practice import LONG_AGO, MembershipFactory

pytestmark = pytest.mark.django_db

URL, SEARCH = reverse("dashboard:caseload"), reverse("dashboard:caseload_search")
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
    """Makes a client by first name."""
    return lambda name, **fields: client_of(clinician, first_name=name, last_name="Same", **fields)


def names(browser, query=""):
    return [row.client.first_name for row in browser.get(URL + query).context["page"].rows]


NAMED = "?n=1"
"""The address says that there is a search, not for what."""


def search(browser, text, query=""):
    return browser.post(SEARCH, {"q": text, **dict(pair.split("=") for pair in query.lstrip("?").split("&") if pair)})


class TestSearch:
    def test_by_first_called_last_name_and_code(self, browser, clinician):
        client_of(clinician, first_name="Zoë", last_name="Müller", code="C-0001")
        client_of(clinician, first_name="Robert", called="Bob", last_name="Abel", code="C-0002")
        for text, found in (
            ("zoe", ["Zoë"]),
            ("MULLER", ["Zoë"]),
            ("bob abel", ["Robert"]),
            ("robert", ["Robert"]),
            ("0001", ["Zoë"]),
            ("nobody", []),
        ):
            assert search(browser, text).status_code == 302
            assert names(browser, NAMED) == found, text

    def test_it_is_posted_and_kept_in_the_session_and_in_no_address(self, browser, person):
        person("Ada"), person("Bo")
        answer = search(browser, "Ada", "?f=6&o=2")
        assert answer["Location"] == f"{URL}?f=6&o=2&n=1"
        text = browser.get(answer["Location"]).content.decode()
        assert 'value="Ada"' in text
        assert "q=" not in text
        assert browser.get(SEARCH).status_code == 405

    def test_a_term_in_the_address_is_nothing(self, browser, person):
        person("Ada"), person("Bo")
        assert names(browser, "?q=Ada") == ["Ada", "Bo"]

    def test_from_the_menu_the_list_begins_anew(self, browser, person):
        person("Ada"), person("Bo")
        search(browser, "Ada")
        page = browser.get(URL)
        assert [row.client.first_name for row in page.context["page"].rows] == ["Ada", "Bo"]
        text = page.content.decode()
        assert 'value="Ada"' not in text
        assert "2 clients</h2>" in text
        assert browser.post(reverse("dashboard:caseload_export"), {"as": "csv"}).content.decode().count("Same") == 2

    def test_filters_tabs_pages_and_the_export_keep_it(self, browser, person, monkeypatch):
        monkeypatch.setattr(query, "PAGE", 1)
        person("Ada"), person("Adam"), person("Bo")
        page = browser.get(search(browser, "ada")["Location"])
        assert page.context["next"].startswith(f"{URL}?n=1&after=")
        assert names(browser, page.context["next"].removeprefix(URL)) == ["Adam"]
        assert [tab["url"] for tab in page.context["tabs"]] == [f"{URL}?{more}n=1" for more in ("", "s=b&", "s=c&")]
        text = page.content.decode()
        assert text.count('<input type="hidden" name="n" value="1">') == 5  # search, filters, chip, several, export
        chips = browser.get(f"{URL}?f=6&n=1").context["chips"]
        assert [chip["query"] for chip in chips] == ["?n=1"]
        file = browser.post(reverse("dashboard:caseload_export"), {"as": "csv", "n": "1"}).content.decode()
        assert (file.count("Same"), "Bo" in file) == (2, False)

    def test_clear_forgets_it_and_keeps_the_filters(self, browser, person):
        person("Ada"), person("Bo")
        search(browser, "Ada")
        answer = browser.post(SEARCH, {"clear": "1", "q": "Ada", "f": "6", "n": "1"})
        assert answer["Location"] == f"{URL}?f=6"
        assert names(browser, NAMED) == ["Ada", "Bo"]

    def test_an_empty_term_forgets_too(self, browser, person):
        person("Ada")
        search(browser, "x")
        assert search(browser, "   ", NAMED)["Location"] == URL
        assert names(browser, NAMED) == ["Ada"]

    @pytest.mark.parametrize("text", ["x" * 81, "a\x00b"])
    def test_what_cannot_be_a_name_is_said_and_changes_nothing(self, browser, person, text):
        person("Ada"), person("Bo")
        search(browser, "ada")
        page = browser.get(search(browser, text, NAMED)["Location"])
        assert "at most 80 characters" in page.content.decode()
        assert [row.client.first_name for row in page.context["page"].rows] == ["Ada"]

    def test_inert(self, browser, person):
        person("Ada")
        search(browser, '"><script>x</script>')
        assert "<script>x" not in browser.get(URL + NAMED).content.decode()

    def test_another_practice_does_not_inherit_it(self, browser, clinician, person):
        person("Ada"), person("Bo")
        search(browser, "Ada")
        session = browser.session
        session["caseload-search"] = {**session["caseload-search"], "practice": "another"}
        session.save()
        assert names(browser, NAMED) == ["Ada", "Bo"]

    def test_in_the_other_tabs(self, browser, clinician, person):
        person("Ada", status=Client.Status.DISCHARGED), person("Bo", status=Client.Status.DISCHARGED), person("Cy")
        search(browser, "bo")
        for tab, found in (("b", ["Bo"]), ("c", ["Bo"])):
            page = browser.get(f"{URL}?s={tab}&n=1").context["page"]
            assert [row.client.first_name for row in page.entries] == found

    def test_nobody_matches_says_what_to_do(self, browser, person):
        person("Ada")
        search(browser, "x")
        assert "Clear the search or remove a filter" in browser.get(URL + NAMED).content.decode()

    def test_not_found_among_others_clients(self, browser, clinician, person):
        client_of(MembershipFactory(practice=clinician.practice), first_name="Foreign")
        person("Ada")
        search(browser, "foreign")
        assert names(browser, NAMED) == []

    def test_the_term_is_in_no_log_and_no_audit_row(self, browser, person, caplog):
        person("Ada")
        search(browser, "Quixote")
        names(browser, NAMED)
        assert "Quixote" not in caplog.text
        assert not [row for row in AuditEvent.objects.all() if "Quixote" in str(row.detail)]


@pytest.fixture
def crowd(clinician, person):
    """Everybody is one thing: the first names say which."""
    late = person("Late")
    ask(late, "attunement", due_on=late.practice.today() - DAY, at=timezone.now() - 3 * DAY)
    gone = person("Gone")  # overdue, and nobody can answer it any more
    ask(
        gone,
        "attunement",
        due_on=gone.practice.today() - 2 * DAY,
        at=timezone.now() - 9 * DAY,
        expires_on=gone.practice.today() - 2 * DAY,
    )
    SafetyFlagFactory(client=person("Flag"))
    seen = SafetyFlagFactory(client=person("Seen"))
    seen.state, seen.acknowledged_at, seen.acknowledged_by = "acknowledged", timezone.now(), clinician.user
    seen.save()
    new = person("New")
    SessionFactory(client=new, clinician=clinician, starts_at=timezone.now() - 5 * DAY)
    answered(new, at=timezone.now() - 2 * DAY)
    old = person("Old")  # a session came after it
    answered(old, at=timezone.now() - 5 * DAY)
    SessionFactory(client=old, clinician=clinician, starts_at=timezone.now() - 2 * DAY)
    couple_of(person("Pair"), ClientFactory(practice=clinician.practice))
    SessionFactory(
        client=person("Booked"), clinician=clinician, starts_at=timezone.now() + 9 * DAY, attendance="planned"
    )
    colleague = MembershipFactory(practice=clinician.practice)
    covered = client_of(colleague, first_name="Cover", last_name="Same")
    today = clinician.practice.today()
    CareFactory(client=covered, clinician=clinician, role="cover", starts_on=today - DAY, ends_on=today + DAY)
    FocusFactory(client=person("Focus"), barrier="control", state="active", slot=1, starts_on=LONG_AGO)
    FocusFactory(client=person("Past"), barrier="control", state="ended", starts_on=LONG_AGO)
    return clinician


EVERYBODY = ["Booked", "Cover", "Flag", "Focus", "Gone", "Late", "New", "Old", "Pair", "Past", "Seen"]


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", EVERYBODY),
            ("?f=1", ["Late"]),
            ("?f=2", ["Flag", "Seen"]),
            ("?f=3", ["New"]),
            ("?f=4", ["Pair"]),
            ("?f=5", ["Booked"]),
            ("?f=6", [name for name in EVERYBODY if name != "Booked"]),
            ("?f=7", ["Cover"]),
            ("?b=b10", ["Focus"]),
            ("?b=b01", []),
            ("?f=1&f=2", []),
            ("?f=6&b=b10", ["Focus"]),
            ("?f=zz&b=control&o=password", EVERYBODY),
        ],
    )
    def test_each_and_together(self, crowd, browser, query, found):
        assert names(browser, query) == found

    def test_session_today(self, browser, clinician, person):
        now = timezone.now()
        SessionFactory(client=person("Now"), clinician=clinician, starts_at=now, attendance="planned")
        SessionFactory(client=person("Morrow"), clinician=clinician, starts_at=now + DAY, attendance="planned")
        assert names(browser, "?f=8") == ["Now"]

    def test_a_record_that_was_opened_is_not_new(self, crowd, browser):
        new = Client.objects.get(first_name="New")
        browser.get(reverse("dashboard:client", args=[new.pk]))
        assert names(browser, "?f=3") == []
        answered(new, "attunement", {}, at=timezone.now() + dt.timedelta(seconds=5))
        assert names(browser, "?f=3") == ["New"]

    @pytest.mark.parametrize(
        ("page", "still"),
        [
            *[(name, []) for name in ("client", "client_measures", "client_timeline", "client_homework")],
            *[(name, ["New"]) for name in ("client_access", "client_edit", "client_care", "client_reports")],
        ],
    )
    def test_only_a_page_that_shows_answers_counts(self, crowd, browser, page, still):
        new = Client.objects.get(first_name="New")
        assert browser.get(reverse(f"dashboard:{page}", args=[new.pk])).status_code == 200
        assert names(browser, "?f=3") == still

    def test_reading_a_safety_flag_is_not_reading_the_answers(self, crowd, browser):
        new = Client.objects.get(first_name="New")
        flag = SafetyFlagFactory(client=new)
        assert browser.get(reverse("dashboard:flag", args=[flag.pk])).status_code == 200
        assert names(browser, "?f=3") == ["New"]
        browser.get(reverse("dashboard:response", args=[new.pk, Response.objects.get(client=new).pk]))
        assert names(browser, "?f=3") == []

    def test_each_page_of_answers_is_a_page(self):
        assert set(READING) - {pattern.name for pattern in urls.urlpatterns} == set()

    def test_somebody_elses_opening_does_not_count(self, crowd, client):
        new = Client.objects.get(first_name="New")
        other = CareFactory(client=new, role="co").clinician
        client.force_login(other.user)
        client.get(reverse("dashboard:client", args=[new.pk]))
        client.force_login(crowd.user)
        assert names(client, "?f=3") == ["New"]

    def test_chips_and_what_is_said(self, crowd, browser):
        page = browser.get(f"{URL}?f=1&b=b10")
        assert [str(chip["label"]) for chip in page.context["chips"]] == ["Overdue work", "In focus: Control issues"]
        text = page.content.decode()
        assert f'href="{URL}?b=b10"' in text
        assert f'href="{URL}?f=1"' in text
        assert "0 of 11 clients" in text

    def test_a_partner_who_is_not_chosen_is_named_not_shown(self, browser, clinician, person):
        first, second = person("Ada"), person("Bo")
        couple_of(first, second)
        SafetyFlagFactory(client=second)
        assert names(browser, "?f=2") == ["Bo"]
        assert "couple with Ada Same" in browser.get(f"{URL}?f=2").content.decode()
        assert names(browser, "?f=4") == ["Ada", "Bo"]

    def test_the_other_tabs_know_flags_only(self, browser, clinician, person):
        person("Ada", status=Client.Status.DISCHARGED)
        SafetyFlagFactory(client=person("Bo", status=Client.Status.DISCHARGED))
        for tab, found in (("?s=b&f=2", ["Bo"]), ("?s=b&f=1", ["Ada", "Bo"]), ("?s=c&f=2", ["Bo"])):
            assert [row.client.first_name for row in browser.get(URL + tab).context["page"].entries] == found

    def test_a_joined_record_is_in_no_list(self, browser, person):
        kept = person("Kept")
        person("Joined", status=Client.Status.MERGED, merged_into=kept)
        assert names(browser) == ["Kept"]
        assert [row.client.first_name for row in browser.get(f"{URL}?s=c").context["page"].entries] == ["Kept"]


@pytest.fixture
def ordered(clinician, person):
    """Three with values, one without any."""
    now, today = timezone.now(), clinician.practice.today()
    for place, (name, first, latest) in enumerate((("Ada", 1, 3), ("Bo", 3, 2), ("Cy", 2, 2)), 1):
        one = person(name)
        SessionFactory(client=one, clinician=clinician, starts_at=now - place * DAY)
        SessionFactory(client=one, clinician=clinician, starts_at=now + place * DAY, attendance="planned")
        for days, value in ((30, first), (20, latest)):
            answered(one, answers=dict.fromkeys(CODES, value), at=now - days * DAY)
        for slug in ("attunement", "secure-agreements", "growth-habits")[:place]:
            ask(one, slug, due_on=today - DAY, at=now - 3 * DAY)
    person("Di")


class TestSorting:
    @pytest.mark.parametrize(
        ("sort", "forwards", "backwards"),
        [
            (codes.NAME, ["Ada", "Bo", "Cy", "Di"], ["Di", "Cy", "Bo", "Ada"]),
            (codes.NEXT, ["Ada", "Bo", "Cy", "Di"], ["Cy", "Bo", "Ada", "Di"]),
            (codes.LAST, ["Cy", "Bo", "Ada", "Di"], ["Ada", "Bo", "Cy", "Di"]),
            (codes.LATE, ["Cy", "Bo", "Ada", "Di"], ["Ada", "Bo", "Cy", "Di"]),
            (codes.BURDEN, ["Ada", "Bo", "Cy", "Di"], ["Bo", "Cy", "Ada", "Di"]),
            (codes.CHANGE, ["Ada", "Cy", "Bo", "Di"], ["Bo", "Cy", "Ada", "Di"]),
        ],
    )
    def test_each_way_and_nothing_comes_last(self, ordered, browser, monkeypatch, sort, forwards, backwards):
        assert names(browser, f"?o={sort}") == forwards
        assert names(browser, f"?o={sort}&d=1") == backwards
        monkeypatch.setattr(query, "PAGE", 1)
        for turn, whole in (("", forwards), ("&d=1", backwards)):
            walked, address = [], f"{URL}?o={sort}{turn}"
            while address:
                page = browser.get(address)
                walked += [row.client.first_name for row in page.context["page"].rows]
                address = page.context["next"]
            assert walked == whole

    def test_names_without_case_and_accents(self, browser, clinician):
        for last in ("Óscar", "oak", "Zeta", "Orr"):
            client_of(clinician, first_name=last, last_name=last)
        assert names(browser) == ["oak", "Orr", "Óscar", "Zeta"]

    def test_a_couple_stands_at_the_place_of_the_first(self, ordered, browser):
        couple_of(Client.objects.get(first_name="Ada"), Client.objects.get(first_name="Di"))
        assert names(browser, "?o=2") == ["Ada", "Di", "Bo", "Cy"]
        assert names(browser, "?o=3") == ["Cy", "Bo", "Ada", "Di"]

    def test_the_next_page_goes_on_though_the_last_row_is_no_longer_chosen(self, ordered, browser, monkeypatch):
        monkeypatch.setattr(query, "PAGE", 1)
        page = browser.get(f"{URL}?f=1&o=1")
        Client.objects.get(first_name="Ada").assignments.filter(state="open").update(due_on=None)
        assert names(browser, page.context["next"].removeprefix(URL)) == ["Bo"]

    def test_the_other_tabs(self, ordered, browser, clinician):
        for tab, query_, found in (
            ("c", "", "Ada Bo Cy Di"),
            ("c", "&d=1", "Di Cy Bo Ada"),
            ("c", "&o=3", "Cy Bo Ada Di"),
            ("c", "&o=3&d=1", "Ada Bo Cy Di"),
            ("c", "&o=5", "Ada Bo Cy Di"),
        ):
            page = browser.get(f"{URL}?s={tab}{query_}").context["page"]
            assert [row.client.first_name for row in page.entries] == found.split()


COMBINATIONS = [
    *({"f": code} for code in codes.SHOWS),
    *({"o": code, "d": "1"} for code in codes.SORTS),
    {"b": "b10"},
    {"b": "b10", "o": "5", "f": "3"},
]


class TestCost:
    @pytest.mark.parametrize("query", COMBINATIONS, ids=urlencode)
    def test_a_fixed_number_of_queries(self, browser, clinician, query):
        counts = []
        for size in (1, 2):
            for _ in range(size):
                full(clinician)
            address = f"{URL}?{urlencode(query)}"
            browser.get(address)
            with CaptureQueriesContext(connection) as captured:
                browser.get(address)
            counts.append(len(captured))
        assert counts == [counts[0]] * 2
        assert counts[0] <= 12

    def test_a_search_costs_nothing_more(self, browser, clinician):
        full(clinician), full(clinician)
        search(browser, "e")
        browser.get(URL + NAMED)
        with CaptureQueriesContext(connection) as captured:
            browser.get(URL + NAMED)
        assert len(captured) <= 12
