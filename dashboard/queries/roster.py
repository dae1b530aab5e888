"""The roster: which clients the practice has, who cares for them. Administrative only."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, When

from clients.models import Client, EmergencyAccess
from clients.queries.care import running_care
from practice import paging
from practice.models import Membership, Practice

TEAM_ORDER = {"primary": 0, "co": 1, "cover": 2}


@dataclass
class Entry:
    """A client with the names of today's care team, primary first. ``alone``: in care, and nobody cares for them."""

    client: Client
    alone: bool = False
    team: list[tuple[str, str]] = field(default_factory=list)


def roster(clients: QuerySet[Client], today: date, after: str) -> tuple[list[Entry], paging.Page[Client]]:
    """A page of clients, those first for whom nobody cares, then by name; two queries (three on later pages)."""
    cared = Q(Exists(running_care(today).filter(client=OuterRef("pk")))) | Q(status=Client.Status.DISCHARGED)
    rows: QuerySet[Any] = clients.annotate(place=Case(When(cared, then=1), default=0, output_field=IntegerField()))
    rows = rows.only("id", "code", "first_name", "last_name", "called", "status")
    page = paging.page(rows, ("place", "last_name", "first_name", "id"), after)
    entries = {row.pk: Entry(row, row.place == 0) for row in page.rows}
    care = running_care(today).filter(client__in=entries).select_related("clinician__user")
    for row in sorted(care, key=lambda row: (TEAM_ORDER[row.role], row.clinician.user.name)):
        entries[row.client_id].team.append((row.clinician.user.name, row.get_role_display()))
    return list(entries.values()), page


def open_emergencies(practice: Practice, at: datetime) -> QuerySet[EmergencyAccess]:
    """Emergency access that runs now in the practice, ending soonest first."""
    return (
        EmergencyAccess.objects.filter(practice=practice, revoked_at=None, starts_at__lte=at, ends_at__gt=at)
        .select_related("client", "membership__user")
        .order_by("ends_at", "id")
    )


def emergencies_of(client: Client) -> QuerySet[EmergencyAccess]:
    """The last twenty times emergency access to this client was opened."""
    rows = EmergencyAccess.objects.filter(client=client).select_related("membership__user")
    return rows.order_by("-starts_at", "id")[:20]


def membership_in(memberships: list[Membership], practice: Practice) -> Membership:
    """The membership in this practice (the caller has one: access was given through it)."""
    return next(row for row in memberships if row.practice_id == practice.pk)
