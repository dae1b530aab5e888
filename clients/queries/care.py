"""Who cares for a client, and who the partner is."""

from datetime import date, datetime

from django.db.models import Case, F, Q, QuerySet, Value, When

from clients.models import CareAssignment, Client, Partner
from practice.models import Membership

_ROLE_ORDER = Case(When(role="primary", then=Value(0)), When(role="co", then=Value(1)), default=Value(2))


def _belongs(day: date | F) -> Q:
    """On care: its clinician is one, can sign in, and belongs to the practice on this day."""
    return Q(
        Q(clinician__ends_on=None) | Q(clinician__ends_on__gte=day),
        clinician__is_clinician=True,
        clinician__user__is_active=True,
        clinician__starts_on__lte=day,
    )


def running_care(today: date) -> QuerySet[CareAssignment]:
    """Care of any client that runs today, by clinicians who still belong to the practice."""
    return CareAssignment.objects.current(today).filter(_belongs(today))


def care_team(client: Client, today: date) -> QuerySet[CareAssignment]:
    """Care assignments that run today or begin later, primary first, with the clinicians' users.

    By clinicians who belong to the practice today, or will on the first day: whoever left is in nobody's care team.
    """
    here = Q(_belongs(today), starts_on__lte=today) | Q(_belongs(F("starts_on")), starts_on__gt=today)
    return (
        CareAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), here, client=client)
        .select_related("clinician__user")
        .order_by("starts_on", _ROLE_ORDER, "id")
    )


def past_care(client: Client, today: date) -> QuerySet[CareAssignment]:
    """Care assignments that ended before today, latest first."""
    return (
        CareAssignment.objects.filter(client=client, ends_on__lt=today)
        .select_related("clinician__user")
        .order_by("-ends_on", "-starts_on", "id")
    )


def current_clinicians(client: Client, at: datetime) -> list[Membership]:
    """Who cares for the client on this day and still belongs to the practice, primary first; nobody twice."""
    today = client.practice.today(at)
    rows = (
        running_care(today)
        .filter(client=client)
        .select_related("clinician__user")
        .order_by(_ROLE_ORDER, "starts_on", "id")
    )
    return list({row.clinician_id: row.clinician for row in rows}.values())


def place_in_couple(client: Client) -> Partner | None:
    """The client's open place in a couple, with the couple."""
    return Partner.objects.filter(client=client, ended=False).select_related("couple").first()


def partner_of(client: Client) -> Partner | None:
    """The other's open place in the client's couple, with couple and client; none when not linked.

    Knowing this opens nothing: before showing the partner's name ask access for the partner.
    """
    couples = Partner.objects.filter(client=client, ended=False).values("couple")
    return (
        Partner.objects.filter(couple__in=couples, ended=False)
        .exclude(client=client)
        .select_related("couple", "client")
        .first()
    )
