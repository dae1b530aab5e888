"""Two records of one person: the reports of one go to the other."""

from clients.actions.carrying import Joining, Moved, carry
from reports.models import Report


def move_rows(joining: Joining) -> Moved:
    """Part of the action that joins the records (``practice.hooks``)."""
    return {"reports": carry(Report.objects.filter(client=joining.gone), joining.keep)}
