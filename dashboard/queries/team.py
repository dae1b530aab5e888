"""A supervisor's current supervisees and their caseloads in numbers."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from assessments.models import Assignment
from assessments.queries.asked import unexpired
from clients.access import clients_for
from clients.models import CareAssignment, Client, TherapySession
from clients.queries.supervision import waiting_by_supervisee
from dashboard import choice
from dashboard.queries import closed
from practice.grants import Permission
from practice.models import Membership, Supervision, User

WINDOW = timedelta(days=28)
"""Sessions held, measures asked and how many of those were sent are counted over the last four weeks."""


@dataclass(frozen=True, slots=True)
class Supervisee:
    """One supervisee: clients in care, sessions held in four weeks, of what was asked in them how much was sent, work
    that is overdue, and items brought to supervision that wait."""

    link: Supervision
    clients: int
    held: int
    sent: int
    asked: int
    overdue: int
    waiting: int = 0


def current_links(membership: Membership) -> QuerySet[Supervision]:
    """Supervision links of this supervisor that run today."""
    today = membership.practice.today()
    return (
        Supervision.objects.current(today)
        .filter(practice=membership.practice_id, supervisor=membership)
        .select_related("practice", "supervisee__user")
        .order_by("supervisee__user__name")
    )


def current_link(membership: Membership, supervisee: uuid.UUID) -> Supervision | None:
    """The running link to this supervisee, if there is one."""
    return current_links(membership).filter(supervisee=supervisee).first()


def clients_of(user: User, link: Supervision) -> QuerySet[Client]:
    """The supervisee's clients in care (as on the caseload: not discharged), as far as this supervisor may see them."""
    today = link.practice.today()
    care = CareAssignment.objects.current(today).filter(
        practice=link.practice_id, clinician=link.supervisee_id, role__in=("primary", "co")
    )
    seen = clients_for(user, Permission.SEE_CLINICAL).filter(pk__in=care.values("client_id"))
    return closed.chosen(seen, choice.IN_CARE)


def supervisees(membership: Membership, *, at: datetime | None = None) -> list[Supervisee]:
    """Everyone supervised today, by name, in a fixed number of queries."""
    at = at or timezone.now()
    today, since = membership.practice.today(at), at - WINDOW
    links = list(current_links(membership))
    ids = [link.supervisee_id for link in links]
    care = CareAssignment.objects.current(today).filter(
        practice=membership.practice_id, clinician__in=ids, role__in=("primary", "co")
    )
    in_care = care.filter(client__status=Client.Status.ACTIVE)
    clients = dict(in_care.values_list("clinician").annotate(Count("client", distinct=True)))
    held = dict(
        TherapySession.objects.filter(
            practice=membership.practice_id, clinician__in=ids, attendance="held", starts_at__range=(since, at)
        )
        .values_list("clinician")
        .annotate(Count("pk"))
    )
    by_client: dict[uuid.UUID, list[uuid.UUID]] = {}
    for clinician, client in care.values_list("clinician", "client"):
        by_client.setdefault(client, []).append(clinician)
    work: dict[uuid.UUID, list[int]] = {pk: [0, 0, 0] for pk in ids}
    counted = (
        Assignment.objects.filter(practice=membership.practice_id, client__in=list(by_client))
        .exclude(state="withdrawn")
        .values_list("client")
        .annotate(
            sent=Count("pk", filter=Q(state="submitted", assigned_at__gte=since)),
            asked=Count("pk", filter=Q(assigned_at__gte=since)),
            overdue=Count("pk", filter=Q(unexpired(at), state="open", episode__ends_on=None, due_on__lt=today)),
        )
    )
    for client, *numbers in counted:
        for clinician in by_client[client]:
            work[clinician] = [a + b for a, b in zip(work[clinician], numbers, strict=True)]
    waiting = waiting_by_supervisee(membership, ids)
    found = []
    for link in links:
        pk = link.supervisee_id
        sent, asked, overdue = work[pk]
        found.append(Supervisee(link, clients.get(pk, 0), held.get(pk, 0), sent, asked, overdue, waiting.get(pk, 0)))
    return found
