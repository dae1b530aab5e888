"""The exercise library as loaded from files. A version never changes."""

from django.db import models

from homework.schema import ExerciseDefinition, exercise_from_json
from practice.models import PublishedVersion, Record


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


class ExerciseVersion(PublishedVersion):
    """A published version of an exercise."""

    exercise = models.ForeignKey(Exercise, models.PROTECT, related_name="versions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exercise", "number"], name="exercise_version_once"),
            models.UniqueConstraint(fields=["exercise", "content_hash"], name="exercise_content_once"),
        ]

    @property
    def definition(self) -> ExerciseDefinition:
        return self.parsed(exercise_from_json)
