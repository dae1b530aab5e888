"""Ringing what is due, and removing files that no row points to."""

import uuid
from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from practice import leases
from reports.actions.asking import MAKE, QUEUE
from reports.actions.making import give_up
from reports.models import Report
from reports.queries import MAX_ATTEMPTS, due

FOLDER = "reports"
ORPHAN_AGE = timedelta(hours=1)
"""Younger files may belong to a worker that is about to publish."""
RINGS = 50
"""At most so many a beat; the next beat rings the others."""


def dispatch() -> int:
    """Ring every queued row and expired lease again; give up those without an attempt left. How many were rung."""
    rows = due(timezone.now()).only("id", "attempts", "fence")[:RINGS]
    return leases.ring_due(rows, most=MAX_ATTEMPTS, give_up=give_up, task=MAKE, queue=QUEUE)


def sweep_files() -> int:
    """Delete report files that no row points to and that are older than an hour. How many."""
    if not default_storage.exists(FOLDER):
        return 0
    removed = 0
    for folder in default_storage.listdir(FOLDER)[0]:
        names = [f"{FOLDER}/{folder}/{name}" for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]]
        kept = set(Report.objects.filter(pk=folder).values_list("file", flat=True)) if _is_id(folder) else set()
        for name in names:
            if name not in kept and default_storage.get_modified_time(name) < timezone.now() - ORPHAN_AGE:
                default_storage.delete(name)
                removed += 1
    return removed


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
