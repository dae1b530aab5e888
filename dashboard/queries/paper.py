"""What a page for answers on paper needs: the questions that were asked of the client, and what there is to say."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.answers import questions_for
from assessments.models import Assignment, InstrumentVersion, Response
from assessments.queries.answers import asked_for, draft_answers
from assessments.queries.asked import open_assignments
from assessments.queries.earlier import answered_before
from assessments.queries.library import latest_versions
from assessments.schema import Question
from clients.models import Client, Episode, Relationship
from clients.queries.joining import missing_consent
from clients.queries.relationships import relationships_of


@dataclass(frozen=True, slots=True)
class OnPaper:
    """What the page needs to ask: the questions, the relationships named before (none where it is not asked), whether
    there is something to compare with, and whether the privacy notice waits for agreement."""

    questions: Sequence[Question]
    relationships: Sequence[Relationship]
    asks_relationship: bool
    compares: bool
    needs_consent: bool
    answers: Mapping[str, Any]


def open_assignment(client: Client, pk: uuid.UUID) -> Assignment | None:
    """One assignment of the client, whatever its state, with version and response."""
    rows = Assignment.objects.filter(client=client, pk=pk).select_related("version__instrument", "episode", "response")
    return rows.first()


def asked_on_paper(client: Client, version: InstrumentVersion, episode: Episode, draft: Response | None) -> OnPaper:
    """For one measure: its questions with the client's goals and focus, and the answers of a draft."""
    response = draft or Response(client=client, version=version, episode=episode, practice_id=client.practice_id)
    response.client, response.version = client, version
    if draft is None and version.definition.asks_relationship:
        response.relationship_id = client.relationship_id
    asks = version.definition.asks_relationship
    return OnPaper(
        questions=questions_for(version.definition, asked_for(response, response.answers)),
        relationships=relationships_of(client) if asks else [],
        asks_relationship=asks,
        compares=answered_before(response) is not None,
        needs_consent=missing_consent(client) is not None,
        answers=draft_answers(response) if draft else {},
    )


def on_paper(client: Client) -> list[tuple[InstrumentVersion, Assignment | None]]:
    """Every measure for clients, each with the assignment that is open for it."""
    opened = {row.version.instrument_id: row for row in open_assignments(client)}
    versions = [version for version in latest_versions() if "client" in version.definition.respondents]
    return [(version, opened.get(version.instrument_id)) for version in versions]
