"""Celery's doorbells for reports: an id in, one call, nothing out."""

import uuid

from celery import shared_task

from reports.actions import keeping, making


@shared_task(name="reports.make")
def make(pk: str) -> None:
    """Make one report, if it is still due."""
    making.make(uuid.UUID(pk))


@shared_task(name="reports.dispatch")
def dispatch() -> None:
    """Ring again whatever nobody answered."""
    keeping.dispatch()


@shared_task(name="reports.sweep_files")
def sweep_files() -> None:
    """Remove files without a row."""
    keeping.sweep_files()
