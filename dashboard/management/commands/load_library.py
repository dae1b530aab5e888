"""``manage.py load_library [--check]``: instruments and exercises from their files into immutable versions."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessments import reading
from assessments.actions.library import publish_instruments
from assessments.library import FOLDER, load_definitions
from assessments.schema import Definition, DefinitionInvalid
from homework.actions import publish_exercises
from homework.schema import ExerciseDefinition, load_exercises
from practice.datafiles import DataFileInvalid

EXERCISES = Path(__file__).resolve().parents[3] / "homework" / "exercises"


class Command(BaseCommand):
    help = "Load instruments and exercises, all or none; --check only reads the files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="read and check the files; touch no database")
        parser.add_argument("--instruments", type=Path, default=FOLDER, metavar="FOLDER")
        parser.add_argument("--exercises", type=Path, default=EXERCISES, metavar="FOLDER")

    def handle(self, *_args: Any, check: bool, instruments: Path, exercises: Path, **_options: Any) -> None:
        found, drills = self._read(instruments, exercises)
        if check:
            self._say("instrument", found)
            self._say("exercise", drills)
            return
        with transaction.atomic():
            lines = [*publish_instruments(found), *publish_exercises(drills)]
        for line in lines:
            self.stdout.write(str(line))

    def _say(self, what: str, read: Sequence[Definition | ExerciseDefinition]) -> None:
        for one in read:
            self.stdout.write(f"{what} {one.slug} ({one.language}): valid")

    def _read(self, instruments: Path, exercises: Path) -> tuple[list[Definition], tuple[ExerciseDefinition, ...]]:
        """Every definition, or ``CommandError`` with the problems of all files together."""
        problems: list[object] = []
        found: list[Definition] = []
        drills: tuple[ExerciseDefinition, ...] = ()
        try:
            found = load_definitions(instruments)
        except DefinitionInvalid as error:
            problems += error.problems
        try:
            drills = load_exercises(exercises, grade=lambda text: reading.grade([text]))
        except DataFileInvalid as error:
            problems += error.problems
        if problems:
            raise CommandError("\n".join(str(problem) for problem in problems))
        return found, drills
