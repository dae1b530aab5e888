"""What rows share: random ids and one-time links."""

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone


class Record(models.Model):
    """A row with a random id, fit for URLs and known before saving (encrypted fields are bound to it)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class OneTimeLink(Record):
    """A link that works once: only the hash is stored, it expires and can be revoked.

    The token itself is derived from the row (``practice/tokens.py``), so that mail can be sent, and sent again,
    without any row holding it. ``generation`` counts renewals: raising it makes earlier links useless.
    """

    token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 unique if set
    generation = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def is_live(self, at: datetime) -> bool:
        """Whether the link may still be used at this time."""
        return self.used_at is None and self.revoked_at is None and at < self.expires_at
