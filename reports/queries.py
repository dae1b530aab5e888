"""Reading reports: the histories, the rows a dispatcher rings, and what a builder needs of scores."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from assessments.models import Response, Score
from assessments.queries.responses import COUNTS
from clients.models import Client, Episode
from clients.queries.relationships import words_by_id
from practice.models import User
from reports.access import readable
from reports.models import Report

MAX_ATTEMPTS = 3
"""So often a report is tried before it is shown as failed."""


def asked_by(user: User, state: str = "") -> QuerySet[Report]:
    """The user's own reports about clients on whom they may still ask, latest first."""
    rows = readable(user).filter(asked_by=user.pk)
    return (rows.filter(state=state) if state else rows).select_related("client").order_by("-asked_at", "-id")


def of_client(client: Client) -> QuerySet[Report]:
    """All reports about a client that was loaded through access, latest first, with who asked."""
    return Report.objects.filter(client=client).select_related("asked_by").order_by("-asked_at", "-id")


def due(now: datetime) -> QuerySet[Report]:
    """Queued rows and those whose worker let its lease run out, oldest first."""
    expired = Q(state=Report.State.RUNNING, lease_until__lte=now)
    return Report.objects.filter(Q(state=Report.State.QUEUED) | expired).order_by("asked_at")


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One stored score with the response that it belongs to."""

    scale: str
    who: str
    at: datetime
    value: float | None
    answered: int
    of: int
    reason: str
    response: uuid.UUID
    relationship: str


_COLUMNS = (
    *("scale", "respondent", "at", "value", "answered", "of", "reason", "response_id"),
    "response__relationship_id",
)


def answered_versions(client: Client, episode: Episode, until: datetime) -> list[uuid.UUID]:
    """The instrument versions that were answered in the episode up to a moment."""
    rows = Response.objects.filter(
        COUNTS,
        practice=client.practice_id,
        client=client,
        episode=episode,
        state=Response.State.SUBMITTED,
        submitted_at__lte=until,
    )
    return list(rows.order_by().values_list("version_id", flat=True).distinct())


def score_lines(client: Client, episode: Episode, until: datetime) -> Iterator[ScoreLine]:
    """Every score of the episode up to a moment, in the order of time.

    One query, and one for the words of relationships."""
    rows = Score.objects.filter(practice=client.practice_id, client=client, episode=episode, at__lte=until)
    rows = rows.filter(response__submitted_at__lte=until)  # the clinician's stand at the session, maybe rated later
    lines = list(rows.order_by("at", "id").values_list(*_COLUMNS))
    words = words_by_id(client, (line[-1] for line in lines))
    for line in lines:
        values: list[Any] = [*line[:-1], words[line[-1]]]
        yield ScoreLine(*values)
