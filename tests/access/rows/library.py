"""The library: for every member of a practice, without any client's data."""

from homework.actions import publish_exercises
from homework.models import ExerciseVersion
from tests.access.kinds import OK, STAFF
from tests.access.matrix import Row
from tests.factories.assessments import version_of
from tests.factories.homework import exercise_definitions


def extend(world):
    world.version = version_of("barriers")
    publish_exercises(exercise_definitions())
    world.exercise = ExerciseVersion.objects.get(exercise__slug="equal-say")


def exercise(w):
    return {"pk": w.exercise.exercise_id}


ROWS = [
    Row("dashboard:library", get={STAFF: OK}),
    Row("dashboard:instrument", lambda w: {"pk": w.version.instrument_id}, get={STAFF: OK}),
    Row("dashboard:exercises", get={STAFF: OK}),
    Row("dashboard:exercise", exercise, get={STAFF: OK}),
    Row("dashboard:exercise_handout", exercise, get={STAFF: OK}),
]
