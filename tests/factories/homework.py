"""The exercise library in the database."""

import functools
from pathlib import Path

from django.conf import settings

from homework.actions import publish_exercises
from homework.models import ExerciseVersion
from homework.schema import load_exercises


@functools.cache
def exercise_definitions():
    """The shipped exercises."""
    return load_exercises(Path(settings.BASE_DIR) / "homework" / "exercises")


def publish_library() -> dict[str, ExerciseVersion]:
    """Publish all shipped exercises; the versions by slug."""
    publish_exercises(exercise_definitions())
    return {one.exercise.slug: one for one in ExerciseVersion.objects.select_related("exercise")}
