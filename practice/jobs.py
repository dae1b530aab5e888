"""Rings Celery tasks by name once the transaction is committed. A message is only a doorbell.

The row that says what to do is already in the database, and a dispatcher rings again for whatever nobody answered:
so a broker that is away is logged and swallowed.
"""

import logging
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)


def ring(task: str, *ids: object, queue: str = "interactive") -> None:
    """Send ``task`` with ids (as text) after commit."""
    transaction.on_commit(partial(ring_now, task, *ids, queue=queue))


def ring_now(task: str, *ids: object, queue: str = "interactive") -> bool:
    """Send at once; whether the broker took it."""
    try:
        import_string(settings.CELERY_APP).send_task(task, args=[str(value) for value in ids], queue=queue)
    except Exception as error:
        log.warning("broker did not take %s (%s)", task, type(error).__name__)
        return False
    return True
