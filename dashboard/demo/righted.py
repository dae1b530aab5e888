"""What was put right in the demo: an answer that was entered wrongly, and a check-in that came twice."""

from datetime import datetime, timedelta

from assessments.actions.corrections import correct, withdraw_response
from assessments.models import Response
from clients.models import CareAssignment
from practice.models import Membership

WRONG = "Read from the paper the wrong way round. We went through it together."
TWICE = "Sent twice on that day: the later one counts."


def put_right(clinician: Membership, now: datetime) -> None:
    """For a client of this clinician with a longer course."""
    care = CareAssignment.objects.filter(clinician=clinician, role="primary", ends_on=None)
    sent = Response.objects.filter(
        client__in=care.values("client"), respondent=Response.Respondent.CLIENT, state=Response.State.SUBMITTED
    ).select_related("client__practice", "version__instrument")
    rows = sent.filter(submitted_at__lt=now - timedelta(days=20)).order_by("client__code", "-submitted_at", "pk")
    barriers = rows.filter(version__instrument__slug="barriers").first()
    if barriers is None:
        return
    value = barriers.answers.get("culture")
    other = 1 if value in (None, 0) else value - 1
    at = barriers.submitted_at + timedelta(days=2) if barriers.submitted_at else now
    correct(
        by=clinician.user, response=barriers, answers={"culture": other}, reason=WRONG, seen=barriers.revision, at=at
    )
    check_in = rows.filter(client=barriers.client, version__instrument__slug="session-checkin").first()
    if check_in is not None and check_in.submitted_at is not None:
        withdraw_response(
            by=clinician.user, response=check_in, reason=TWICE, at=check_in.submitted_at + timedelta(days=1)
        )
