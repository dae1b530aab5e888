"""The one place that turns a user's live relationships into clients and rows they may use.

Lists (``clients_for``, ``scoped``) and checks (``can``, ``get``) come from the same rule and cannot disagree. What one
may not read is ``Denied``, which is a 404: the same page for an existing and a nonexistent id. A record that was joined
into another is nobody's: its rows stand with the other.
"""

import uuid
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from django.db.models import BooleanField, Case, Model, Q, QuerySet, Value, When
from django.utils import timezone

from clients.models import CareAssignment, Client, EmergencyAccess, PrivateNote, PrivateNoteGrant
from practice.errors import Denied
from practice.grants import CARE_RELATIONSHIPS, Permission, Relationship, giving, grants
from practice.models import Membership, Supervision, User
from practice.queries import memberships_of

Row = TypeVar("Row", bound=Model)


def _care(membership: Membership, roles: Iterable[Relationship], today: date) -> QuerySet:
    return (
        CareAssignment.objects.current(today)
        .filter(practice=membership.practice_id, clinician=membership, role__in=[str(role) for role in roles])
        .values("client_id")
    )


def _supervised(membership: Membership, today: date) -> QuerySet:
    """Clients whose current primary or co-therapist is supervised by this member today."""
    supervisees = (
        Supervision.objects.current(today)
        .filter(practice=membership.practice_id, supervisor=membership)
        .values("supervisee_id")
    )
    return (
        CareAssignment.objects.current(today)
        .filter(practice=membership.practice_id, clinician__in=supervisees, role__in=("primary", "co"))
        .values("client_id")
    )


def _emergency(membership: Membership, at: datetime) -> QuerySet:
    return EmergencyAccess.objects.filter(
        practice=membership.practice_id, membership=membership, starts_at__lte=at, ends_at__gt=at, revoked_at=None
    ).values("client_id")


Rule = Callable[[], Q]
"""A condition on Client, made only where it is used: making one takes longer than asking many."""


def _rules(user: User, at: datetime) -> list[tuple[Relationship, Rule]]:
    """Each live relationship with the condition on Client that it stands for, strongest first."""
    rules: list[tuple[Relationship, Rule]] = []
    if user.is_active:
        rules.append((Relationship.SELF, lambda: Q(user=user.pk)))
    for membership in memberships_of(user):
        rules += _rules_of(membership, at)
    order = list(Relationship)
    return sorted(rules, key=lambda rule: order.index(rule[0]))


def _rules_of(membership: Membership, at: datetime) -> list[tuple[Relationship, Rule]]:
    rules: list[tuple[Relationship, Rule]] = []
    today = membership.practice.today(at)
    if membership.is_clinician:
        rules += [(role, partial(_care_rule, membership, role, today)) for role in CARE_RELATIONSHIPS]
    if membership.is_supervisor:
        rules.append((Relationship.SUPERVISOR, lambda: Q(pk__in=_supervised(membership, today))))
    if membership.is_owner:
        rules.append((Relationship.EMERGENCY, lambda: Q(pk__in=_emergency(membership, at))))
        rules.append((Relationship.OWNER, lambda: Q(practice=membership.practice_id)))
    return rules


def _care_rule(membership: Membership, role: Relationship, today: date) -> Q:
    return Q(pk__in=_care(membership, (role,), today))


def clients_for(user: User, permission: Permission, *, at: datetime | None = None) -> QuerySet[Client]:
    """The clients on whom this user has this permission now."""
    at = at or timezone.now()
    if not user.is_authenticated:
        return Client.objects.none()
    condition = Q(pk__in=())
    for relationship, rule in _rules(user, at):
        if grants(relationship, permission) and relationship not in CARE_RELATIONSHIPS:
            condition |= rule()
    # The three care roles become one subquery a membership, since most pages ask for exactly these.
    roles = [role for role in CARE_RELATIONSHIPS if role in giving(permission)]
    for membership in memberships_of(user) if roles else ():
        if membership.is_clinician:
            condition |= Q(pk__in=_care(membership, roles, membership.practice.today(at)))
    return Client.objects.filter(condition).exclude(status=Client.Status.MERGED)


def scoped(queryset: QuerySet[Row], user: User, permission: Permission, *, at: datetime | None = None) -> QuerySet[Row]:
    """Rows with a ``client`` that belong to clients on whom the user has the permission."""
    return queryset.filter(client__in=clients_for(user, permission, at=at).values("pk"))


def can(user: User, permission: Permission, record: Any, *, at: datetime | None = None) -> bool:
    """Whether the user has the permission on this client, or on this row's client."""
    pk = record.pk if isinstance(record, Client) else record.client_id
    return clients_for(user, permission, at=at).filter(pk=pk).exists()


def get_client(user: User, pk: uuid.UUID, permission: Permission, *related: str) -> Client:
    """The client, or ``Denied``."""
    queryset = clients_for(user, permission).select_related("practice", *related)
    client = queryset.filter(pk=pk).first()
    if client is None:
        raise Denied("client", pk)
    return client


def get_row(queryset: QuerySet[Row], user: User, pk: uuid.UUID, permission: Permission) -> Row:
    """A child row by its own id through its client, or ``Denied``."""
    row = scoped(queryset, user, permission).filter(pk=pk).first()
    if row is None:
        raise Denied(queryset.model._meta.model_name or "", pk)
    return row


def get_child(queryset: QuerySet[Row], client: Client, pk: uuid.UUID) -> Row:
    """A child row of a client that was already loaded through access, or ``Denied``."""
    row = queryset.filter(pk=pk, client=client).first()
    if row is None:
        raise Denied(queryset.model._meta.model_name or "", pk)
    return row


def opened(
    user: User, pk: uuid.UUID, *, at: datetime | None = None
) -> tuple[Client, list[Relationship]] | tuple[None, list[Relationship]]:
    """The client with all live relationships of the user to them, strongest first; none without any.

    One query beside the memberships. The caller still asks whether a relationship grants what is to be done.
    """
    rules = _rules(user, at or timezone.now()) if user.is_authenticated else []
    columns = {f"as_{index}": _holds(rule()) for index, (_, rule) in enumerate(rules)}
    there = Client.objects.exclude(status=Client.Status.MERGED).filter(pk=pk)
    there = there.select_related("practice", "relationship")  # each page of a record names what measures are about
    client = there.annotate(**columns).first() if rules else None
    holding = (found for index, (found, _) in enumerate(rules) if getattr(client, f"as_{index}", False))
    found = list(dict.fromkeys(holding))
    return (client, found) if client is not None and found else (None, [])


def joined_into(pk: uuid.UUID) -> uuid.UUID | None:
    """The record that holds the rows of this one now; none for a record that was not joined with another.

    Knowing this opens nothing: ask access for that record before leading anybody there.
    """
    return Client.objects.filter(pk=pk, status=Client.Status.MERGED).values_list("merged_into_id", flat=True).first()


def relationships(user: User, client: Client, *, at: datetime | None = None) -> list[Relationship]:
    """All live relationships of the user to the client, strongest first."""
    return opened(user, client.pk, at=at)[1]


def _holds(rule: Q) -> Case:
    return Case(When(rule, then=Value(True)), default=Value(False), output_field=BooleanField())


def basis(user: User, client: Client, *, at: datetime | None = None) -> Relationship | None:
    """The strongest live relationship, for the audit trail and for asking a supervisor's reason."""
    return next(iter(relationships(user, client, at=at)), None)


def private_note_authors(user: User, client: Client, *, at: datetime | None = None) -> frozenset[uuid.UUID]:
    """Whose private notes about the client this user may read now, as ids of memberships.

    Their own while they care for the client; and those of an author who named them, a supervisor, in a grant that runs
    today, as long as they supervise that author and the author cares for the client. No other relationship, no role and
    no emergency opens private notes.
    """
    at = at or timezone.now()
    found: set[uuid.UUID] = set()
    for membership in memberships_of(user) if user.is_authenticated else ():
        if membership.practice_id != client.practice_id:
            continue
        today = membership.practice.today(at)
        roles = [role for role in CARE_RELATIONSHIPS if grants(role, Permission.PRIVATE_NOTES)]
        if membership.is_clinician and _care(membership, roles, today).filter(client=client.pk).exists():
            found.add(membership.pk)
        if membership.is_supervisor:
            found.update(_granting(membership, client, today))
    return frozenset(found)


def _granting(membership: Membership, client: Client, today: date) -> QuerySet:
    """Authors whose grant to this supervisor runs today, whom they supervise today, and who care for the client."""
    supervisees = Supervision.objects.current(today).filter(practice=membership.practice_id, supervisor=membership)
    caring = CareAssignment.objects.current(today).filter(
        practice=membership.practice_id, client=client.pk, role__in=("primary", "co")
    )
    return (
        PrivateNoteGrant.objects.filter(practice=membership.practice_id, client=client.pk, reader=membership)
        .filter(revoked_at=None, starts_on__lte=today, ends_on__gte=today)
        .filter(author__in=supervisees.values("supervisee"))
        .filter(author__in=caring.values("clinician"))
        .values_list("author", flat=True)
    )


def private_notes(user: User, client: Client, *, at: datetime | None = None) -> QuerySet[PrivateNote]:
    """The private notes about the client that this user may read now (see ``private_note_authors``)."""
    authors = private_note_authors(user, client, at=at)
    return PrivateNote.objects.filter(practice=client.practice_id, client=client.pk, author__in=authors)
