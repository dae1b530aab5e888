"""What the demo's owners brought from before: one file that went in, and one that was only checked and has problems."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from assessments.actions.import_runs import bring
from assessments.models import InstrumentVersion
from clients.models import Client
from practice.models import Practice, User

PEOPLE, TIMES = 3, 2


def bring_history(
    random: Random, *, by: User, practice: Practice, version: InstrumentVersion, clients: Sequence[Client], at: datetime
) -> None:
    """A few clients' past answers to one measure, from the first weeks of their care."""
    asked = [question for question in version.definition.questions if question.minimum is not None]
    head = ["client", "date", *(question.id for question in asked)]
    rows = []
    for client in clients[:PEOPLE]:
        first = client.episodes.order_by("number").first()
        if first is None:
            continue
        for number in range(TIMES):
            day = first.starts_on + timedelta(days=number)
            given = (str(random.randint(question.minimum or 0, question.maximum or 0)) for question in asked)
            rows.append([client.code, day.isoformat(), *given])
    _bring([head, *rows], by=by, practice=practice, version=version, at=at)
    slips = [["C-9999", *rows[0][1:]], [rows[0][0], date.max.isoformat(), *rows[0][2:]]]
    _bring([head, *slips], by=by, practice=practice, version=version, at=at + timedelta(minutes=9), dry_run=True)


def _bring(rows: list[list[str]], *, dry_run: bool = False, **where: object) -> None:
    data = "\n".join(",".join(row) for row in rows).encode()
    bring(source=lambda: iter([data]), dry_run=dry_run, tell=lambda *_: None, **where)  # type: ignore[arg-type]
