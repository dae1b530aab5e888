"""The report screens: asking, live state, history, retry, download, and who gets nothing."""

import datetime as dt
import re
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.actions.corrections import correct
from clients.models import CareAssignment
from practice.models import AuditEvent
from reports.actions import making
from reports.models import Report
from tests.factories.clients import client_of
from tests.factories.practice import MembershipFactory
from tests.factories.reports import ReportFactory, course

pytestmark = pytest.mark.django_db
LONG_BEFORE = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
PDF = b"%PDF-1.7 made by a test"


@pytest.fixture(autouse=True)
def storage(tmp_path, settings):
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    return tmp_path


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def person(clinician):
    return course(1, clinician)


@pytest.fixture
def browser(client, clinician):
    client.force_login(clinician.user)
    return client


@pytest.fixture
def report(person, clinician):
    return ReportFactory(client=person, asked_by=clinician.user, asked_at=timezone.now())


@pytest.fixture
def ready(report, monkeypatch):
    monkeypatch.setattr(making.pdf, "progress_pdf", lambda built: PDF)
    making.make(report.pk)
    report.refresh_from_db()
    return report


def url(name, row):
    return reverse(f"dashboard:{name}", args=[row.pk])


def test_asking_on_the_record_leads_to_the_reports_page(browser, person, clinician):
    page = browser.get(url("client_reports", person)).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    data = {"period": "90", "charts": ["focus"], "key": key}
    response = browser.post(url("report_ask", person), data)
    report = Report.objects.get()
    assert response["Location"] == url("report", report)
    assert (report.asked_by, report.options) == (clinician.user, {"period": "90", "charts": ["focus"]})
    assert browser.post(url("report_ask", person), data)["Location"] == url("report", report)
    assert Report.objects.count() == 1


def test_without_any_chart(browser, person):
    browser.post(url("report_ask", person), {"period": "episode", "key": uuid.uuid4()})
    assert Report.objects.get().options == {"period": "episode", "charts": []}


@pytest.mark.parametrize(
    "data", [{"period": "7"}, {"period": "90", "charts": ["x"]}, {"period": "90", "key": "x"}, {}, {"charts": "focus"}]
)
def test_bad_input_is_told_and_nothing_is_written(browser, person, data):
    response = browser.post(url("report_ask", person), {"key": uuid.uuid4(), **data})
    assert response.status_code == 422
    assert Report.objects.count() == 0


def test_the_page_of_a_waiting_report_asks_again_by_itself(browser, report):
    page = browser.get(url("report", report)).content.decode()
    assert f'hx-get="{url("report_status", report)}"' in page
    assert 'hx-trigger="load delay:1s"' in page
    assert "Waiting for its turn" in page


def test_the_delay_grows_with_age(browser, report):
    delays = []
    for age in (0, 30, 600):
        Report.objects.filter(pk=report.pk).update(asked_at=timezone.now() - dt.timedelta(seconds=age))
        page = browser.get(url("report_status", report)).content.decode()
        delays.append(re.search(r"load delay:(\d+)s", page)[1])
    assert delays == ["1", "3", "10"]


def test_the_status_says_the_step_and_how_far(browser, report):
    Report.objects.filter(pk=report.pk).update(
        state="running", step="drawing", progress=55, lease_until=timezone.now() + dt.timedelta(minutes=1)
    )
    page = browser.get(url("report_status", report)).content.decode()
    assert "Drawing the map and the charts" in page
    assert 'value="55"' in page


def test_polling_is_not_being_there(browser, report):
    session = browser.session
    session["seen"] = then = int(timezone.now().timestamp()) - 600
    session.save()
    browser.get(url("report_status", report), headers={"X-Poll": "1"})
    assert browser.session["seen"] == then
    browser.get(url("report_status", report))
    assert browser.session["seen"] > then


def test_a_ready_report_stops_asking_and_offers_its_file(browser, ready):
    page = browser.get(url("report_status", ready)).content.decode()
    assert "hx-get" not in page
    assert url("report_file", ready) in page


def test_the_download(browser, ready, clinician):
    ready.client.practice.time_zone = "Asia/Tokyo"
    ready.client.practice.save()
    response = browser.get(url("report_file", ready))
    assert (response.content, response["Content-Type"]) == (PDF, "application/pdf")
    asked = ready.asked_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert response["Content-Disposition"] == f'attachment; filename="report-{asked:%Y%m%d-%H%M}.pdf"'
    assert response["Cache-Control"] == "no-store, private"
    assert response["X-Content-Type-Options"] == "nosniff"
    rows = AuditEvent.objects.filter(action="opened", subject="report", subject_id=ready.pk)
    assert [(row.actor_id, row.client_id, row.detail) for row in rows] == [
        (clinician.user.pk, ready.client_id, {"page": "report_file"})
    ]


def test_a_report_that_is_not_ready_has_no_file(browser, report):
    assert browser.get(url("report_file", report))["Location"] == url("report", report)


def test_a_lost_file_is_told_and_can_be_made_again(browser, ready, storage):
    (storage / ready.file).unlink()
    response = browser.get(url("report_file", ready), follow=True)
    assert "The file is no longer there" in response.content.decode()
    browser.post(url("report_retry", ready))
    ready.refresh_from_db()
    assert ready.state == "queued"


def test_a_failure_is_visible_with_a_way_on(browser, report):
    Report.objects.filter(pk=report.pk).update(state="failed", error="storage")
    page = browser.get(url("report", report)).content.decode()
    assert "no room left on the server" in page
    assert f'action="{url("report_retry", report)}"' in page
    browser.post(url("report_retry", report))
    report.refresh_from_db()
    assert report.state == "queued"


@pytest.mark.parametrize("name", ["report", "report_status", "report_file"])
def test_the_old_link_of_a_reassigned_clinician_is_404(browser, ready, name):
    assert browser.get(url(name, ready)).status_code == 200
    CareAssignment.objects.update(starts_on=dt.date(2025, 1, 1), ends_on=timezone.now().date() - dt.timedelta(days=1))
    assert browser.get(url(name, ready)).status_code == 404


def test_the_link_of_another_is_404_like_one_that_never_was(client, ready):
    client.force_login(MembershipFactory(practice=ready.practice).user)
    pages = [client.get(reverse("dashboard:report_file", args=[pk])) for pk in (ready.pk, uuid.uuid4())]
    assert [page.status_code for page in pages] == [404, 404]
    assert len({re.sub(rb'csrf-token" content="[^"]+"|value="[^"]{64}"', b"", page.content) for page in pages}) == 1


def test_history_holds_my_own_reports_only(browser, report, clinician):
    other = MembershipFactory(practice=report.practice)
    ReportFactory(client=client_of(other), asked_by=other.user)
    page = browser.get(reverse("dashboard:reports"))
    assert [row.report for row in page.context["shown"]] == [report]


def test_history_by_state(browser, report):
    assert [
        [row.report for row in browser.get(reverse("dashboard:reports"), {"state": code}).context["shown"]]
        for code in ("w", "r", "nonsense")
    ] == [[report], [], [report]]


def test_history_goes_on_by_key_and_keeps_the_filter(browser, person, clinician):
    for number in range(51):
        ReportFactory(client=person, asked_by=clinician.user, asked_at=timezone.now() - dt.timedelta(minutes=number))
    first = browser.get(reverse("dashboard:reports"), {"state": "w"})
    assert len(first.context["shown"]) == 50
    second = browser.get(first.context["next_url"])
    assert len(second.context["shown"]) == 1
    assert (second.context["next_url"], second.context["previous_url"]) == (
        "",
        reverse("dashboard:reports") + "?state=w",
    )


@pytest.mark.parametrize("count", [1, 3])
def test_history_asks_the_same_number_of_queries(browser, person, clinician, count, django_assert_num_queries):
    for _ in range(count):
        ReportFactory(client=person, asked_by=clinician.user)
    browser.get(reverse("dashboard:reports"))
    with django_assert_num_queries(5):
        browser.get(reverse("dashboard:reports"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_tab_asks_the_same_number_of_queries(browser, person, clinician, count, django_assert_num_queries):
    for _ in range(count):
        ReportFactory(client=person, asked_by=clinician.user)
    browser.get(url("client_reports", person))
    with django_assert_num_queries(10):
        browser.get(url("client_reports", person))


NOTE = "Something was put right after this report was made."


def _put_right(person, clinician):
    response = person.responses.filter(respondent="client", version__instrument__slug="barriers").first()
    correct(by=clinician.user, response=response, answers={"control": 0}, reason="a mistake", seen=response.revision)


def _notes(browser, report):
    """How often each of the pages says it: the report's, its part that changes, the client's reports, my reports."""
    addresses = [url("report", report), url("report_status", report), url("client_reports", report.client)]
    return [browser.get(one).content.decode().count(NOTE) for one in (*addresses, reverse("dashboard:reports"))]


def test_a_report_older_than_a_correction_says_so(browser, ready, person, clinician, monkeypatch):
    assert _notes(browser, ready) == [0, 0, 0, 0]
    _put_right(course(1, clinician), clinician)
    assert _notes(browser, ready) == [0, 0, 0, 0]  # of another client
    _put_right(person, clinician)
    assert _notes(browser, ready) == [1, 1, 1, 1]
    again = ReportFactory(client=person, asked_by=clinician.user, asked_at=timezone.now())
    assert _notes(browser, again) == [0, 0, 1, 1]  # not made yet; the older one in the lists
    monkeypatch.setattr(making.pdf, "progress_pdf", lambda built: PDF)
    making.make(again.pk)
    assert _notes(browser, again) == [0, 0, 1, 1]


def test_what_is_put_right_while_a_report_is_drawn_is_not_in_it(browser, report, person, clinician, monkeypatch):
    def drawn(_built):
        _put_right(person, clinician)
        return PDF

    monkeypatch.setattr(making.pdf, "progress_pdf", drawn)
    making.make(report.pk)
    assert _notes(browser, report) == [1, 1, 1, 1]


def test_a_report_of_before_is_measured_by_when_it_was_finished(browser, ready, person, clinician):
    Report.objects.update(read_at=None)
    assert _notes(browser, ready) == [0, 0, 0, 0]
    _put_right(person, clinician)
    assert _notes(browser, ready) == [1, 1, 1, 1]


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_ask_once_for_corrections(browser, person, clinician, count, django_assert_num_queries):
    people = [person, *(course(1, clinician) for _ in range(count - 1))]
    for one in people:
        row = ReportFactory(client=one, asked_by=clinician.user)
        ReportFactory(client=person, asked_by=clinician.user)
        Report.objects.filter(pk=row.pk).update(state="ready", file="f", finished_at=timezone.now())
        _put_right(one, clinician)
    browser.get(reverse("dashboard:reports"))
    with django_assert_num_queries(6):
        assert browser.get(reverse("dashboard:reports")).content.decode().count(NOTE) == count
    Report.objects.filter(client=person).update(state="ready", file="f", finished_at=LONG_BEFORE)
    browser.get(url("client_reports", person))
    with django_assert_num_queries(11):
        assert browser.get(url("client_reports", person)).content.decode().count(NOTE) == count + 1


def test_the_tab_shows_a_colleagues_report_too(browser, report):
    colleague = MembershipFactory(practice=report.practice, user__name="A colleague")
    other = ReportFactory(
        client=report.client, asked_by=colleague.user, asked_at=timezone.now() + dt.timedelta(minutes=1)
    )
    page = browser.get(url("client_reports", report.client))
    assert [row.report for row in page.context["shown"]] == [other, report]
    assert "A colleague" in page.content.decode()


def test_a_hostile_name_is_inert(browser, report):
    report.client.first_name = "<script>alert(1)</script>"
    report.client.save()
    for name in ("report", "report_status"):
        assert "<script>alert" not in browser.get(url(name, report)).content.decode()
