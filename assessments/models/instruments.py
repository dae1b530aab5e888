"""Instruments as loaded from definition files. A version never changes; an edited file makes the next one."""

from django.db import models

from assessments.schema import Definition, definition_from_json
from practice.models import PublishedVersion, Record


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


class InstrumentVersion(PublishedVersion):
    """A published version of an instrument."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="versions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["instrument", "content_hash"], name="version_content_once"),
        ]

    @property
    def definition(self) -> Definition:
        return self.parsed(definition_from_json)
