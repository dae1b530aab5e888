"""``manage.py import_responses --instrument SLUG FILE.csv [--practice NAME] [--dry-run]``: bring your history."""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from assessments import importfiles
from assessments.actions.import_runs import bring
from assessments.imports.columns import columns
from assessments.models import ImportRun
from assessments.queries.library import latest_version
from practice.errors import Refused
from practice.models import Practice

EVERY = 2.0
"""Seconds between two lines of progress."""


class Command(BaseCommand):
    help = (
        "Bring past administrations of one measure from a CSV file: all of it or nothing, every problem by its line."
        " What was brought before is not brought again. Exit code 1 when the file has problems."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", help="comma or semicolon, UTF-8; the first line names the columns")
        parser.add_argument("--instrument", required=True, help="slug of the measure, for instance barriers")
        parser.add_argument("--practice", default="", help="name or id, where there is more than one practice")
        parser.add_argument("--dry-run", action="store_true", help="check and tell, write nothing")
        parser.add_argument("--columns", action="store_true", help="only print which columns the file may have")

    def handle(self, *_args: Any, **options: Any) -> None:
        version = latest_version(options["instrument"])
        if version is None:
            raise CommandError(f"--instrument: {options['instrument']} is not in the library")
        if options["columns"]:
            for column in columns(version.definition):
                self.stdout.write(f"{column.name:<24} {'needed  ' if column.needed else 'optional'}  {column.meaning}")
            return
        path, practice = self._path(options["file"]), self._practice(options["practice"])
        progress = _Progress(self)
        try:
            run = bring(
                practice=practice,
                version=version,
                source=lambda: importfiles.local(path),
                dry_run=options["dry_run"],
                tell=progress.tell,
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as error:
            raise CommandError(f"{path.name} cannot be read: {error.strerror or error}") from None
        self._tell(run)

    def _path(self, name: str | None) -> Path:
        if not name:
            raise CommandError("name the file")
        path = Path(name)
        if not path.is_file():
            raise CommandError(f"{name} is no file")
        if path.stat().st_size > settings.IMPORT_MAX_BYTES:
            most = settings.IMPORT_MAX_BYTES // 1_000_000
            raise CommandError(f"{name} is larger than {most} MB (IMPORT_MAX_MEGABYTES): bring it in parts")
        return path

    def _practice(self, named: str) -> Practice:
        rows = list(Practice.objects.order_by("created_at", "pk"))
        found = [row for row in rows if not named or named in (str(row.pk), row.name)]
        if len(found) == 1:
            return found[0]
        names = ", ".join(f"“{row.name}”" for row in rows) or "none"
        raise CommandError(f"--practice: say which one. There are: {names}")

    def _tell(self, run: ImportRun) -> None:
        for line, column, text in json.loads(run.problems or "[]"):
            self.stderr.write(f"line {line}{f', {column}' if column else ''}: {text}")
        kept = len(json.loads(run.problems or "[]"))
        if run.problem_count > kept:
            self.stderr.write(f"… and {run.problem_count - kept} more")
        if run.state == ImportRun.State.REFUSED:
            count = "1 problem" if run.problem_count == 1 else f"{run.problem_count} problems"
            raise CommandError(f"{count} in {run.rows} lines: nothing was brought in", returncode=1)
        verb = "would be brought in" if run.dry_run else "brought in"
        self.stdout.write(f"{run.rows} lines: {run.added} {verb}, {run.present} there already")


class _Progress:
    """A line now and then while a long file is read."""

    def __init__(self, command: BaseCommand) -> None:
        self.command, self.last = command, time.monotonic()

    def tell(self, step: str, rows: int) -> None:
        if time.monotonic() - self.last >= EVERY:
            self.last = time.monotonic()
            self.command.stdout.write(f"  {step}: {rows} lines")
            sys.stdout.flush()
