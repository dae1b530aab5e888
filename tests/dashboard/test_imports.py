"""The owner's screens of bringing history."""

import csv
import io
import json
import re

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from assessments.actions import import_runs
from assessments.models import ImportRun, Response
from clients.barriers import CODES
from practice.models import AuditEvent
from tests.factories.assessments import version_of
from tests.factories.clients import ClientFactory
from tests.factories.practice import MembershipFactory, PracticeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice():
    return PracticeFactory()


@pytest.fixture
def owner(practice):
    browser = Browser(enforce_csrf_checks=False)
    browser.force_login(MembershipFactory(practice=practice, roles="owner").user)
    return browser


def lines(*rows):
    return "\n".join([",".join(["client", "date", *CODES]), *rows]).encode()


def send(browser, data, version=None, **extra):
    fields = {"version": str((version or version_of()).pk), "file": SimpleUploadedFile("past.csv", data), **extra}
    return browser.post(reverse("dashboard:import_new"), fields)


def test_from_the_template_to_the_record(practice, owner, django_capture_on_commit_callbacks):
    ClientFactory(practice=practice, code="C-0001")
    template = owner.get(reverse("dashboard:import_template", args=[version_of().pk]))
    head = next(csv.reader(io.StringIO(template.content.decode("utf-8-sig"))))
    assert head == ["client", "date", *CODES]
    answer = send(owner, lines("C-0001,2024-03-05," + ",".join("2" * 12)))
    run = ImportRun.objects.get()
    assert answer["Location"] == reverse("dashboard:import_run", args=[run.pk])
    assert (run.state, run.rows, run.dry_run) == ("queued", 1, False)
    waiting = owner.get(reverse("dashboard:import_run", args=[run.pk])).content.decode()
    assert "Waiting for its turn" in waiting
    assert f'hx-get="{reverse("dashboard:import_status", args=[run.pk])}"' in waiting
    assert "load delay:1s" in waiting
    with django_capture_on_commit_callbacks(execute=True):
        assert import_runs.work(run.pk) == "done"
    status = owner.get(reverse("dashboard:import_status", args=[run.pk])).content.decode()
    assert "Brought in" in status
    assert "hx-get" not in status
    assert Response.objects.count() == 1
    assert "Brought in" in owner.get(reverse("dashboard:imports")).content.decode()


def test_only_checking_is_the_default_choice_and_writes_nothing(practice, owner):
    ClientFactory(practice=practice, code="C-0001")
    page = owner.get(reverse("dashboard:import_new")).content.decode()
    assert re.search(r'name="dry_run"[^>]* checked', page)
    send(owner, lines("C-0001,2024-03-05," + ",".join("2" * 12)), dry_run="on")
    run = ImportRun.objects.get()
    assert import_runs.work(run.pk) == "done"
    page = owner.get(reverse("dashboard:import_run", args=[run.pk])).content.decode()
    assert "1 administration would be brought in" in page
    assert Response.objects.count() == 0
    again = f"{reverse('dashboard:import_new')}?measure={version_of().pk}"
    assert f'href="{again}"' in page
    page = owner.get(again).content.decode()
    assert re.search(rf'<option value="{version_of().pk}" selected', page)
    assert not re.search(r'name="dry_run"[^>]* checked', page)


def test_nothing_is_offered_where_nothing_would_be_brought(practice, owner):
    run = ImportRun.objects.create(
        practice=practice, version=version_of(), state="done", dry_run=True, present=3, ended_at=timezone.now()
    )
    page = owner.get(reverse("dashboard:import_run", args=[run.pk])).content.decode()
    assert "there is nothing to bring" in page
    assert "?measure=" not in page


@pytest.mark.parametrize("measure", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_measure_that_is_not_offered_is_not_chosen(owner, measure):
    page = owner.get(reverse("dashboard:import_new"), {"measure": measure}).content.decode()
    assert re.search(r'name="dry_run"[^>]* checked', page)
    assert '<option value="" selected' in page


def test_every_template_is_there_without_a_script_and_named_after_its_measure(owner):
    found = [version_of(slug) for slug in ("barriers", "attunement")]
    page = owner.get(reverse("dashboard:import_new")).content.decode()
    for version in found:
        address = reverse("dashboard:import_template", args=[version.pk])
        assert page.count(f'href="{address}"') == 1
        assert f"Template for {version.definition.title}" in page
        name = f"{version.definition.slug}-template.csv"
        assert owner.get(address)["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_file_of_something_else_is_told_in_one_sentence(owner):
    page = send(owner, b"Dear colleague, here it is").content.decode()
    words = "This does not look like the file for Barriers: it has no columns “client”, “date”, “vulnerability”, “past”"
    title = version_of().definition.title
    assert page.count(words.replace("Barriers", title)) == 2  # the summary's link and the field
    assert "This column is" not in page
    assert "colleague" not in page


def test_problems_by_line_and_their_download(practice, owner):
    send(owner, lines('"=HYPERLINK(1)",2024-03-05,' + ",".join("2" * 12), "<b>,soon," + ",".join("2" * 12)))
    run = ImportRun.objects.get()
    assert import_runs.work(run.pk) == "refused"
    page = owner.get(reverse("dashboard:import_run", args=[run.pk])).content.decode()
    assert "“=HYPERLINK(1” is no client code" in page
    assert "“soon” is not a day" in page
    assert "<b>" not in page
    answer = owner.get(reverse("dashboard:import_problems", args=[run.pk]))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["line", "column", "problem"]
    assert [row[:2] for row in rows[1:]] == [["2", "client"], ["3", "date"]]


def test_what_is_missing_is_said_at_its_field(owner):
    page = owner.post(reverse("dashboard:import_new"), {"version": ""}).content.decode()
    assert page.count("This field is required") == 4  # in the summary and at the field
    assert ImportRun.objects.count() == 0


def test_the_safety_screen_is_not_offered(owner):
    version = version_of("safety-screen")
    assert owner.get(reverse("dashboard:import_template", args=[version.pk])).status_code == 404
    assert "Select a valid choice" in send(owner, lines(), version).content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b"client,date,mood\nC-0001,2024-03-05,2\n", "it has no columns “vulnerability”, "),
        (lines().replace(b"date", b"mood"), "“mood”: This column is not known here. The column “date” is missing."),
        (b"client,date\n", "and 8 more."),
        (lines() + b"\nC-0001,\x00", "NUL"),
        ("ä".encode("latin-1") + lines(), "UTF-8"),
        (lines().decode().encode("utf-16"), "UTF-8"),
        (b'"' + lines(), "never closed"),
        (b"," * 5000 + b"\n", "columns"),
    ],
)
def test_what_is_no_such_file_is_said_at_once(owner, data, words):
    answer = send(owner, data)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert ImportRun.objects.count() == 0


def test_a_file_that_is_too_large_is_refused_unread(owner, settings):
    settings.IMPORT_MAX_BYTES = 1000
    answer = send(owner, b"x" * 30_000)
    assert answer.status_code == 413
    assert "The file is larger than" in answer.content.decode()
    assert ImportRun.objects.count() == 0


def test_the_token_of_the_form_is_needed(practice):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(MembershipFactory(practice=practice, roles="owner").user)
    assert send(browser, lines()).status_code == 403
    page = browser.get(reverse("dashboard:import_new")).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert send(browser, lines(), csrfmiddlewaretoken=token).status_code == 302


def test_no_plain_byte_of_a_file_is_stored(practice, owner):
    send(owner, lines("C-0001,2024-03-05," + ",".join("2" * 12)) + b"\ncanary" * 50_000)
    run = ImportRun.objects.get()
    stored = django_settings.DATA_DIR / "files" / run.file
    assert b"canary" not in stored.read_bytes()
    assert stored.stat().st_size > 300_000


def test_who_else_sees_nothing(practice, owner):
    send(owner, lines())
    run = ImportRun.objects.get()
    for roles in ("clinician", "supervisor"):
        browser = Browser()
        browser.force_login(MembershipFactory(practice=practice, roles=roles).user)
        for name, args in (
            ("imports", []),
            ("import_new", []),
            ("import_run", [run.pk]),
            ("import_problems", [run.pk]),
        ):
            assert browser.get(reverse(f"dashboard:{name}", args=args)).status_code == 404, (roles, name)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(practice, owner, count, django_assert_num_queries):
    for _ in range(count):
        ImportRun.objects.create(practice=practice, version=version_of(), ended_at=timezone.now(), state="done")
    owner.get(reverse("dashboard:imports"))
    with django_assert_num_queries(5):
        assert owner.get(reverse("dashboard:imports")).content.decode().count("<tr>") == count + 1


def test_progress_of_a_long_file(practice, owner):
    run = ImportRun.objects.create(
        practice=practice,
        version=version_of(),
        state="running",
        rows=1000,
        rows_read=250,
        asked_at=timezone.now() - timezone.timedelta(minutes=5),
    )
    page = owner.get(reverse("dashboard:import_status", args=[run.pk])).content.decode()
    assert "Checking: 250 of 1000 lines" in page
    assert 'value="25"' in page
    assert "load delay:10s" in page
    ImportRun.objects.update(rows_read=1000)
    page = owner.get(reverse("dashboard:import_status", args=[run.pk])).content.decode()
    assert "Writing all of it at once" in page
    assert "value=" not in page


def test_a_failed_run_says_so(practice, owner):
    run = ImportRun.objects.create(
        practice=practice, version=version_of(), state="failed", ended_at=timezone.now(), error="interrupted"
    )
    page = owner.get(reverse("dashboard:import_run", args=[run.pk])).content.decode()
    assert "interrupted several times" in page
    assert "on the server" in page


def test_what_is_recorded_has_no_content(practice, owner):
    send(owner, lines("C-0001,2024-03-05," + ",".join("9" * 12)))
    import_runs.work(ImportRun.objects.get().pk)
    rows = AuditEvent.objects.filter(subject="importrun")
    assert [row.action for row in rows.order_by("pk")] == ["history.asked", "history.refused"]
    assert "C-0001" not in json.dumps([row.detail for row in rows])
