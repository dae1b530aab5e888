"""What stands on top of the caseload: unacknowledged safety flags, and emergency access to a client's record.

Of every client in the reader's care, whichever the list below shows: a discharged client's flag is a flag.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from clients.models import Client, EmergencyAccess, SafetyFlag

TOLD = timedelta(days=7)
"""How long after its end emergency access still stands on top."""


@dataclass(frozen=True, slots=True)
class Flag:
    """An unacknowledged safety flag."""

    id: uuid.UUID
    client_id: uuid.UUID
    name: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Emergency:
    """That somebody has, or lately had, emergency access to a client's record, until when."""

    client_id: uuid.UUID
    who: str
    code: str
    until: datetime
    running: bool


def open_flags(clients: QuerySet[Client]) -> list[Flag]:
    """Every unacknowledged flag of these clients, oldest first. One query."""
    flags = SafetyFlag.objects.filter(client__in=clients.values("pk"), state="open").order_by("raised_at")
    names = ("client__called", "client__first_name", "client__last_name")
    return [
        Flag(pk, client, Client(called=called, first_name=first, last_name=last).full_name, raised_at)
        for pk, client, raised_at, called, first, last in flags.values_list("pk", "client_id", "raised_at", *names)
    ]


def emergencies(clients: QuerySet[Client], at: datetime) -> list[Emergency]:
    """Emergency access to these clients that runs or ended within ``TOLD``, latest first. One query."""
    rows = (
        EmergencyAccess.objects.filter(client__in=clients.values("pk"), starts_at__lte=at)
        .annotate(until=Coalesce("revoked_at", "ends_at"))
        .filter(until__gt=at - TOLD)
        .order_by("-starts_at", "id")
        .values_list("client_id", "membership__user__name", "client__code", "until")
    )
    return [Emergency(client, who, code, until, until > at) for client, who, code, until in rows]
