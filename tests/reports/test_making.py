"""Nothing is lost, nothing is done twice: claims, leases, fences, attempts, files, the dispatcher, the sweeper."""

import datetime as dt
import errno
import uuid

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.utils import timezone

from clients.models import CareAssignment
from practice import jobs
from practice.errors import Refused
from practice.models import AuditEvent
from reports import actions, files, tasks
from reports.actions import keeping, making
from reports.models import Report
from tests.factories.reports import ReportFactory, clinician_of, course

PDF = b"%PDF-1.7 made by a test"


@pytest.fixture(autouse=True)
def storage(tmp_path, settings):
    """Files of one test do not reach the next."""
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    return tmp_path


@pytest.fixture
def drawn(monkeypatch):
    """Drawing takes no time, and says how often it was done."""
    calls = []
    monkeypatch.setattr(making.pdf, "progress_pdf", lambda built: calls.append(built) or PDF)
    return calls


@pytest.fixture
def report(db):
    return ReportFactory(client=course(2))


def stored(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def later(report, **fields):
    Report.objects.filter(pk=report.pk).update(**fields)
    report.refresh_from_db()


def actions_of(report):
    return list(AuditEvent.objects.filter(subject_id=report.pk).order_by("id").values_list("action", flat=True))


def test_a_report_is_made_sealed_and_published(report, storage):
    assert making.make(report.pk) == "ready"
    report.refresh_from_db()
    assert (report.state, report.progress, report.attempts, report.fence, report.lease_until) == (
        "ready",
        100,
        1,
        1,
        None,
    )
    assert stored(storage) == [f"reports/{report.pk}/1"]
    data = files.read(report)
    assert (data[:5], len(data)) == (b"%PDF-", report.size)
    assert b"%PDF" not in (storage / report.file).read_bytes()
    assert actions_of(report) == ["report-made"]


def test_redelivered_after_it_was_made_nothing_happens(report, storage, drawn):
    tasks.make(str(report.pk))
    before = stored(storage)
    tasks.make(str(report.pk))
    assert (len(drawn), stored(storage), actions_of(report)) == (1, before, ["report-made"])


def test_two_workers_claim_one(report):
    first, second = making.claim(report.pk), making.claim(report.pk)
    assert (first.fence, second) == (1, None)


def test_a_claim_between_reading_and_writing_is_noticed(report, monkeypatch):
    """Both read the queued row; the second one's conditional UPDATE finds another fence."""
    row = Report.objects.get(pk=report.pk)
    monkeypatch.setattr(making, "due", lambda now: Report.objects.filter(state="queued"))
    making.claim(report.pk)
    changed = Report.objects.filter(pk=row.pk, fence=row.fence, state="queued").update(fence=row.fence + 1)
    assert changed == 0


def test_a_worker_that_lost_its_lease_changes_nothing_and_removes_its_file(report, storage, drawn, monkeypatch):
    """While the first draws, its lease ends and a second worker makes the report."""

    def slow(built):
        if not drawn:
            drawn.append(built)
            later(report, lease_until=timezone.now() - dt.timedelta(seconds=1))
            assert making.make(report.pk) == "ready"
            return b"late"
        return PDF

    monkeypatch.setattr(making.pdf, "progress_pdf", slow)
    assert making.make(report.pk) == "lost"
    report.refresh_from_db()
    assert (report.state, report.fence, files.read(report)) == ("ready", 2, PDF)
    assert stored(storage) == [f"reports/{report.pk}/2"]


def test_a_worker_that_lost_its_lease_to_one_still_at_work_changes_nothing(report):
    """Running, and within a lease: only the fence tells whose."""
    late = making.claim(report.pk)
    later(report, lease_until=timezone.now() - dt.timedelta(seconds=1))
    other = making.claim(report.pk)
    name = f"reports/{report.pk}/{late.fence}"
    assert [late.step("saving"), making._publish(late, name, PDF, ""), making._failed(late, "late")] == [
        False,
        False,
        "lost",
    ]
    report.refresh_from_db()
    assert (report.state, report.step, report.file, report.fence) == ("running", "", "", other.fence)


def test_a_worker_finishing_after_its_lease_is_dropped_though_nobody_took_over(report, storage, drawn, monkeypatch):
    saved = FileSystemStorage.save

    def slow(self, name, content):
        later(report, lease_until=timezone.now() - dt.timedelta(seconds=1))
        return saved(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "save", slow)
    assert making.make(report.pk) == "lost"
    report.refresh_from_db()
    assert (report.state, report.file, stored(storage)) == ("running", "", [])
    monkeypatch.undo()
    monkeypatch.setattr(making.pdf, "progress_pdf", lambda built: PDF)
    assert making.make(report.pk) == "ready"


def test_a_killed_worker_is_replaced_when_its_lease_ends(report, drawn):
    making.claim(report.pk)  # and then kill -9
    assert making.make(report.pk) == "nothing"
    later(report, lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert making.make(report.pk) == "ready"
    report.refresh_from_db()
    assert (report.attempts, report.fence) == (2, 2)


def test_attempts_are_capped_and_the_failure_is_visible(report, monkeypatch):
    def broken(built):
        raise RuntimeError("Mara Quist")

    monkeypatch.setattr(making.pdf, "progress_pdf", broken)
    assert [making.make(report.pk) for _ in range(4)] == ["queued", "queued", "failed", "nothing"]
    report.refresh_from_db()
    assert (report.state, report.error, report.attempts) == ("failed", "RuntimeError", 3)
    assert actions_of(report) == ["report-failed"]


def test_no_name_reaches_the_log(report, monkeypatch, caplog):
    def broken(built):
        raise RuntimeError("Mara Quist")

    monkeypatch.setattr(making.pdf, "progress_pdf", broken)
    making.make(report.pk)
    assert [record.getMessage() for record in caplog.records] == ["report not made (RuntimeError)"]
    assert not any(record.exc_info for record in caplog.records)


def test_a_full_disk_is_a_visible_failure_without_a_half_file(report, storage, drawn, monkeypatch):
    def full(self, name, content):
        (storage / name).parent.mkdir(parents=True, exist_ok=True)
        (storage / name).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(FileSystemStorage, "save", full)
    assert [making.make(report.pk) for _ in range(3)] == ["queued", "queued", "failed"]
    report.refresh_from_db()
    assert (report.state, report.error, stored(storage)) == ("failed", "storage", [])


def test_a_worker_killed_three_times_is_given_up_by_the_dispatcher(report, monkeypatch):
    rung = []
    monkeypatch.setattr("practice.jobs.ring_now", lambda *args, **kwargs: rung.append(args) or True)
    later(report, state="running", attempts=3, fence=3, lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert keeping.dispatch() == 0
    report.refresh_from_db()
    assert (report.state, report.error, rung) == ("failed", "interrupted", [])


def test_withheld_when_access_is_gone(report, storage, drawn):
    CareAssignment.objects.filter(client=report.client).update(
        starts_on=dt.date(2025, 1, 1), ends_on=dt.date(2025, 2, 1)
    )
    assert making.make(report.pk) == "withheld"
    report.refresh_from_db()
    assert (report.state, report.error, drawn, stored(storage)) == ("withheld", "withheld", [], [])


def test_withheld_when_the_asker_was_deactivated(report, drawn):
    report.asked_by.is_active = False
    report.asked_by.save()
    assert (making.make(report.pk), drawn) == ("withheld", [])


def test_an_unknown_report_is_nothing(db):
    assert making.make(uuid.uuid4()) == "nothing"


def test_progress_is_in_the_row(report, monkeypatch):
    seen = []

    def look(built):
        seen.append(Report.objects.values_list("step", "progress").get(pk=report.pk))
        return PDF

    monkeypatch.setattr(making.pdf, "progress_pdf", look)
    making.make(report.pk)
    assert seen == [("drawing", 55)]


# --- asking -------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(db):
    return course(0)


def test_asking_makes_a_row_and_rings_after_commit(client, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(jobs, "ring_now", lambda *args, **kwargs: rung.append((args, kwargs)))
    with django_capture_on_commit_callbacks(execute=True):
        report = actions.ask_progress(by=clinician_of(client), client=client)
    assert rung == [(("reports.make", report.pk), {"queue": "interactive"})]
    assert (report.state, report.options) == ("queued", {"period": "episode", "charts": ["focus", "burden"]})
    assert actions_of(report) == ["report-asked"]


def test_the_same_form_twice_asks_once(client):
    key, by = uuid.uuid4(), clinician_of(client)
    first = actions.ask_progress(by=by, client=client, key=key)
    assert actions.ask_progress(by=by, client=client, key=key).pk == first.pk
    assert (Report.objects.count(), actions_of(first)) == (1, ["report-asked"])


def test_a_key_used_about_another_client_is_refused(client):
    key, by = uuid.uuid4(), clinician_of(client)
    actions.ask_progress(by=by, client=client, key=key)
    with pytest.raises(Refused):
        actions.ask_progress(by=by, client=course(0), key=key)
    assert Report.objects.count() == 1


def test_keys_of_two_people_do_not_meet(client):
    key = uuid.uuid4()
    actions.ask_progress(by=clinician_of(client), client=client, key=key)
    other = course(0)
    actions.ask_progress(by=clinician_of(other), client=other, key=key)
    assert Report.objects.count() == 2


def test_unknown_options_are_refused_and_nothing_is_written(client):
    with pytest.raises(Refused):
        actions.ask_progress(by=clinician_of(client), client=client, options={"period": "x"})
    assert (Report.objects.count(), AuditEvent.objects.filter(action="report-asked").count()) == (0, 0)


def test_with_the_broker_away_the_row_stays_queued(client, settings, django_capture_on_commit_callbacks):
    settings.CELERY_APP = "config.nothing.there"
    with django_capture_on_commit_callbacks(execute=True):
        report = actions.ask_progress(by=clinician_of(client), client=client)
    report.refresh_from_db()
    assert report.state == "queued"


def test_retry_queues_once_and_is_asked_by_who_presses(report):
    later(report, state="failed", attempts=3, error="storage", asked_by=clinician_of(course(0)))
    by = clinician_of(report.client)
    actions.retry(by=by, report=report)
    assert (report.state, report.attempts, report.error, report.asked_by) == ("queued", 0, "", by)
    with pytest.raises(Refused):
        actions.retry(by=by, report=report)
    assert actions_of(report) == ["report-retried"]


def test_after_a_retry_the_fence_goes_on(report, drawn):
    later(report, state="failed", attempts=3, fence=3)
    actions.retry(by=report.asked_by, report=report)
    assert making.make(report.pk) == "ready"
    report.refresh_from_db()
    assert (report.fence, report.attempts) == (4, 1)


# --- keeping ------------------------------------------------------------------------------------------------------


def test_the_dispatcher_rings_queued_rows_and_expired_leases_only(report, monkeypatch):
    rung = []
    monkeypatch.setattr("practice.jobs.ring_now", lambda task, pk, queue: rung.append(pk) or True)
    client = report.client
    now = timezone.now()
    expired = ReportFactory(client=client, state="running", lease_until=now - dt.timedelta(seconds=1))
    ReportFactory(client=client, state="running", lease_until=now + dt.timedelta(seconds=60))
    ReportFactory(client=client, state="failed")
    ReportFactory(client=client, state="ready", file="reports/x/1")
    assert keeping.dispatch() == 2
    assert sorted(rung) == sorted([report.pk, expired.pk])


def test_the_dispatcher_is_one_query(db, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("practice.jobs.ring_now", lambda *args, **kwargs: True)
    client = course(0)
    for _ in range(3):
        ReportFactory(client=client)
    with django_assert_num_queries(1):
        keeping.dispatch()


def test_the_sweeper_removes_old_files_without_a_row(report, storage, drawn, monkeypatch):
    making.make(report.pk)
    report.refresh_from_db()
    orphan, stranger = f"reports/{report.pk}/9", "reports/not-an-id/1"
    for name in (orphan, stranger):
        (storage / name).parent.mkdir(parents=True, exist_ok=True)
        (storage / name).write_bytes(b"x")
    assert keeping.sweep_files() == 0  # younger than an hour: a worker may be about to publish
    monkeypatch.setattr(keeping, "ORPHAN_AGE", dt.timedelta(seconds=-1))
    assert keeping.sweep_files() == 2
    assert stored(storage) == [report.file]


def test_the_sweeper_with_nothing_there(db):
    assert keeping.sweep_files() == 0


# --- files --------------------------------------------------------------------------------------------------------


def test_a_lost_file_becomes_a_failure_that_can_be_made_again(report, storage, drawn):
    making.make(report.pk)
    report.refresh_from_db()
    (storage / report.file).unlink()
    with pytest.raises(files.FileLost):
        files.read(report)
    actions.mark_lost(report)
    report.refresh_from_db()
    assert (report.state, report.error, report.file) == ("failed", "lost", "")


def test_a_file_moved_to_another_report_does_not_open(report, storage, drawn):
    other = ReportFactory(client=report.client)
    for row in (report, other):
        making.make(row.pk)
        row.refresh_from_db()
    (storage / report.file).write_bytes((storage / other.file).read_bytes())
    with pytest.raises(Exception, match="moved"):
        files.read(report)


def test_two_threads_make_one_artifact(real_transactions, storage):
    """Two real connections claim at the same time."""
    import threading

    report = ReportFactory(client=course(1))
    results, start = [], threading.Barrier(2)

    def work():
        start.wait()
        try:
            results.append(making.make(report.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.refresh_from_db()
    assert sorted(results) == ["nothing", "ready"]
    assert (report.attempts, stored(storage)) == (1, [f"reports/{report.pk}/1"])
