"""What is brought to supervision: who sees which item. Asks ``clients/access.py`` for the clients."""

import uuid
from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from clients.access import scoped
from clients.models import CareAssignment, SupervisionItem
from practice.grants import Permission
from practice.models import Membership, Supervision

State = SupervisionItem.State


def _with_care(membership: Membership) -> QuerySet[SupervisionItem]:
    """Items of the practice whose bringer cares for the client today: with the client handed over, an item goes."""
    today = membership.practice.today()
    care = CareAssignment.objects.current(today).filter(client=OuterRef("client"), clinician=OuterRef("brought_by"))
    rows = SupervisionItem.objects.filter(Exists(care), practice=membership.practice_id)
    return rows.select_related("client__practice", "brought_by__user", "closed_by")


def own_items(membership: Membership) -> QuerySet[SupervisionItem]:
    """What the member brought about clients who are in their care today; nothing that was taken back."""
    rows = _with_care(membership).filter(brought_by=membership).exclude(state=State.TAKEN_BACK)
    return scoped(rows, membership.user, Permission.WORK)


def _supervisees(membership: Membership) -> QuerySet:
    today = membership.practice.today()
    links = Supervision.objects.current(today).filter(practice=membership.practice_id, supervisor=membership)
    return links.values("supervisee")


def brought_to(membership: Membership) -> QuerySet[SupervisionItem]:
    """What current supervisees brought, about clients that this supervisor may see through them; nothing taken back."""
    if not membership.is_supervisor:
        return SupervisionItem.objects.none()
    rows = _with_care(membership).filter(brought_by__in=_supervisees(membership)).exclude(state=State.TAKEN_BACK)
    return scoped(rows, membership.user, Permission.SEE_CLINICAL)


def visible(membership: Membership) -> QuerySet[SupervisionItem]:
    """Own items (those taken back too, so that this can be undone) and what supervisees brought."""
    own = scoped(_with_care(membership).filter(brought_by=membership), membership.user, Permission.WORK)
    either = Q(pk__in=own.values("pk"))
    if membership.is_supervisor:
        either |= Q(pk__in=brought_to(membership).values("pk"))
    return _with_care(membership).filter(either)


def waiting_by_supervisee(membership: Membership, supervisees: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many items of each supervisee wait for this supervisor. One query."""
    rows = brought_to(membership).filter(state=State.WAITING, brought_by__in=list(supervisees))
    return dict(rows.order_by().values_list("brought_by").annotate(Count("pk")))


def supervisors_of(membership: Membership) -> list[str]:
    """The names of whoever supervises the member today."""
    today = membership.practice.today(timezone.now())
    links = Supervision.objects.current(today).filter(practice=membership.practice_id, supervisee=membership)
    return list(links.order_by("supervisor__user__name").values_list("supervisor__user__name", flat=True))
