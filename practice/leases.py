"""Jobs as rows that workers take: claimed by a conditional UPDATE that raises the fence and sets a lease.

A row has ``state`` (queued, running, failed and others), ``attempts``, ``fence``, ``lease_until`` and ``error``.
``due(now)`` gives the rows that wait, and those whose worker let its lease run out. Whoever holds another fence changes
nothing.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import timezone

from practice import jobs

Row = TypeVar("Row", bound=Model)
Due = Callable[[datetime], QuerySet[Row]]
RUNNING, FAILED, INTERRUPTED = "running", "failed", "interrupted"


def claim(due: Due, pk: uuid.UUID, *, most: int, give_up: Callable[[Any], None], **started: Any) -> int | None:
    """Take a row that is due; its fence, or none when another worker was first. ``started`` are further fields to set.

    A row whose ``most`` attempts are over is given up instead.
    """
    now = timezone.now()
    row: Any = due(now).filter(pk=pk).first()
    if row is None:
        return None
    if row.attempts >= most:
        give_up(row)
        return None
    fence: int = row.fence + 1
    lease = now + timedelta(seconds=settings.REPORT_LEASE_SECONDS)
    mine = due(now).filter(pk=pk, fence=row.fence).order_by()
    taken = mine.update(state=RUNNING, fence=fence, attempts=row.attempts + 1, lease_until=lease, **started)
    return fence if taken else None


def fail_interrupted(due: Due, row: Any, **ended: Any) -> bool:
    """Show a row as failed whose last permitted worker let its lease run out; whether it was this call.

    Part of the room's action, which writes the audit row in the same transaction.
    """
    mine = due(timezone.now()).filter(pk=row.pk, fence=row.fence).order_by()
    return bool(mine.update(state=FAILED, fence=row.fence + 1, lease_until=None, error=INTERRUPTED, **ended))


def ring_due(rows: QuerySet[Row], *, most: int, give_up: Callable[[Any], None], task: str, queue: str) -> int:
    """Ring each of these rows again, and give up those without an attempt left. How many were rung."""
    rung = 0
    row: Any  # the rows' models share no base
    for row in rows:
        if row.attempts >= most:
            give_up(row)
        else:
            rung += jobs.ring_now(task, row.pk, queue=queue)
    return rung
