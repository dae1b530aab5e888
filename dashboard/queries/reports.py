"""What the report screens show of a row: words for its state and options, and when to ask again."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from assessments.models import Correction
from practice import paging
from practice.models import Practice, User
from reports.builders.options import ProgressOptions
from reports.models import Report
from reports.queries import asked_by

STATES = {
    "w": Report.State.QUEUED,
    "m": Report.State.RUNNING,
    "r": Report.State.READY,
    "f": Report.State.FAILED,
    "x": Report.State.WITHHELD,
}
"""Opaque codes of the filter in the address."""
TONES = {"ready": "pill-river", "failed": "pill-alert", "withheld": "pill-alert"}


@dataclass(frozen=True)
class Shown:
    """A row with its words. ``delay``: seconds until a page may ask again; 0 when nothing will change. ``outdated``:
    something of the client was put right after the report was made."""

    report: Report
    state: str
    tone: str
    step: str
    why: str
    options: tuple[str, ...]
    delay: int
    outdated: bool

    @property
    def pending(self) -> bool:
        return self.delay > 0

    @property
    def may_retry(self) -> bool:
        return self.report.state in (Report.State.FAILED, Report.State.WITHHELD)


def shown(reports: Iterable[Report], now: datetime) -> list[Shown]:
    """Rows for people. One query, where one of them is ready."""
    reports = list(reports)
    ready = [one for one in reports if one.state == Report.State.READY]
    latest: dict[uuid.UUID, datetime] = {}
    if ready:
        practices, clients = {one.practice_id for one in ready}, {one.client_id for one in ready}
        corrections = Correction.objects.filter(practice__in=practices, client__in=clients).order_by()
        latest = dict(corrections.values_list("client").annotate(Max("made_at")))
    return [_show(one, now, latest.get(one.client_id)) for one in reports]


def show(report: Report, now: datetime) -> Shown:
    """One row for people."""
    return shown([report], now)[0]


def _show(report: Report, now: datetime, corrected: datetime | None) -> Shown:
    made = report.read_at or report.finished_at
    pending = report.state in (Report.State.QUEUED, Report.State.RUNNING)
    return Shown(
        report=report,
        state=str(Report.State(report.state).label),
        tone=TONES.get(report.state, "pill-quiet"),
        step=_step(report) if pending else "",
        why=_why(report),
        options=ProgressOptions.read(report.options).words(),
        delay=_delay(now - report.asked_at) if pending else 0,
        outdated=report.state == Report.State.READY and bool(made and corrected and corrected > made),
    )


def history(user: User, practice: Practice, state: str, after: str) -> paging.Page[Report]:
    """The user's own reports in this practice, latest first; ``state`` is a code of ``STATES`` or empty."""
    rows = asked_by(user, STATES.get(state, "")).filter(practice=practice)
    return paging.page(rows, ("-asked_at", "-id"), after)


def _delay(age: timedelta) -> int:
    seconds = age.total_seconds()
    return 1 if seconds < 15 else 3 if seconds < 60 else 10


def _step(report: Report) -> str:
    words = {
        "collecting": _("Collecting sessions and scores"),
        "drawing": _("Drawing the map and the charts"),
        "saving": _("Saving the file"),
    }
    if report.state == Report.State.QUEUED:
        return _("Waiting for its turn") if not report.error else _("Waiting for another try")
    return words.get(report.step, _("Begun"))


def _why(report: Report) -> str:
    """Why it stopped, and what to do."""
    if report.state == Report.State.WITHHELD:
        return _("Whoever asked may no longer see this client, so it was not made.")
    if report.state != Report.State.FAILED:
        return ""
    words = {
        "storage": _("The file could not be saved. There may be no room left on the server; tell whoever runs it."),
        "interrupted": _("The work on it was interrupted several times."),
        "lost": _("Its file is no longer there. It can be made again."),
    }
    return words.get(report.error, _("Something went wrong while it was made. Trying again often helps."))
