"""Starting the product's processes, and doing to them what machines do. Every wait has a deadline."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.utils import timezone

from config import run
from config.celery import app
from reports.models import Report

ROOT = Path(settings.BASE_DIR)
T = TypeVar("T")
WAIT = 40.0
"""So long (s) a process may take on a busy machine for what takes one or two seconds on a quiet one."""
LONG_LEASE = "120"
"""A lease that ends only when a test says so (``lease_over``)."""


def wait_until(predicate: Callable[[], T], seconds: float = WAIT, *, why: Callable[[], str] = str) -> T:
    """The first true value of ``predicate``; an ``AssertionError`` with ``why()`` when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := predicate()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {why()}"
        time.sleep(0.02)
    return value


def database_url() -> str:
    """The test database's address, as the product reads it."""
    parts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{quote(str(parts['NAME']))}"
    user = quote(parts["USER"]) + (f":{quote(parts['PASSWORD'])}" if parts["PASSWORD"] else "")
    return f"postgres://{user}@{parts['HOST'] or '127.0.0.1'}:{parts['PORT'] or 5432}/{quote(parts['NAME'])}"


def environment(**extra: str) -> dict[str, str]:
    """The environment of a process that works on the test's database, files, keys and broker."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    kept |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(settings.DATA_DIR), "LOG_LEVEL": "INFO"}
    return kept | {"DATABASE_URL": database_url(), "PYTHONUNBUFFERED": "1", "DISPATCH_SECONDS": "0.3"} | extra


class Process:
    """One of the processes that ``make run`` starts, in a group of its own, its output in a file."""

    def __init__(self, kind: str, log: Path, *arguments: str, **extra: str) -> None:
        command = [*run.commands(0, log.parent)[kind], *arguments]
        self.log = log
        with log.open("w") as output:
            self.popen = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(**extra),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=run.with_parent,
            )

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def did(self, task: str, message: str) -> bool:
        """Whether this process ran the task of this message to its end."""
        return f"{task}[{message}] succeeded" in self.output

    def signal(self, number: signal.Signals) -> None:
        """To the whole group, its pool children included."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)

    def kill(self) -> None:
        """``kill -9`` of the whole group."""
        self.signal(signal.SIGKILL)
        self.popen.wait(10)

    def children(self) -> list[int]:
        """The pool's processes."""
        path = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children")
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def stopped(pid: int) -> bool:
    """Whether a process has arrived at its stop (a signal takes a moment)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "TZ"


def freeze_when(pids: Callable[[], list[int]], there: Callable[[], bool]) -> list[int]:
    """SIGSTOP these processes while ``there()`` is true and no lock of the database is held; who was stopped.

    Looking and stopping are two moments, so it looks again once they stand still.
    """

    def attempt() -> list[int]:
        if not there():
            return []
        found = pids()
        for pid in found:
            os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: all(map(stopped, found)), 5)
        if there() and unlocked():
            return found
        for pid in found:
            os.kill(pid, signal.SIGCONT)
        return []

    deadline = time.monotonic() + WAIT
    while not (found := attempt()):
        assert time.monotonic() < deadline, "never there"
        time.sleep(0.001)
    return found


def unlocked() -> bool:
    """Whether others can write: a frozen process that holds the write lock would stop everybody."""
    if connection.vendor == "sqlite":
        with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as probe:
            try:
                probe.execute("BEGIN IMMEDIATE")
                probe.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return False
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state LIKE 'idle in transaction%' AND backend_xid IS NOT NULL"
        )
        return cursor.fetchone()[0] == 0


# --- reports -----------------------------------------------------------------------------------------------------
def states(reports: list[Report]) -> list[str]:
    return list(Report.objects.filter(pk__in=[one.pk for one in reports]).values_list("state", flat=True))


def drawing() -> bool:
    """Whether a worker is in the middle of a report: it read everything, and has saved nothing."""
    return Report.objects.filter(state=Report.State.RUNNING, step="drawing").exists()


def interrupted() -> Report:
    """The row that a worker had in hand when it was stopped."""
    return Report.objects.get(state=Report.State.RUNNING)


def lease_over(report: Report) -> None:
    """Move the end of a lease into the past, instead of waiting for it."""
    Report.objects.filter(pk=report.pk).update(lease_until=timezone.now())


def all_ready(reports: list[Report]) -> bool:
    return set(states(reports)) == {"ready"}


def ring(task: str, *ids: object, queue: str = "interactive") -> str:
    """Ring as the product does; the message's id."""
    return str(app.send_task(task, args=[str(one) for one in ids], queue=queue).id)


def files() -> list[str]:
    """Every file in storage, by its name there."""
    folder = Path(settings.DATA_DIR) / "files"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
