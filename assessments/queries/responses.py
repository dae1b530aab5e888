"""Reading responses: a client's submissions, the clinician's rating of a session."""

from uuid import UUID

from django.db.models import QuerySet

from assessments.models import Response
from assessments.queries.library import published
from clients.models import Client, TherapySession


def submitted(client: Client) -> QuerySet[Response]:
    """What the client sent and the clinicians rated, latest first, with version and instrument."""
    return (
        Response.objects.filter(practice=client.practice_id, client=client, state=Response.State.SUBMITTED)
        .select_related("version__instrument", "session", "submitted_by")
        .order_by("-submitted_at", "pk")
    )


def was_sent(response_id: UUID) -> bool:
    """Whether this response was sent; a draft was not."""
    return Response.objects.filter(pk=response_id, state=Response.State.SUBMITTED).exists()


def rating_of(session: TherapySession) -> Response | None:
    """The clinician's rating of the session, whichever version it was made with."""
    row = Response.objects.filter(session=session, respondent=Response.Respondent.CLINICIAN).first()
    if row is not None:
        row.session, row.client, row.version = session, session.client, published(row.version_id)
    return row
