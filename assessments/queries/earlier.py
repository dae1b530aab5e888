"""What a client answered before: the time that an anchor question compares with."""

from datetime import datetime

from assessments.models import Response
from assessments.schema import Definition


def compares(definition: Definition) -> bool:
    """Whether who answers this again is asked how things are compared with the last time: where there are scales."""
    return bool(definition.scales)


def answered_before(response: Response, before: datetime | None = None) -> datetime | None:
    """When the client last sent the same measure about the same relationship in the same episode, before this one.

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
    latest: datetime | None = rows.order_by("-submitted_at").values_list("submitted_at", flat=True).first()
    return latest
