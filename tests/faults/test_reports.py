"""A report is made exactly once, whatever happens to the processes that make it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import EMBEDDED
from practice.models import AuditEvent
from reports.actions import keeping
from reports.files import read
from reports.models import Report
from tests.faults.support import (
    ROOT,
    all_ready,
    drawing,
    environment,
    files,
    freeze_when,
    interrupted,
    lease_over,
    ring,
    states,
    wait_until,
)

HOURS_AGO = time.time() - 7200


def assert_each_made_once(reports: list[Report], again: dict[object, int]) -> None:
    """One file a row and no other, one line in the trail, a fence that says how often it was claimed."""
    rows = list(Report.objects.filter(pk__in=[one.pk for one in reports]).order_by("asked_at"))
    assert [(row.state, row.attempts, row.fence) for row in rows] == [
        ("ready", again.get(row.pk, 1), again.get(row.pk, 1)) for row in rows
    ]
    assert [read(row)[:5] for row in rows] == [b"%PDF-"] * len(reports)
    for path in (Path(settings.DATA_DIR) / "files").rglob("*"):
        os.utime(path, (HOURS_AGO, HOURS_AGO))  # so that nothing is too young to be swept
    keeping.sweep_files()
    assert files() == sorted(f"reports/{row.pk}/{row.fence}" for row in rows)
    made = AuditEvent.objects.filter(action="report-made").values_list("subject_id", flat=True)
    assert sorted(made) == sorted(row.pk for row in rows)


def published(reports):
    rows = Report.objects.filter(pk__in=[one.pk for one in reports])
    return set(rows.values_list("pk", "digest", "file", "fence", "finished_at"))


def group(process):
    return lambda: [process.popen.pid, *process.children()]


def test_worker_killed_in_the_middle_of_a_report(start, ask):
    """The whole group dies by ``kill -9``; after a restart and the end of the lease the report is made once."""
    lease = {"REPORT_LEASE_SECONDS": "8"}
    beat = start("beat", **lease)
    worker = start("worker", "--concurrency", "1", **lease)
    reports = ask(5)
    freeze_when(group(worker), drawing)
    worker.kill()
    cut = interrupted()
    half = Path(settings.DATA_DIR) / "files" / "reports" / str(cut.pk) / str(cut.fence)
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"half")  # what one killed between saving and publishing leaves behind
    start("worker", **lease)
    wait_until(lambda: all_ready(reports), why=lambda: str(states(reports)))
    assert_each_made_once(reports, {cut.pk: 2})
    assert beat.alive


def test_only_the_pool_child_killed(start, ask):
    """Nobody rings again (no beat): the message itself goes to another child, which takes over what ran out."""
    worker = start("worker", "--concurrency", "1")
    reports = ask(3)
    (child,) = freeze_when(worker.children, drawing)
    cut = interrupted()
    lease_over(cut)
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: all_ready(reports), why=lambda: str(states(reports)))
    assert child not in worker.children()
    assert worker.alive
    assert_each_made_once(reports, {cut.pk: 2})


def test_a_frozen_worker_comes_back_after_its_lease(start, ask):
    """It goes on where it stood while another has made the report: its result is dropped."""
    frozen = start("worker", "--concurrency", "1")
    reports = ask(3)
    freeze_when(group(frozen), drawing)
    cut = interrupted()
    lease_over(cut)
    other = start("worker")
    ring("reports.dispatch")
    wait_until(lambda: all_ready(reports), why=lambda: str(states(reports)))
    before = published(reports)
    other.kill()
    frozen.signal(signal.SIGCONT)
    later = ask(1)  # its only child can make this one when it is done with the old one
    wait_until(lambda: all_ready(later), why=lambda: str(states(later)))
    assert published(reports) == before
    assert_each_made_once(reports + later, {cut.pk: 2})


ASK = """
import django, sys, uuid
django.setup()
from clients.models import Client
from practice.models import User
from reports.actions import ask_progress
print(ask_progress(by=User.objects.get(pk=sys.argv[2]), client=Client.objects.get(pk=sys.argv[1])).pk)
"""


def ask_elsewhere(report: Report, **extra: str) -> tuple[Report, str]:
    """Ask for another report of the same kind in a process with this environment; the row, and what it logged."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(report.client_id), str(report.asked_by_id)],
        cwd=ROOT,
        env=environment(**extra),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return Report.objects.get(pk=done.stdout.strip()), done.stderr


def test_broker_away_when_asking(start, ask):
    """Nobody listens at the broker's address: the request is accepted at once, and made when a broker is there."""
    (known,) = ask(1)
    began = time.monotonic()
    asked, log = ask_elsewhere(known, CELERY_BROKER_URL="redis://127.0.0.1:1/0")
    assert time.monotonic() - began < 15
    assert "broker did not take reports.make" in log
    assert (asked.state, asked.attempts) == ("queued", 0)
    start("worker")
    start("beat")
    wait_until(lambda: all_ready([known, asked]), why=lambda: str(states([known, asked])))
    assert_each_made_once([known, asked], {})


@pytest.mark.skipif(not EMBEDDED, reason="only the embedded broker is a folder")
def test_broker_folder_unwritable_when_asking(start, ask):
    folder = settings.CELERY_BROKER_DIR
    away = folder.rename(folder.with_name("away"))
    folder.write_text("no folder")
    reports = ask(1)
    assert states(reports) == ["queued"]
    folder.unlink()
    away.rename(folder)
    (folder / "0.interactive.msg").touch()  # a file without a message stops no worker
    worker = start("worker")
    start("beat")
    wait_until(lambda: all_ready(reports), why=lambda: str(states(reports)))
    assert worker.alive
    assert_each_made_once(reports, {})
