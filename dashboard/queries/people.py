"""Who belongs to the practice: members with roles and supervision, invitations, what is in their care."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from clients.models import CareAssignment
from practice import paging
from practice.models import Invitation, Membership, OutboxMessage, Practice, Supervision
from practice.queries import is_current


@dataclass
class Person:
    """A member with the colleagues they supervise and are supervised by today."""

    membership: Membership
    current: bool
    supervises: list[str] = field(default_factory=list)
    supervised_by: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Invited:
    """An invitation that is not closed: ``state`` is open or expired; ``mail`` the state of its message."""

    invitation: Invitation
    state: str
    mail: str


def people(practice: Practice, today: date, after: str) -> tuple[list[Person], paging.Page[Membership]]:
    """A page of members by name, former ones included, in three queries."""
    rows = Membership.objects.filter(practice=practice).select_related("user")
    page = paging.page(rows, ("user__name", "id"), after)
    persons = {row.pk: Person(row, is_current(row, today)) for row in page.rows}
    links = (
        Supervision.objects.current(today)
        .filter(Q(supervisor__in=persons) | Q(supervisee__in=persons))
        .select_related("supervisor__user", "supervisee__user")
        .order_by("supervisee__user__name", "supervisor__user__name")
    )
    for link in links:
        if link.supervisor_id in persons:
            persons[link.supervisor_id].supervises.append(link.supervisee.user.name)
        if link.supervisee_id in persons:
            persons[link.supervisee_id].supervised_by.append(link.supervisor.user.name)
    return list(persons.values()), page


def invitations(practice: Practice, at: datetime) -> list[Invited]:
    """Invitations neither used nor revoked, latest first, with whether their mail left; at most 100."""
    rows = Invitation.objects.filter(practice=practice, used_at=None, revoked_at=None).order_by("-created_at")[:100]
    purposes = {f"staff-invitation:{row.pk}:{row.generation}": row.pk for row in rows}
    mails = OutboxMessage.objects.filter(purpose__in=purposes).values_list("purpose", "state")
    states = {purposes[purpose]: state for purpose, state in mails}
    return [Invited(row, "open" if row.is_live(at) else "expired", states.get(row.pk, "")) for row in rows]


def supervisions(membership: Membership, today: date) -> QuerySet[Supervision]:
    """Supervision links of a member that run or will run, as supervisor or supervisee."""
    return (
        Supervision.objects.filter(Q(supervisor=membership) | Q(supervisee=membership))
        .filter(Q(ends_on=None) | Q(ends_on__gte=today))
        .select_related("supervisor__user", "supervisee__user")
        .order_by("starts_on", "id")
    )


def clients_in_care(membership: Membership, today: date) -> int:
    """How many clients are in this member's care today: somebody must take over before they leave."""
    rows = CareAssignment.objects.current(today).filter(practice=membership.practice_id, clinician=membership)
    return rows.aggregate(n=Count("client", distinct=True))["n"]
