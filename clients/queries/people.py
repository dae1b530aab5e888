"""Finding clients and clinicians for a form's choices."""

from datetime import date

from django.db.models import Q, QuerySet

from clients.access import clients_for
from clients.models import Client, Partner
from practice.grants import Permission
from practice.models import Membership, Practice, User


def clinicians(practice: Practice, today: date) -> QuerySet[Membership]:
    """Clinicians who belong to the practice today, by name."""
    return (
        Membership.objects.current(today)
        .filter(practice=practice, is_clinician=True, user__is_active=True)
        .select_related("user", "practice")
        .order_by("user__name", "id")
    )


def same_person(user: User, practice: Practice, *, first_name: str, last_name: str, email: str) -> list[Client]:
    """Clients with this name or address among those whose identity the user may see; at most five."""
    known = clients_for(user, Permission.SEE_IDENTITY).filter(practice=practice)
    roster = clients_for(user, Permission.SEE_ROSTER).filter(practice=practice)
    same = Q(first_name__iexact=first_name.strip(), last_name__iexact=last_name.strip())
    if email.strip():
        same |= Q(email__iexact=email.strip())
    return list(Client.objects.filter(Q(pk__in=known.values("pk")) | Q(pk__in=roster.values("pk"))).filter(same)[:5])


def linkable(user: User, client: Client) -> QuerySet[Client]:
    """Clients in the user's care who may become the client's partner: not linked yet, by name."""
    linked = Partner.objects.filter(ended=False).values("client")
    return (
        clients_for(user, Permission.CHANGE_IDENTITY)
        .filter(practice=client.practice_id)
        .exclude(pk=client.pk)
        .exclude(pk__in=linked)
        .order_by("last_name", "first_name", "id")
    )
