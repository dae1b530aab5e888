"""What a client answered before: the time that an anchor question compares with."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from assessments.models import Response
from assessments.schema import Definition


def compares(definition: Definition) -> bool:
    """Whether who answers this again is asked how things are compared with the last time: where there are scales."""
    return bool(definition.scales)


class Earlier(NamedTuple):
    """A response that was sent before."""

    pk: UUID
    at: datetime


def answered_before(response: Response, before: datetime | None = None) -> datetime | None:
    """When ``earlier`` was sent."""
    found = earlier(response, before)
    return found.at if found else None


def compared_with(response: Response) -> datetime | None:
    """When that was sent which this response's anchor is about; none where it is another client's by now."""
    if response.anchor_to is None:
        return None
    rows = Response.objects.filter(pk=response.anchor_to, practice=response.practice_id, client=response.client_id)
    found: datetime | None = rows.values_list("submitted_at", flat=True).first()
    return found


def earlier(response: Response, before: datetime | None = None) -> Earlier | None:
    """What the client last sent of the same measure about the same relationship in the same episode, before this one.

    None for a clinician's rating, a measure without scales, and the first time. ``before`` bounds a draft that will
    stand at an earlier time. One query, if any.
    """
    if response.respondent != Response.Respondent.CLIENT or not compares(response.version.definition):
        return None
    rows = Response.objects.filter(
        practice=response.practice_id,
        client=response.client_id,
        episode=response.episode_id,
        version__instrument=response.version.instrument_id,
        relationship=response.relationship_id,
        respondent=Response.Respondent.CLIENT,
        state=Response.State.SUBMITTED,
    ).exclude(pk=response.pk)
    until = before or response.submitted_at
    if until is not None:
        rows = rows.filter(submitted_at__lt=until)
    latest = rows.order_by("-submitted_at", "-pk").values_list("pk", "submitted_at").first()
    return Earlier(latest[0], latest[1]) if latest and latest[1] else None
