"""Real commits, an empty broker and storage, and processes that end with the test."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import EMBEDDED, QUEUES, app
from practice import audit
from reports.actions import ask_progress
from reports.models import Report
from tests.factories.reports import clinician_of, course
from tests.faults.support import LONG_LEASE, Process


def empty_broker() -> None:
    with app.connection_for_write() as connected:
        channel = connected.default_channel
        for queue in QUEUES:
            app.amqp.queues[queue](channel).declare()
            channel.queue_purge(queue)
        if not EMBEDDED:  # what killed workers had taken and never acknowledged
            channel.client.delete("unacked", "unacked_index")


@pytest.fixture
def start(transactional_db: None, tmp_path: Path) -> Callable[..., Process]:
    """``start("worker", …)`` or ``start("beat")``, with further arguments and environment."""
    for name in ("files", "mail"):
        shutil.rmtree(Path(settings.DATA_DIR) / name, ignore_errors=True)
    (tmp_path / "run").mkdir()
    empty_broker()
    started: list[Process] = []

    def starter(kind: str, *arguments: str, **extra: str) -> Process:
        name = f"{kind}{len(started)}"
        named = ["--hostname", f"{name}@test", "--loglevel", "INFO"] if kind == "worker" else []
        if kind == "beat":
            arguments = ("--schedule", str(tmp_path / "run" / name), *arguments)
        process = Process(
            kind, tmp_path / f"{name}.log", *named, *arguments, **{"REPORT_LEASE_SECONDS": LONG_LEASE, **extra}
        )
        started.append(process)
        return process

    yield starter
    for process in started:
        process.kill()
    for process in started:
        print(f"--- {process.log.name}\n{process.output}")
    empty_broker()
    audit.drop_triggers()  # only for emptying the tables


@pytest.fixture
def ask(start: object) -> Callable[[int], list[Report]]:
    """Ask for so many reports about one client, as the clinician who cares for them."""
    client = course(3)
    by = clinician_of(client)
    return lambda count: [ask_progress(by=by, client=client) for _ in range(count)]
