"""What the screens of bringing history show: runs in words, problems by line, columns of each measure."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from assessments.imports.columns import Column, columns
from assessments.models import ImportRun, InstrumentVersion
from assessments.queries.imports import runs
from assessments.queries.library import latest_versions
from practice import paging
from practice.models import Practice

State = ImportRun.State
TONES = {State.DONE: "pill-river", State.REFUSED: "pill-larch", State.FAILED: "pill-alert"}
SHOWN = 200
"""So many problems stand on the page; the download has all that were kept."""


@dataclass(frozen=True)
class Shown:
    """A run with its words. ``delay``: seconds until a page may ask again; 0 when nothing will change."""

    run: ImportRun
    title: str
    state: str
    tone: str
    step: str
    why: str
    delay: int

    @property
    def pending(self) -> bool:
        return self.delay > 0

    @property
    def part(self) -> int | None:
        """How much was checked, in percent; none while it is being written, which shows nothing until it is done."""
        run = self.run
        return min(100, 100 * run.rows_read // run.rows) if run.rows and run.rows_read < run.rows else None


def show(run: ImportRun, now: datetime) -> Shown:
    """A run for people."""
    pending = run.state in (State.QUEUED, State.RUNNING)
    return Shown(
        run=run,
        title=run.version.definition.title,
        state=_state(run),
        tone=TONES.get(State(run.state), "pill-quiet"),
        step=_step(run) if pending else "",
        why=_why(run),
        delay=_delay(now - run.asked_at) if pending else 0,
    )


def history(practice: Practice, after: str) -> paging.Page[ImportRun]:
    """The practice's runs, latest first."""
    return paging.page(runs(practice), ("-asked_at", "-id"), after, size=20)


def problems_of(run: ImportRun) -> list[tuple[int, str, str]]:
    """What was wrong, by line; opened."""
    return [(line, column, text) for line, column, text in json.loads(run.problems or "[]")]


def versions() -> list[InstrumentVersion]:
    """The measures whose history may be brought."""
    return [version for version in latest_versions() if not version.definition.in_room_only]


def guides() -> list[tuple[InstrumentVersion, list[Column]]]:
    """Each measure with the columns that its file may have."""
    return [(version, columns(version.definition)) for version in versions()]


def _state(run: ImportRun) -> str:
    """Short enough for a telephone."""
    if run.state == State.DONE and run.dry_run:
        return _("Only checked")
    return _("Has problems") if run.state == State.REFUSED else str(State(run.state).label)


def _delay(age: timedelta) -> int:
    seconds = age.total_seconds()
    return 1 if seconds < 15 else 3 if seconds < 60 else 10


def _step(run: ImportRun) -> str:
    if run.state == State.QUEUED:
        return _("Waiting for its turn") if not run.error else _("Waiting for another try")
    if run.rows and run.rows_read < run.rows:
        return _("Checking: %(read)s of %(rows)s lines") % {"read": run.rows_read, "rows": run.rows}
    return _("Writing all of it at once")


def _why(run: ImportRun) -> str:
    if run.state != State.FAILED:
        return ""
    if run.error in ("FileLost", "FileNotFoundError", "OSError"):
        return _("The file could not be read from the server's storage; tell whoever runs it. Nothing was brought in.")
    return _("The work on it was interrupted several times. Nothing was brought in; you can bring the file again.")
