"""Making a report: claim, build, draw, save, publish. Nothing is lost, nothing is done twice.

A worker *claims* a row by a conditional UPDATE that raises the fence and sets a lease. It builds and draws in memory,
saves a sealed file named after the fence, and *publishes* by a conditional UPDATE on the same fence while the lease
runs. Whoever lost the lease changes nothing and removes its own file. ``Report.attempts`` is capped.
"""

import hashlib
import logging
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from practice import audit, leases
from practice.crypto import seal_bytes
from reports import pdf
from reports.builders.progress import Withheld, build_progress
from reports.files import seal_context
from reports.models import Report
from reports.queries import MAX_ATTEMPTS, due

log = logging.getLogger(__name__)

STEPS = {"collecting": 20, "drawing": 55, "saving": 85}
"""Steps that a report goes through, with the progress (0–100) at their beginning."""


@dataclass(frozen=True)
class Lease:
    """The right to change a row: nobody else has this fence."""

    report: Report
    fence: int
    since: datetime

    def mine(self) -> Any:
        """The row, if this worker still holds it and in time."""
        return Report.objects.filter(
            pk=self.report.pk, fence=self.fence, state=Report.State.RUNNING, lease_until__gt=timezone.now()
        )

    def step(self, name: str) -> bool:
        """Say how far it is; whether the lease still holds."""
        return bool(self.mine().update(step=name, progress=STEPS[name]))


def make(pk: uuid.UUID) -> str:
    """Make one report if it is due. Says what happened: nothing, ready, withheld, lost, queued or failed."""
    lease = claim(pk)
    if lease is None:
        return "nothing"
    try:
        lease.step("collecting")
        built = build_progress(lease.report)
        lease.step("drawing")
        data = pdf.progress_pdf(built)
        if not lease.step("saving"):
            return "lost"
        return _save_and_publish(lease, data, built.provenance.inputs_hash)
    except Withheld:
        return _stop(lease, Report.State.WITHHELD, "withheld")
    except Exception as error:
        # Whatever went wrong stays on the row as a code; texts of exceptions may hold what must not be logged.
        log.warning("report not made (%s)", type(error).__name__)
        return _failed(lease, "storage" if isinstance(error, OSError) else type(error).__name__)


def claim(pk: uuid.UUID) -> Lease | None:
    """Take a queued row, or one whose lease ran out; nothing when another worker was first."""
    since = timezone.now()
    fence = leases.claim(due, pk, most=MAX_ATTEMPTS, give_up=give_up, progress=5, step="", error="")
    if fence is None:
        return None
    report = Report.objects.select_related("client__practice", "asked_by").get(pk=pk)
    return Lease(report, fence, since) if report.fence == fence else None


def give_up(row: Report) -> None:
    """Show a row as failed whose last permitted worker let its lease run out."""
    with transaction.atomic():
        if leases.fail_interrupted(due, row, finished_at=timezone.now()):
            audit.write("report-failed", record=row, reason=leases.INTERRUPTED)


def mark_lost(report: Report) -> None:
    """Show a ready report as failed whose file is gone, so that it can be made again."""
    with transaction.atomic():
        changed = Report.objects.filter(pk=report.pk, state=Report.State.READY, fence=report.fence).update(
            state=Report.State.FAILED, file="", error="lost"
        )
        if changed:
            audit.write("report-failed", record=report, reason="lost")


def _save_and_publish(lease: Lease, data: bytes, inputs_hash: str) -> str:
    name = f"reports/{lease.report.pk}/{lease.fence}"
    sealed = ContentFile(seal_bytes(data, seal_context(lease.report, lease.fence)))
    published = False
    try:
        stored = default_storage.save(name, sealed)
        published = _publish(lease, stored, data, inputs_hash)
    finally:
        if not published:
            default_storage.delete(name)
    return "ready" if published else "lost"


def _publish(lease: Lease, name: str, data: bytes, inputs_hash: str) -> bool:
    now = timezone.now()
    with transaction.atomic():
        changed = lease.mine().update(
            state=Report.State.READY,
            file=name,
            size=len(data),
            digest=hashlib.sha256(data).hexdigest(),
            inputs_hash=inputs_hash,
            progress=100,
            step="",
            lease_until=None,
            read_at=lease.since,
            finished_at=now,
        )
        if changed:
            audit.write("report-made", record=lease.report, at=now, attempts=lease.report.attempts, size=len(data))
    return bool(changed)


def _stop(lease: Lease, state: Report.State, reason: str, *, at: datetime | None = None) -> str:
    at = at or timezone.now()
    with transaction.atomic():
        changed = lease.mine().update(state=state, error=reason[:60], lease_until=None, finished_at=at, step="")
        if changed:
            audit.write(f"report-{state}", record=lease.report, at=at, reason=reason[:60])
    return str(state) if changed else "lost"


def _failed(lease: Lease, reason: str) -> str:
    """Queue it again, or show it as failed after the last attempt."""
    if lease.report.attempts >= MAX_ATTEMPTS:
        return _stop(lease, Report.State.FAILED, reason)
    changed = lease.mine().update(state=Report.State.QUEUED, error=reason[:60], lease_until=None, step="", progress=0)
    return "queued" if changed else "lost"
