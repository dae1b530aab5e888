"""The roster: which clients the practice has, who cares for them. Administrative only."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import QuerySet

from clients.models import CareAssignment, Client, EmergencyAccess
from practice import paging
from practice.models import Membership, Practice

TEAM_ORDER = {"primary": 0, "co": 1, "cover": 2}


@dataclass
class Entry:
    """A client with the names of today's care team, primary first."""

    client: Client
    team: list[tuple[str, str]] = field(default_factory=list)


def roster(clients: QuerySet[Client], today: date, after: str) -> tuple[list[Entry], paging.Page[Client]]:
    """A page of clients by name, in two queries (three on later pages)."""
    rows = clients.only("id", "code", "first_name", "last_name", "called", "status")
    page = paging.page(rows, ("last_name", "first_name", "id"), after)
    entries = {row.pk: Entry(row) for row in page.rows}
    care = CareAssignment.objects.current(today).filter(client__in=entries).select_related("clinician__user")
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
