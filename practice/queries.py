"""Reading people: the memberships of a user and the members of a practice."""

from datetime import date

from django.db.models import QuerySet

from practice.models import Membership, Practice, User


def is_current(row: Membership, today: date) -> bool:
    """Whether the membership runs on this day."""
    return row.starts_on <= today and (row.ends_on is None or row.ends_on >= today)


def memberships_of(user: User) -> list[Membership]:
    """The user's memberships that run today in their practices' zones; read once a request (kept on the user)."""
    if not user.is_active:
        return []
    cached = getattr(user, "_current_memberships", None)
    if cached is None:
        rows = Membership.objects.filter(user=user.pk).select_related("practice").order_by("starts_on", "id")
        cached = [row for row in rows if is_current(row, row.practice.today())]
        for row in cached:
            row.user = user
        user._current_memberships = cached  # type: ignore[attr-defined]
    return cached


def members(practice: Practice, today: date) -> QuerySet[Membership]:
    """Everyone who belongs to the practice today, by name."""
    return Membership.objects.current(today).filter(practice=practice).select_related("user").order_by("user__name")


def owners(practice: Practice, today: date) -> QuerySet[Membership]:
    """Owners of the practice today who can sign in."""
    return members(practice, today).filter(is_owner=True, user__is_active=True)
