"""The library: newest versions of instruments and exercises."""

import uuid
from dataclasses import dataclass

from django.db.models import F, Max

from assessments.models import InstrumentVersion
from clients.barriers import BY_CODE, BY_OPAQUE, Barrier
from homework.models import ExerciseVersion

SETTINGS = {"s": "solo", "t": "together", "e": "either"}
"""Opaque codes of the filter by setting."""


@dataclass(frozen=True, slots=True)
class ExerciseLine:
    """One exercise in the list."""

    version: ExerciseVersion
    barriers: tuple[Barrier, ...]


def newest_exercises() -> list[ExerciseVersion]:
    """The newest version of every exercise that is in use, by title."""
    return list(
        ExerciseVersion.objects.filter(exercise__retired_at=None)
        .annotate(newest=Max("exercise__versions__number"))
        .filter(number=F("newest"))
        .select_related("exercise")
        .order_by("exercise__title")
    )


def exercises(*, barrier: str = "", setting: str = "") -> list[ExerciseLine]:
    """Newest versions by title. ``barrier`` and ``setting`` are opaque codes; unknown ones filter nothing."""
    lines = [ExerciseLine(v, tuple(BY_CODE[code] for code in v.definition.barriers)) for v in newest_exercises()]
    wanted, place = BY_OPAQUE.get(barrier), SETTINGS.get(setting)
    return [
        line
        for line in lines
        if (wanted is None or wanted in line.barriers) and (place is None or line.version.definition.setting == place)
    ]


def newest_exercise(pk: uuid.UUID) -> ExerciseVersion | None:
    """The newest version of this exercise."""
    return ExerciseVersion.objects.filter(exercise=pk).select_related("exercise").order_by("-number").first()


def versions_of(pk: uuid.UUID) -> list[InstrumentVersion]:
    """Every version of this instrument, newest first."""
    return list(InstrumentVersion.objects.filter(instrument=pk).select_related("instrument").order_by("-number"))
