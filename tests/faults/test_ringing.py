"""A message is only a doorbell: rung twice, by two beats or again by the broker, nothing is done twice."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings

from config.celery import app, limits
from practice.actions.mail import queue_mail
from practice.models import OutboxMessage
from tests.factories.practice import UserFactory
from tests.faults.support import ROOT, all_ready, environment, ring, states, wait_until
from tests.faults.test_reports import assert_each_made_once

RUNG = {entry["task"] for entry in app.conf.beat_schedule.values()}


def mails():
    """Each mail that was written. Two processes that write in the same second may share a file, which ends each mail
    with a line of hyphens."""
    files = (path.read_bytes() for path in (Path(settings.DATA_DIR) / "mail").glob("*"))
    return sorted(mail for file in files for mail in file.split(b"-" * 79 + b"\n") if mail.strip())


def queue(number):
    user = UserFactory(sign_in=f"person-{number}@example.test")
    return queue_mail("sign-in-changed", purpose=f"p{number}", subject_id=user.pk, practice=None)


def test_two_beats_and_everything_delivered_again(start, ask):
    start("beat", DISPATCH_SECONDS="0.1")
    start("beat", DISPATCH_SECONDS="0.1")
    worker = start("worker")
    reports, letters = ask(4), [queue(number) for number in range(3)]
    wait_until(lambda: all_ready(reports), why=lambda: str(states(reports)))
    wait_until(lambda: not OutboxMessage.objects.exclude(state="sent").exists())
    before = mails()
    again = [("reports.make", ring("reports.make", report.pk)) for report in reports]
    again += [(task, ring(task, queue=app.conf.task_routes[task]["queue"])) for task in sorted(RUNG)]
    wait_until(lambda: all(worker.did(*one) for one in again), why=lambda: worker.output)
    assert_each_made_once(reports, {})
    assert len(before) == len(letters)
    assert mails() == before
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}
    assert [line for line in worker.output.splitlines() if "ERROR" in line or "KeyError" in line] == []


def test_a_fresh_process_knows_what_beat_rings():
    """As a worker loads it: nothing that the tests have imported helps."""
    code = "from config.celery import app; app.loader.import_default_modules(); print(*app.tasks)"
    known = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert set(known.stdout.split()) >= RUNG


def test_a_worker_stops_before_its_lease_ends_and_before_the_broker_delivers_again():
    wrong = []
    for lease in range(4, 3601):  # what REPORT_LEASE_SECONDS may be
        soft, hard, visibility = limits(lease)
        if not 0 < soft < hard < lease < visibility:
            wrong.append(lease)
    assert wrong == []
