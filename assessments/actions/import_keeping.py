"""Ringing runs that are due, and removing files that no run waits for."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from assessments import importfiles
from assessments.actions import import_runs
from assessments.models import ImportRun
from assessments.queries.imports import due
from practice import leases

RINGS = 20
ORPHAN_AGE = timedelta(hours=1)
"""Younger files may belong to a request that is about to save its row."""


def dispatch() -> int:
    """Ring every waiting run and expired lease again; give up those without an attempt left. How many were rung."""
    rows, runs = due(timezone.now())[:RINGS], import_runs
    return leases.ring_due(rows, most=runs.MAX_ATTEMPTS, give_up=runs.give_up, task=runs.IMPORT, queue=runs.QUEUE)


def sweep_files() -> int:
    """Delete files that no unfinished run points to and that are older than an hour. How many."""
    if not default_storage.exists(importfiles.FOLDER):
        return 0
    removed = 0
    unfinished = ImportRun.objects.filter(state__in=(ImportRun.State.QUEUED, ImportRun.State.RUNNING))
    kept = set(unfinished.values_list("file", flat=True))
    for name in default_storage.listdir(importfiles.FOLDER)[1]:
        path = f"{importfiles.FOLDER}/{name}"
        if path not in kept and default_storage.get_modified_time(path) < timezone.now() - ORPHAN_AGE:
            default_storage.delete(path)
            removed += 1
    return removed
