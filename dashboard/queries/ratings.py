"""The clinician's rating of one session, and what it is compared with once it was made."""

from dataclasses import dataclass
from typing import Any

from assessments.models import Response
from assessments.queries.answers import draft_answers
from assessments.queries.barriers import BarrierColumn, BarrierColumns, Rated
from assessments.schema import Definition
from clients.barriers import BARRIERS, Barrier
from clients.models import TherapySession


@dataclass(frozen=True, slots=True)
class RatingLine:
    """One barrier: the clinician's value for this session, for the session before, and the client's latest."""

    barrier: Barrier
    value: int | None
    before: int | None
    client: int | None

    @property
    def values(self) -> tuple[int | None, int | None, int | None]:
        """As the columns stand."""
        return self.value, self.before, self.client


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is shown after rating, and only then."""

    lines: list[RatingLine]
    has_before: bool
    has_client: bool
    discussed: int


def current_ratings(response: Response | None) -> dict[str, Any]:
    """The values of a rating by barrier code; empty when there is none."""
    if response is None:
        return {}
    definition = response.version.definition
    answers = draft_answers(response)
    return {item.barrier: answers.get(item.id) for item in definition.items if item.barrier}


def is_done(response: Response | None) -> bool:
    """Whether the session counts as rated: a draft does not."""
    return response is not None and response.state == Response.State.SUBMITTED


def comparison(response: Response, session: TherapySession, columns: BarrierColumns) -> Comparison:
    """The session's rating beside the one before it and the client's own: only for a session that was rated."""
    values = current_ratings(response)
    before, own = _neighbours(session, columns)
    lines = [
        RatingLine(
            barrier,
            values.get(barrier.code),
            before.values.get(barrier.code) if before else None,
            own.values.get(barrier.code) if own else None,
        )
        for barrier in BARRIERS
    ]
    discussed = sum(value is not None for value in values.values())
    return Comparison(lines, before is not None, own is not None, discussed)


def _neighbours(session: TherapySession, columns: BarrierColumns) -> tuple[Rated | None, Rated | None]:
    """The latest rating of an earlier session, and what the client sent for this one."""
    before: Rated | None = None
    for column in columns.columns:
        if column.session is None or column.session.pk == session.pk:
            return before, column.client
        if column.session.starts_at > session.starts_at:
            break
        before = column.clinician or before
    return before, _latest(columns.all, session)


def _latest(columns: tuple[BarrierColumn, ...], session: TherapySession) -> Rated | None:
    """For a session that is not held yet: the latest submission up to its beginning."""
    sent = [column.client for column in columns if column.client and column.client.at <= session.starts_at]
    return sent[-1] if sent else None


def wordings(definition: Definition) -> dict[str, str]:
    """The clinician's wording by barrier code."""
    return {item.barrier: item.clinician_text or item.text for item in definition.items if item.barrier}


def rating_labels(definition: Definition) -> tuple[tuple[int, str], ...]:
    """The values of the rating with their labels."""
    return next((question.options for question in definition.questions if question.barrier), ())
