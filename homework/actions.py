"""Every write of homework. So far: publishing the exercise library."""

from collections.abc import Iterable
from datetime import datetime

from homework.models import Exercise, ExerciseVersion
from homework.schema import ExerciseDefinition, content_hash
from practice.actions.versions import Entry, LoadLine, publish


def publish_exercises(definitions: Iterable[ExerciseDefinition], *, at: datetime | None = None) -> list[LoadLine]:
    """Publish checked exercises, all or none, and say what became of each. The same content makes no new version."""
    entries = [
        Entry(
            definition.slug,
            definition.language,
            content_hash(definition),
            definition.model_dump(mode="json"),
            {"title": definition.title},
        )
        for definition in definitions
    ]
    return publish(Exercise, ExerciseVersion, entries, at=at)
