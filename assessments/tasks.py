"""Celery's doorbells for this room: an id in, one call, nothing out."""

import uuid

from celery import shared_task

from assessments.actions import import_keeping, import_runs, psychometrics

LONGEST = 3600
"""Seconds for one file: its lease goes by its lines, and a broker that redelivers meanwhile finds nothing due."""


@shared_task(name="assessments.import_responses", soft_time_limit=LONGEST, time_limit=LONGEST + 60)
def import_responses(pk: str) -> None:
    """Bring one file, if it is still due."""
    import_runs.work(uuid.UUID(pk))


@shared_task(name="assessments.dispatch_imports")
def dispatch_imports() -> None:
    """Ring again whatever nobody answered."""
    import_keeping.dispatch()


@shared_task(name="assessments.sweep_imports")
def sweep_imports() -> None:
    """Remove files that no run waits for."""
    import_keeping.sweep_files()


@shared_task(name="assessments.count_stale")
def count_stale() -> None:
    """Count again how measures behave where something was sent."""
    psychometrics.count_stale()
