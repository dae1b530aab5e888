"""Reading responses: a client's submissions, the clinician's rating of a session."""

from uuid import UUID

from django.db.models import Q, QuerySet

from assessments.models import Response
from assessments.queries.library import published
from clients.models import Client, Episode, TherapySession

_BY_CLINICIAN = Q(respondent=Response.Respondent.CLINICIAN)
COUNTS = ~_BY_CLINICIAN | Q(session__attendance=TherapySession.Attendance.HELD)
"""A rating counts only while its session was held; until then, and where it was not, it is kept."""


def counts(row: Response) -> bool:
    """``COUNTS`` for one response: whether it is scored once it is submitted."""
    rated = row.session if row.respondent == Response.Respondent.CLINICIAN else None
    return rated is None or rated.attendance == TherapySession.Attendance.HELD


def submitted(client: Client) -> QuerySet[Response]:
    """What the client sent and the clinicians rated of sessions that were held, latest first, with version and
    instrument."""
    return (
        Response.objects.filter(COUNTS, practice=client.practice_id, client=client, state=Response.State.SUBMITTED)
        .select_related("version__instrument", "session", "submitted_by")
        .order_by("-submitted_at", "pk")
    )


def readable_answers(client: Client) -> QuerySet[Response]:
    """``submitted``, and what is kept to be read and never counted: taken out of the record (it can be put back), and
    ratings of sessions that were not held (yet)."""
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


def pending_ratings(client: Client, episode: Episode) -> dict[str, int]:
    """The highest that a clinician rated each barrier in done ratings of sessions still planned. One query.

    They are not scored. Whoever steers by ratings uses these only to be more careful, never less.
    """
    rows = Response.objects.filter(
        _BY_CLINICIAN,
        practice=client.practice_id,
        client=client,
        episode=episode,
        state=Response.State.SUBMITTED,
        session__attendance=TherapySession.Attendance.PLANNED,
    )
    highest: dict[str, int] = {}
    for version_id, answers in rows.values_list("version_id", "answers"):
        for item in published(version_id).definition.items:
            code, value = item.barrier, answers.get(item.id)
            if code and value is not None:
                highest[code] = max(value, highest.get(code, value))
    return highest
