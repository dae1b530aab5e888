"""What a client's latest safety screen says, read again after something sent was put right."""

from datetime import datetime

from assessments.models import Response
from assessments.queries.library import published
from assessments.scoring import NOTHING_REPORTED, clearance
from clients.actions.safety import record_screen
from clients.models import Client


def asks_for_clearance(response: Response) -> bool:
    """Whether the response is a safety screen: its instrument has answers that leave a risk open."""
    return any(item.unsure for item in response.version.definition.items)


def screen_again(client: Client, *, at: datetime) -> bool:
    """Set the client's screen from the latest one that still counts; without any there is none. Whether there is one.

    Part of an action that holds the client and writes the audit row. It opens and closes no flag.
    """
    rows = Response.objects.filter(
        practice=client.practice_id,
        client=client,
        respondent=Response.Respondent.CLIENT,
        state=Response.State.SUBMITTED,
    )
    versions = rows.order_by().values_list("version_id", flat=True).distinct()
    asking = [pk for pk in versions if any(item.unsure for item in published(pk).definition.items)]
    latest = rows.filter(version__in=asking).order_by("-submitted_at", "-pk").first()
    if latest is None:
        record_screen(client=client, cleared=None, at=at)
        return False
    cleared = clearance(published(latest.version_id).definition, latest.answers) == NOTHING_REPORTED
    record_screen(client=client, cleared=cleared, at=latest.submitted_at)
    return True
