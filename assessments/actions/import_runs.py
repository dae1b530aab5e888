"""A run from asking to its end. A worker claims it by fence and lease, checks the file, then writes it at once.

While the file is checked the lease is renewed with the progress. Before writing it is set long enough for all lines:
one transaction shows nothing outside until it ends. The end is a conditional UPDATE on the fence, in that transaction:
whoever lost the lease writes nothing. A worker that is killed leaves no half of a file; the run is taken up again, and
after the last permitted try it is shown as failed. The file is removed whenever a run ends.
"""

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import importfiles
from assessments.actions import importing
from assessments.imports.columns import beginning
from assessments.models import ImportRun, InstrumentVersion
from assessments.queries.import_reading import Tally
from assessments.queries.imports import due
from assessments.queries.library import published
from practice import audit, jobs, leases
from practice.errors import Refused
from practice.models import Practice, User
from practice.sealedfiles import opened

log = logging.getLogger(__name__)

IMPORT, QUEUE = "assessments.import_responses", "bulk"
MAX_ATTEMPTS = 3
ROWS_A_SECOND = 100
"""Slower than this no line is written: the lease while writing."""
State = ImportRun.State


class Lost(Exception):
    """Another worker has the run now."""


def refuse_version(version: InstrumentVersion | None) -> InstrumentVersion:
    """A measure whose history may be brought, or ``Refused``."""
    if version is None:
        raise Refused(_("Choose a measure of the library."), "version")
    if version.definition.in_room_only:
        raise Refused(_("This measure is answered in the room only; its history is not brought."), "version")
    return version


def ask(
    *,
    by: User,
    practice: Practice,
    version: InstrumentVersion,
    file: File,
    pk: uuid.UUID,
    rows: int = 0,
    dry_run: bool = False,
    at: datetime | None = None,
) -> ImportRun:
    """Queue a file. ``file`` is sealed for the run ``pk`` already (``importfiles.context``); ``rows`` are its lines.

    What is wrong with its beginning is said at once: raises ``Refused`` with field ``file``.
    """
    at = at or timezone.now()
    refuse_version(version)
    problems = beginning(opened(file, importfiles.context(pk)), version.definition)
    if problems:
        raise Refused(" ".join(problems), "file")
    name = default_storage.save(importfiles.name(pk), file)
    try:
        with transaction.atomic():
            run = ImportRun.objects.create(
                pk=pk,
                practice=practice,
                version=version,
                asked_by=by,
                asked_at=at,
                dry_run=dry_run,
                file=name,
                rows=max(0, rows),
            )
            audit.write("history.asked", by=by, record=run, at=at, dry_run=dry_run)
            jobs.ring(IMPORT, run.pk, queue=QUEUE)
    except BaseException:
        default_storage.delete(name)
        raise
    return run


def bring(
    *,
    practice: Practice,
    version: InstrumentVersion,
    source: Callable[[], Iterator[bytes]],
    by: User | None = None,
    dry_run: bool = False,
    tell: Callable[[str, int], None],
    at: datetime | None = None,
) -> ImportRun:
    """Bring a file here and now (the command), with the same run, checks and audit row as the screen."""
    at = at or timezone.now()
    refuse_version(version)
    lease = timezone.now() + timedelta(seconds=settings.REPORT_LEASE_SECONDS)
    run = ImportRun.objects.create(
        practice=practice,
        version=version,
        asked_by=by,
        asked_at=at,
        dry_run=dry_run,
        state=State.RUNNING,
        attempts=MAX_ATTEMPTS,
        fence=1,
        lease_until=lease,
    )
    try:
        _work(_Lease(run, 1), source, tell)
    except BaseException as error:
        _end(_Lease(run, 1), State.FAILED, Tally(), reason=type(error).__name__)
        raise
    run.refresh_from_db()
    return run


@dataclass(frozen=True)
class _Lease:
    """The right to change a row: nobody else has this fence."""

    run: ImportRun
    fence: int

    def mine(self) -> Any:
        return ImportRun.objects.filter(pk=self.run.pk, fence=self.fence, state=State.RUNNING)

    def keep(self, seconds: float, **values: Any) -> None:
        """Renew the lease and say how far it is. Raises ``Lost``."""
        until = timezone.now() + timedelta(seconds=seconds)
        if not self.mine().update(lease_until=until, **values):
            raise Lost


def work(pk: uuid.UUID) -> str:
    """Do one run if it is due. Says what happened: nothing, done, refused, lost, queued or failed."""
    lease = _claim(pk)
    if lease is None:
        return "nothing"
    run = lease.run
    try:
        return _work(lease, lambda: importfiles.stored(run), lambda _step, _rows: None)
    except Lost:
        return "lost"
    except Exception as error:
        # Whatever went wrong stays on the row as a code; texts of exceptions may hold what must not be logged.
        log.warning("history not brought (%s)", type(error).__name__)
        return _failed(lease, type(error).__name__)


def _claim(pk: uuid.UUID) -> _Lease | None:
    fence = leases.claim(due, pk, most=MAX_ATTEMPTS, give_up=give_up, rows_read=0)
    if fence is None:
        return None
    run = ImportRun.objects.select_related("practice", "asked_by").get(pk=pk)
    return _Lease(run, fence) if run.fence == fence else None


def _work(lease: _Lease, source: Callable[[], Iterator[bytes]], tell: Callable[[str, int], None]) -> str:
    run, version, now = lease.run, published(lease.run.version_id), timezone.now()

    def checked(rows: int) -> None:
        lease.keep(settings.REPORT_LEASE_SECONDS, rows_read=rows)
        tell("checking", rows)

    tally = importing.check(source(), version, run.practice, now=now, tell=checked)
    if tally.problem_count:
        return _end(lease, State.REFUSED, tally)
    if run.dry_run or not tally.added:
        return _end(lease, State.DONE, tally)
    lease.keep(settings.REPORT_LEASE_SECONDS + tally.rows / ROWS_A_SECOND, rows=tally.rows, rows_read=tally.rows)
    with transaction.atomic():
        tally = importing.write(
            source(),
            version,
            run.practice,
            by=run.asked_by,
            digest=tally.digest,
            now=now,
            tell=lambda rows: tell("writing", rows),
        )
        if not tally.problem_count:
            return _end(lease, State.DONE, tally)
        transaction.set_rollback(True)
    return _end(lease, State.REFUSED, tally)


def _end(lease: _Lease, state: str, tally: Tally, *, reason: str = "") -> str:
    """End the run, if it is still this worker's: else ``Lost``, and what was written in the transaction is undone."""
    now, run = timezone.now(), lease.run
    counts = {
        "rows": tally.rows,
        "added": tally.added if state == State.DONE else 0,
        "present": tally.present,
        "problem_count": tally.problem_count,
    }
    run.problems = json.dumps([list(problem) for problem in tally.problems]) if tally.problems else None
    with transaction.atomic():
        changed = lease.mine().update(
            state=state,
            digest=tally.digest,
            rows_read=tally.rows,
            error=reason[:60],
            lease_until=None,
            ended_at=now,
            **counts,
        )
        if not changed:
            raise Lost
        run.save(update_fields=["problems"])
        done = "history.checked" if run.dry_run else "history.brought"
        detail: dict[str, Any] = {"via": "screen" if run.file else "command", **counts}
        audit.write(done if state == State.DONE else f"history.{state}", by=run.asked_by, record=run, at=now, **detail)
        transaction.on_commit(lambda: remove_file(run))
    return str(state)


def remove_file(run: ImportRun) -> None:
    """Remove a run's file, if it has one; one that cannot be removed now is swept later."""
    if run.file:
        try:
            default_storage.delete(run.file)
        except OSError as error:
            log.warning("file of an import not removed (%s)", type(error).__name__)


def give_up(row: ImportRun) -> None:
    """Show a run as failed whose last permitted worker let its lease run out."""
    with transaction.atomic():
        if leases.fail_interrupted(due, row, ended_at=timezone.now()):
            audit.write("history.failed", record=row)
            transaction.on_commit(lambda: remove_file(row))


def _failed(lease: _Lease, reason: str) -> str:
    """Queue it again, or show it as failed after the last attempt."""
    if lease.run.attempts >= MAX_ATTEMPTS:
        try:
            return _end(lease, State.FAILED, Tally(), reason=reason)
        except Lost:
            return "lost"
    changed = lease.mine().update(state=State.QUEUED, error=reason[:60], lease_until=None, rows_read=0)
    return "queued" if changed else "lost"
