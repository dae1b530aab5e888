"""The caseload as CSV and as a workbook: what the page shows, of the whole list, as text and numbers only."""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.barriers import CODES
from clients.models import Client
from dashboard.queries import caseload_page
from practice.models import AuditEvent
from practice.spreadsheets import Table, csv_file, workbook
from tests.dashboard.test_caseload import full
from tests.factories.assessments import answered
from tests.factories.clients import FocusFactory, SafetyFlagFactory, client_of, couple_of
from tests.factories.practice import LONG_AGO, MembershipFactory

pytestmark = pytest.mark.django_db

URL = reverse("dashboard:caseload_export")
DAY = dt.timedelta(days=1)
HOSTILE = ['=HYPERLINK("http://elsewhere.example","x")', "+1", "-1", "@SUM(A1)", "\t=1", "  =1"]


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


def read_csv(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def read_sheet(response):
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert len(book.worksheets) == 1
    return book.worksheets[0]


def as_dict(response, line=1):
    rows = read_csv(response)
    return dict(zip(rows[0], rows[line], strict=True))


def test_what_the_page_shows(browser, clinician):
    person = full(clinician, first_name="Ada", last_name="Abel", code="C-0001")
    other = client_of(clinician, first_name="Bo", last_name="Zorn", code="C-0002")
    couple_of(person, other)
    line = as_dict(browser.post(URL, {"as": "csv"}))
    assert line["Name"] == "Ada Abel"
    assert (line["Code"], line["Couple with"], line["Safety flag"]) == ("C-0001", "Bo Zorn", "not acknowledged")
    assert (line["Burden, 0 to 4"], line["Burden: change since the start"], line["Burden: answers"]) == (
        "2.0",
        "0.0",
        "2",
    )
    assert line["Burden: verdict"].startswith("No verdict: a checklist needs 50 pairs")
    assert (line["In focus 1"], line["In focus 1: latest, 0 to 4"], line["In focus 2"]) == ("Control issues", "2.0", "")
    assert (line["Open"], line["Overdue"]) == ("1", "1")
    session = person.therapysessions.get(attendance="planned").starts_at.astimezone(clinician.practice.zone)
    assert line["Next session"] == f"{session:%Y-%m-%d %H:%M}"


def test_the_check_in_by_name(browser, clinician):
    answered(client_of(clinician), "session-checkin", {"connected": 7, "at-ease": 0}, at=timezone.now() - DAY)
    answered(client_of(clinician, last_name="Zorn"), "session-checkin", {"talk-instead": True}, at=timezone.now() - DAY)
    first, second = (as_dict(browser.post(URL, {"as": "csv"}), line) for line in (1, 2))
    sliders = [value for head, value in first.items() if head.startswith("Check-in")]
    assert sliders == ["7", "", "", "0", ""]
    assert (first["Would rather talk"], second["Would rather talk"]) == ("", "yes")


@pytest.mark.parametrize(
    ("values", "latest", "change"), [((3, 2), 2.08, -0.83), ((2, 3), 2.92, 0.83), ((3, 3), 2.92, 0)]
)
def test_numbers_have_two_decimals(browser, clinician, values, latest, change):
    """Eleven barriers say the value and one another, so that no mean is a round number."""
    person = client_of(clinician)
    for days, value in zip((20, 10), values, strict=True):
        answers = {**dict.fromkeys(CODES, value), CODES[0]: 2 if value == 3 else 3}
        answered(person, answers=answers, at=timezone.now() - days * DAY)
    heads, row = list(read_sheet(browser.post(URL, {"as": "xlsx"})).iter_rows(values_only=True))
    line = dict(zip(heads, row, strict=True))
    found = (line["Burden, 0 to 4"], line["Burden: change since the start"])
    assert found == (latest, change)
    text = as_dict(browser.post(URL, {"as": "csv"}))
    assert (float(text["Burden, 0 to 4"]), float(text["Burden: change since the start"])) == found


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_name_is_a_formula(browser, clinician, kind):
    for name in HOSTILE:
        client_of(clinician, first_name=name, last_name="x", code=f"C{HOSTILE.index(name)}")
    answer = browser.post(URL, {"as": kind})
    if kind == "csv":
        cells = [cell for row in read_csv(answer) for cell in row]
    else:
        sheet = read_sheet(answer)
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
        assert "f" not in kinds
        assert sheet.title == "Clients"
        assert [cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink] == []
        cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.data_type == "s"]
    dangerous = [cell for cell in cells if cell.lstrip(" ")[:1] in "=+-@\t" and cell.strip()]
    assert dangerous == []
    assert sum(cell.startswith("'") for cell in cells) == len(HOSTILE)


def test_a_workbook_has_numbers_and_days(browser, clinician):
    full(clinician)
    heads, row = list(read_sheet(browser.post(URL, {"as": "xlsx"})).iter_rows(values_only=True))
    line = dict(zip(heads, row, strict=True))
    assert (line["Burden, 0 to 4"], line["Open"]) == (2, 1)
    assert isinstance(line["Next session"], dt.datetime)


def test_the_whole_filtered_list_in_its_order(browser, clinician, monkeypatch):
    monkeypatch.setattr(caseload_page, "PAGE", 1)
    for name, value in (("Ada", 1), ("Bo", 3), ("Cy", 2)):
        person = client_of(clinician, first_name=name, last_name="Same")
        answered(person, answers=dict.fromkeys(CODES, value), at=timezone.now() - DAY)
        if name != "Ada":
            FocusFactory(client=person, barrier="control", state="active", slot=1, starts_on=LONG_AGO)
    names = [row[0] for row in read_csv(browser.post(URL, {"as": "csv", "b": "b10", "o": "5"}))[1:]]
    assert names == ["Bo Same", "Cy Same"]
    browser.post(reverse("dashboard:caseload_search"), {"q": "cy"})
    assert [row[0] for row in read_csv(browser.post(URL, {"as": "csv", "n": "1"}))[1:]] == ["Cy Same"]


def test_the_other_tabs(browser, clinician):
    person = client_of(clinician, first_name="Ada", last_name="Abel", code="C-1", status=Client.Status.DISCHARGED)
    SafetyFlagFactory(client=person)
    rows = read_csv(browser.post(URL, {"as": "csv", "s": "b"}))
    assert rows[1][:3] == ["Ada Abel", "C-1", "Discharged"]
    assert rows[1][-1] == "yes"


def test_only_ones_own_clients(browser, clinician):
    client_of(MembershipFactory(practice=clinician.practice), first_name="Foreign")
    client_of(MembershipFactory(), first_name="Far")
    assert len(read_csv(browser.post(URL, {"as": "csv", "s": "c"}))) == 1


@pytest.mark.parametrize(("kind", "ending"), [("csv", "csv"), ("xlsx", "xlsx"), ("exe", "csv"), ("", "csv")])
def test_the_file_tells_nothing_and_is_not_kept(browser, clinician, kind, ending):
    client_of(clinician, first_name="Ada", last_name="Abel")
    answer = browser.post(URL, {"as": kind, "f": "6"})
    name = f"list-{clinician.practice.today().isoformat()}.{ending}"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer["Cache-Control"] == "no-store, private"
    assert browser.get(URL).status_code == 405


def test_it_is_recorded_with_counts_only(browser, clinician):
    client_of(clinician, first_name="Ada", last_name="Abel")
    browser.post(reverse("dashboard:caseload_search"), {"q": "Ada"})
    browser.post(URL, {"as": "xlsx", "n": "1"})
    row = AuditEvent.objects.get(action="caseload.exported")
    assert (row.actor_id, row.practice_id, row.subject) == (clinician.user_id, clinician.practice_id, "caseload")
    assert row.detail == {"rows": 1, "form": "xlsx", "narrowed": True}


def test_a_fixed_number_of_queries(browser, clinician):
    counts = []
    for size in (1, 2):
        for _ in range(size):
            full(clinician)
        browser.post(URL, {"as": "csv"})
        with CaptureQueriesContext(connection) as captured:
            browser.post(URL, {"as": "csv"})
        counts.append(len(captured))
    assert counts == [counts[0]] * 2


def test_tables_without_a_database():
    day, moment = dt.date(2026, 11, 24), dt.datetime(2026, 11, 24, 14, 5)
    table = Table("Sheet", ["=a", "b"], [["=1", -1], [day, moment], [None, 2.5]])
    assert csv_file(table).decode("utf-8-sig").split("\r\n") == [
        "'=a,b",
        "'=1,-1",
        "2026-11-24,2026-11-24 14:05",
        ",2.5",
        "",
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(table))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["'=a", "b"],
        ["'=1", -1],
        [dt.datetime(2026, 11, 24), moment],
        [None, 2.5],
    ]
