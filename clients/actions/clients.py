"""Adding and changing clients."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from clients.actions.common import check_clinician, locked, moment
from clients.actions.joining import (
    accept_client_invitation,
    give_consent,
    invite_client,
    revoke_client_invitation,
    send_client_invitation,
    withdraw_consent,
)
from clients.actions.relationships import relationship_of
from clients.models import CareAssignment, Client, Episode
from practice import audit
from practice.errors import Refused
from practice.models import Membership, Practice, User

__all__ = [
    "CHANGEABLE",
    "accept_client_invitation",
    "add_client",
    "change_client",
    "give_consent",
    "invite_client",
    "revoke_client_invitation",
    "send_client_invitation",
    "withdraw_consent",
]

CHANGEABLE = (
    "first_name",
    "last_name",
    "called",
    "pronouns",
    "email",
    "phone",
    "safe_contact",
    "contact_from",
    "contact_to",
    "contact_note",
)
"""The client's own fields; with them goes ``relationship``, in words."""

FIRST_DAY = date(1900, 1, 1)
"""No care began before this; what is earlier is a slip of the keyboard."""

FIRST_DAY = date(1900, 1, 1)
"""No care began before this; what is earlier is a slip of the keyboard."""


def _next_code(practice: Practice) -> str:
    """The next client code of the practice, ``C-0042``: the update holds the row, so no two adds get the same."""
    Practice.objects.filter(pk=practice.pk).update(client_counter=F("client_counter") + 1)
    number = Practice.objects.values_list("client_counter", flat=True).get(pk=practice.pk)
    return f"C-{number:04d}"


def _check(client: Client) -> None:
    """What every client must keep to, at the form's fields."""
    for field in CHANGEABLE:
        value = getattr(client, field)
        if isinstance(value, str):
            setattr(client, field, value.replace("\x00", "").strip())
    if not client.first_name:
        raise Refused(_("A first name is needed."), "first_name")
    if not client.last_name:
        raise Refused(_("A last name is needed."), "last_name")
    if client.safe_contact == Client.SafeContact.EMAIL and not client.email:
        raise Refused(_("Messages by e-mail need an address."), "email")
    if not 0 <= client.contact_from < client.contact_to <= 24:
        raise Refused(_("The hours for messages must begin before they end."), "contact_to")


def _may_add(by: User, clinician: Membership, today: date) -> bool:
    """An owner adds for any clinician of the practice, a clinician for themselves."""
    if clinician.user_id == by.pk:
        return True
    owned = Membership.objects.current(today).filter(practice=clinician.practice_id, user=by, is_owner=True)
    return owned.exists()


@transaction.atomic
def add_client(
    *,
    by: User,
    clinician: Membership,
    starts_on: date | None = None,
    relationship: str = "",
    at: datetime | None = None,
    **fields: Any,
) -> Client:
    """A new client in the care of ``clinician`` (primary), with the first episode, from ``starts_on`` (default: today;
    not in the future, or the record would open to nobody).

    ``fields``: those of ``CHANGEABLE``; ``first_name`` and ``last_name`` are needed. ``relationship``: in words, which
    one the measures are about. Raises ``Refused``.
    """
    at = moment(at)
    practice = clinician.practice
    starts_on = starts_on or practice.today(at)
    if unknown := set(fields) - set(CHANGEABLE):
        raise TypeError(f"not a field of a client: {sorted(unknown)}")
    if not _may_add(by, clinician, practice.today(at)):
        raise Refused(_("Only the practice's owner adds clients for somebody else."), "clinician")
    if not FIRST_DAY <= starts_on <= practice.today(at):
        raise Refused(_("Choose a day from 1900 until today."), "starts_on")
    client = Client(practice=practice, status=Client.Status.ACTIVE, created_at=at, **fields)
    check_clinician(client, clinician, starts_on)
    _check(client)
    client.code = _next_code(practice)
    client.save()
    if relationship:
        client.relationship = relationship_of(client, relationship, at=at)
        client.save(update_fields=["relationship"])
    CareAssignment.objects.create(
        client=client, clinician=clinician, role=CareAssignment.Role.PRIMARY, starts_on=starts_on
    )
    Episode.objects.create(client=client, number=1, starts_on=starts_on)
    audit.write("client.added", by=by, record=client, client=client.pk, at=at)
    return client


@transaction.atomic
def change_client(
    *, by: User, client: Client, relationship: str | None = None, at: datetime | None = None, **fields: Any
) -> Client:
    """Change identity or contact (``CHANGEABLE`` fields); the audit row names the fields, never a value.

    ``relationship``: in words, which relationship the measures are about from now on; empty for none.
    """
    if unknown := set(fields) - set(CHANGEABLE):
        raise TypeError(f"not a field of a client: {sorted(unknown)}")
    at, row = moment(at), locked(client)
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    _check(row)
    changed = sorted(name for name in fields if getattr(row, name) != before[name])
    if relationship is not None:
        was, row.relationship = row.relationship_id, relationship_of(row, relationship, at=at)
        changed += ["relationship"] if row.relationship_id != was else []
    row.save(update_fields=changed)
    audit.write("client.changed", by=by, record=row, client=row.pk, at=at, changed=changed)
    return row
