"""A file of history is brought whole and once, whatever happens to the worker that brings it."""

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from assessments import importfiles
from assessments.actions import import_runs
from assessments.actions.trajectories import rebuild
from assessments.models import ImportRun, Response, Score
from clients.barriers import CODES
from practice.models import AuditEvent
from practice.sealedfiles import Sealer
from tests.factories.assessments import version_of
from tests.factories.clients import ClientFactory
from tests.factories.practice import MembershipFactory
from tests.faults.support import files, wait_until

LINES = 4000
LEASE = {"REPORT_LEASE_SECONDS": "4"}


@pytest.fixture
def asked(start):
    """A run of some thousand lines."""
    owner = MembershipFactory(roles="owner")
    version = version_of()
    clients = [ClientFactory(practice=owner.practice, code=f"C-{number}") for number in range(40)]
    days = [f"20{21 + n // 48}-{1 + n // 4 % 12:02}-{1 + n % 4 * 7:02}" for n in range(LINES // len(clients))]
    lines = [",".join(["client", "date", *CODES])]
    lines += [f"{client.code},{day}," + ",".join("2" * 12) for day in days for client in clients]
    run, file = ImportRun(), ContentFile(b"")
    sealer = Sealer(file, importfiles.context(run.pk))
    sealer.write("\n".join(lines).encode())
    sealer.close()
    file.seek(0)
    return lambda: import_runs.ask(
        by=owner.user, practice=owner.practice, version=version, file=file, pk=run.pk, rows=LINES
    )


def state_of(run: ImportRun) -> str:
    return ImportRun.objects.values_list("state", flat=True).get(pk=run.pk)


def test_worker_killed_while_it_writes(start, asked):
    """``kill -9`` in the middle of the writing: nothing of the file is there; the next worker brings all of it."""
    worker = start("worker", "--concurrency", "1", **LEASE)
    run = asked()
    wait_until(lambda: ImportRun.objects.filter(pk=run.pk, state="running", rows_read=LINES).exists())
    worker.kill()
    cut = ImportRun.objects.get(pk=run.pk)
    assert cut.state == "running", "it was written before it was killed: more LINES are needed here"
    assert (Response.objects.count(), Score.objects.count(), cut.added) == (0, 0, 0)
    ImportRun.objects.filter(pk=run.pk).update(lease_until=timezone.now())  # instead of waiting for it
    start("beat", **LEASE)
    start("worker", "--concurrency", "1", **LEASE)
    wait_until(lambda: state_of(run) == "done", 120, why=lambda: state_of(run))
    run.refresh_from_db()
    assert (run.added, run.attempts, run.fence) == (LINES, 2, 2)
    assert (Response.objects.count(), Score.objects.count()) == (LINES, LINES * 14)
    assert rebuild(check=True) == []
    wait_until(lambda: files() == [])
    assert AuditEvent.objects.filter(action="history.brought").count() == 1
