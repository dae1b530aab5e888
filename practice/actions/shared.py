"""What several of this room's actions need."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from practice.errors import Refused
from practice.models import Membership, Practice


def role_fields(roles: Iterable[str]) -> dict[str, bool]:
    """``is_…`` fields of these roles. Raises ``Refused`` at ``roles`` for none or an unknown one."""
    chosen = set(roles)
    if not chosen or not chosen <= set(Membership.ROLES):
        raise Refused(_("Choose at least one role."), "roles")
    return {f"is_{role}": role in chosen for role in Membership.ROLES}


def locked(practice: Practice) -> Practice:
    """The practice's row, locked until the transaction ends: who counts owners or versions counts alone."""
    return Practice.objects.select_for_update().get(pk=practice.pk)
