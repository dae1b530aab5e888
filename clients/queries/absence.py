"""Leave: who is away when, who stands in, and for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from clients.models import CareAssignment, Client, Leave
from practice.models import Membership, Practice

Role = CareAssignment.Role


def live(practice: Practice) -> QuerySet[Leave]:
    """Leaves of the practice that were not taken back."""
    return Leave.objects.filter(practice=practice, cancelled_at=None)


def away(memberships: Iterable[Membership], starts_on: date, ends_on: date) -> QuerySet[Leave]:
    """Leaves of any of these clinicians that touch these days, the first first."""
    return Leave.objects.filter(
        clinician__in=list(memberships), cancelled_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on
    ).order_by("starts_on", "id")


def care_during(
    clinician: Membership, starts_on: date, ends_on: date | None, *, statuses: Iterable[str] = (Client.Status.ACTIVE,)
) -> list[CareAssignment]:
    """The clinician's care of clients in care that touches these days, by the client's name; no end: from then on.

    A client stands once: primary care before co-therapy before cover.
    """
    rows = CareAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=starts_on),
        practice=clinician.practice_id,
        clinician=clinician,
        client__status__in=list(statuses),
    )
    if ends_on is not None:
        rows = rows.filter(starts_on__lte=ends_on)
    order = {Role.PRIMARY: 0, Role.CO: 1, Role.COVER: 2}
    first: dict[object, CareAssignment] = {}
    for row in sorted(rows.select_related("client"), key=lambda row: (order[Role(row.role)], row.starts_on)):
        first.setdefault(row.client_id, row)
    return sorted(first.values(), key=lambda row: (row.client.last_name, row.client.first_name, str(row.client_id)))


def primary_from(clinician: Membership, today: date) -> list[CareAssignment]:
    """The clinician's primary care without an end, of discharged clients too: somebody answers for each record."""
    everybody = (Client.Status.ACTIVE, Client.Status.DISCHARGED)
    rows = care_during(clinician, today, None, statuses=everybody)
    return sorted(
        (row for row in rows if row.role == Role.PRIMARY and row.ends_on is None),
        key=lambda row: row.client.status != Client.Status.ACTIVE,
    )


def standing_in(membership: Membership, today: date) -> list[tuple[Leave, int]]:
    """Leaves for which this member covers clients now or will, soonest first, with how many clients. One query."""
    rows = (
        live(membership.practice)
        .filter(ends_on__gte=today, care__clinician=membership, care__ends_on__gte=today)
        .select_related("clinician__user")
        .annotate(clients=Count("care__client", distinct=True))
        .order_by("starts_on", "id")
    )
    return [(row, row.clients) for row in rows]


def handed_to(membership: Membership, today: date) -> list[tuple[date, int]]:
    """How many clients are the member's from which later day on. One query; who they are is seen from that day on."""
    rows = CareAssignment.objects.filter(
        practice=membership.practice_id, clinician=membership, role=Role.PRIMARY, starts_on__gt=today
    )
    return list(rows.order_by("starts_on").values_list("starts_on").annotate(Count("client")))


@dataclass(frozen=True, slots=True)
class Absence:
    """A leave that runs or will begin, with the names of those who stand in."""

    leave: Leave
    covers: tuple[str, ...]


def absences(membership: Membership, today: date) -> list[Absence]:
    """The member's own leaves that are not over, soonest first. Two queries, one while there are none."""
    rows = list(live(membership.practice).filter(clinician=membership, ends_on__gte=today).order_by("starts_on", "id"))
    return with_covers(rows)


def with_covers(leaves: list[Leave]) -> list[Absence]:
    """These leaves with the names of whoever stands in for any client, the named cover first."""
    if not leaves:
        return []
    names: dict[object, dict[str, None]] = {row.pk: {} for row in leaves}
    care = (
        CareAssignment.objects.filter(leave__in=list(names))
        .order_by("clinician__user__name")
        .values_list("leave_id", "clinician_id", "clinician__user__name")
    )
    chosen = {row.pk: row.cover_id for row in leaves}
    for leave, _clinician, name in sorted(care, key=lambda one: (one[1] != chosen[one[0]], one[2])):
        names[leave][name] = None
    return [Absence(row, tuple(names[row.pk])) for row in leaves]


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands in today for whom until when: ``covered``: others for this member; ``covering``: the reverse. The
    caseload reads it with its other alerts."""

    covered: tuple[tuple[str, date], ...] = ()
    covering: tuple[tuple[str, date], ...] = ()
