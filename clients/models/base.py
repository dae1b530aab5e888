"""What every clinical row has: its client and its practice, which always agree."""

from typing import Any

from django.db import models

from practice.models import Practice, Record


class ClientRow(Record):
    """A row of one client. ``practice`` is taken from the client when saved; PostgreSQL holds it by a composite key
    (``practice/composite.py``), and ``manage.py check_practices`` proves it on both databases."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+", editable=False)
    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="%(class)ss")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.practice_id = self.client.practice_id
        super().save(*args, **kwargs)
