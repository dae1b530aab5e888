"""Instruments as loaded from definition files. A version never changes; an edited file makes the next one."""

from typing import Any

from django.db import models
from django.utils import timezone

from assessments.schema import Definition, definition_from_json
from practice.models import Record


class Instrument(Record):
    """A family of versions under one slug and language. ``title`` and ``neutral_title`` follow the newest version."""

    slug = models.SlugField(max_length=60)
    language = models.CharField(max_length=8, default="en")
    title = models.CharField(max_length=120)
    neutral_title = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug", "language"], name="instrument_once")]

    def __str__(self) -> str:
        return self.title


class InstrumentVersion(Record):
    """An immutable definition, found by its content hash."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    data = models.JSONField()
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["instrument", "content_hash"], name="version_content_once"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a published version never changes")
        super().save(*args, **kwargs)

    @property
    def definition(self) -> Definition:
        """The parsed definition, kept in this process by content hash."""
        return _parsed(self)


_definitions: dict[str, Definition] = {}


def _parsed(version: InstrumentVersion) -> Definition:
    found = _definitions.get(version.content_hash)
    if found is None:
        found = _definitions[version.content_hash] = definition_from_json(version.data)
    return found
