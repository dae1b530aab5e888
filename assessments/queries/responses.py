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


def readable_answers(client: Client) -> QuerySet[Response]:
    """``submitted``, and what was taken out of the record: kept, to be read and put back, never counted."""
    return (
        Response.objects.filter(practice=client.practice_id, client=client)
        .exclude(state=Response.State.DRAFT)
        .select_related("version__instrument", "session", "submitted_by")
        .order_by("-submitted_at", "pk")
    )


def where_sent(client: Client, response_id: UUID) -> str:
    """Where the answers are that a flag of this client names: ``here``, still a ``draft``, or ``moved`` elsewhere."""
    found = Response.objects.filter(pk=response_id).values_list("client_id", "state").first()
    if found is None or found[1] == Response.State.DRAFT:
        return "draft"
    return "here" if found[0] == client.pk else "moved"


def rating_of(session: TherapySession, *, withdrawn: bool = False) -> Response | None:
    """The clinician's rating of the session, whichever version it was made with; a draft until it is submitted.

    ``withdrawn``: also one that was taken out of the record."""
    rows = Response.objects.filter(session=session, respondent=Response.Respondent.CLINICIAN)
    row = (rows if withdrawn else rows.exclude(state=Response.State.WITHDRAWN)).first()
    if row is not None:
        row.session, row.client, row.version = session, session.client, published(row.version_id)
    return row
