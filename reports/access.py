"""Who may ask for a report, and read one: whoever may still ask for one about its client."""

import uuid

from django.db.models import QuerySet

from clients import access
from clients.models import Client
from practice.grants import Permission
from practice.models import User
from reports.models import Report

PERMISSION = Permission.ASK_REPORT


def readable(user: User) -> QuerySet[Report]:
    """Reports about clients on whom the user may ask for a report now."""
    return access.scoped(Report.objects.all(), user, PERMISSION)


def get_report(user: User, pk: uuid.UUID) -> Report:
    """The report with its client and practice, or ``clients.access.Denied`` (a 404)."""
    return access.get_row(Report.objects.select_related("client__practice", "asked_by"), user, pk, PERMISSION)


def may_ask(user: User, client: Client) -> bool:
    """Asked again when the report is made."""
    return access.can(user, PERMISSION, client)
