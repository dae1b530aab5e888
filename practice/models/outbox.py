"""Mail to be sent: one row a message, unique by purpose, holding a template and ids only."""

import uuid

from django.db import models
from django.utils import timezone

from practice.models.base import Record


class OutboxMessage(Record):
    """A message to one user or address-bearing row. Never a raw token, an address or a clinical word.

    ``purpose`` is the idempotency key. ``at_least_once`` messages (safety, reset) are sent again when it is unknown
    whether they left; the others become ``uncertain`` and are shown.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        UNCERTAIN = "uncertain"
        FAILED = "failed"
        WITHHELD = "withheld"

    practice_id = models.UUIDField(null=True, db_index=True)
    purpose = models.CharField(max_length=120, unique=True)
    template = models.CharField(max_length=40)
    subject_id = models.UUIDField(default=uuid.uuid4)
    at_least_once = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "not_before"])]
