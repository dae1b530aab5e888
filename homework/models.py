"""The exercise library as loaded from files. A version never changes."""

from typing import Any

from django.db import models
from django.utils import timezone

from homework.schema import ExerciseDefinition, exercise_from_json
from practice.models import Record

_definitions: dict[str, ExerciseDefinition] = {}


class Exercise(Record):
    """A family of versions under one slug and language; ``title`` follows the newest version."""

    slug = models.SlugField(max_length=80)
    language = models.CharField(max_length=8, default="en")
    title = models.CharField(max_length=120)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug", "language"], name="exercise_once")]

    def __str__(self) -> str:
        return self.title


class ExerciseVersion(Record):
    """An immutable definition, found by its content hash."""

    exercise = models.ForeignKey(Exercise, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    data = models.JSONField()
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exercise", "number"], name="exercise_version_once"),
            models.UniqueConstraint(fields=["exercise", "content_hash"], name="exercise_content_once"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a published version never changes")
        super().save(*args, **kwargs)

    @property
    def definition(self) -> ExerciseDefinition:
        found = _definitions.get(self.content_hash)
        if found is None:
            found = _definitions[self.content_hash] = exercise_from_json(self.data)
        return found
