"""Joining two records: who cares, who signs in, who the partner is, what the person agreed to, how they are reached."""

import uuid
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from clients.actions.carrying import Moved, carry
from clients.models import (
    CareAssignment,
    Client,
    ClientInvitation,
    Consent,
    EmergencyAccess,
    Partner,
)
from practice.models import Membership

DAY = timedelta(days=1)
Role = CareAssignment.Role
STRENGTH = {Role.PRIMARY: 0, Role.CO: 1, Role.COVER: 2}
FILLED = ("called", "pronouns", "email", "phone")
"""What is taken over where the record that is kept says nothing."""


def move(
    keep: Client, gone: Client, *, safe_contact: str, at: datetime, told: list[str]
) -> tuple[Moved, list[dict[str, str]]]:
    """Move what belongs to the person; ``told`` is lengthened by what does not simply move. Gives the ids moved, and
    care that was doubled as it stood. Both clients are held. ``safe_contact``: the choice where the two differ."""
    moved: Moved = {}
    aside = _care(keep, gone, keep.practice.today(at), told, moved)
    moved["couples"] = carry(Partner.objects.filter(client=gone), keep)
    if EmergencyAccess.objects.filter(client__in=(keep, gone), revoked_at=None, ends_at__gt=at).update(revoked_at=at):
        told.append(_("Emergency access that runs ends: it was for one of the two records."))
    moved["emergencies"] = carry(EmergencyAccess.objects.filter(client=gone), keep)
    live = Consent.objects.filter(client=keep, withdrawn_at=None).values("notice")
    doubled = Q(withdrawn_at=None, notice__in=live)
    moved["consents"] = carry(Consent.objects.filter(~doubled, client=gone), keep)
    _sign_in(keep, gone, at, told)
    _identity(keep, gone, told, safe_contact)
    return moved, aside


def _care(keep: Client, gone: Client, today: date, told: list[str], moved: Moved) -> list[dict[str, str]]:
    """The care team is the union. A clinician in both has the stronger place; there is one primary clinician."""
    running = Q(ends_on=None) | Q(ends_on__gte=today)
    here = list(CareAssignment.objects.filter(running, client=keep).select_related("clinician__user"))
    primary = next((row for row in here if row.role == Role.PRIMARY), None)
    aside: list[dict[str, str]] = []
    put: set[uuid.UUID] = set()
    gone_rows = CareAssignment.objects.filter(running, client=gone).select_related("clinician__user")
    for row in gone_rows.order_by("starts_on", "pk"):
        same = next((one for one in here if one.clinician_id == row.clinician_id and one.pk not in put), None)
        if same is not None and _strength(same) <= _strength(row):
            _put_aside(row, today, aside)
            continue
        if same is not None:
            put.add(same.pk)
            _put_aside(same, today, aside)
        if row.role == Role.PRIMARY and primary is not None and primary.pk not in put:
            row.role = Role.CO
            words = {"name": row.clinician.user.name}
            told.append(_("%(name)s becomes co-therapist: there is one primary clinician.") % words)
        row.client = keep
        row.save()
        moved.setdefault("care", []).append(row.pk)
        if same is None:
            told.append(_("%(name)s will see the whole record.") % {"name": row.clinician.user.name})
    moved["care_past"] = carry(CareAssignment.objects.filter(client=gone), keep)
    return aside


def _strength(row: CareAssignment) -> tuple[int, date]:
    """The smaller the stronger: by role, then by how long it runs."""
    return STRENGTH[Role(row.role)], date.fromordinal(date.max.toordinal() - (row.ends_on or date.max).toordinal() + 1)


def _put_aside(row: CareAssignment, today: date, aside: list[dict[str, str]]) -> None:
    """A place that is doubled: it ended yesterday; one that did not begin before today is taken back."""
    aside.append(
        {
            "pk": str(row.pk),
            "clinician": str(row.clinician_id),
            "role": str(row.role),
            "starts_on": row.starts_on.isoformat(),
            "ends_on": row.ends_on.isoformat() if row.ends_on else "",
        }
    )
    if row.starts_on >= today:
        row.delete()
        return
    row.ends_on = today - DAY
    row.save(update_fields=["ends_on"])


def _sign_in(keep: Client, gone: Client, at: datetime, told: list[str]) -> None:
    """The record's own sign-in stays, or takes the other's; a second one is shut, unless it is somebody's elsewhere."""
    live = ClientInvitation.objects.filter(used_at=None, revoked_at=None)
    live.filter(client=gone).update(revoked_at=at)
    user = gone.user
    if user is None:
        return
    gone.user = None
    gone.save(update_fields=["user"])
    if keep.user_id is None:
        live.filter(client=keep).update(revoked_at=at)
        keep.user = user
        keep.save(update_fields=["user"])
        told.append(_("The client signs in as before, with the name of that record."))
        return
    told.append(_("The client has two sign-ins. The one of this record stays, the other is shut."))
    elsewhere = Membership.objects.filter(user=user).exists() or Client.objects.filter(user=user).exists()
    if not elsewhere:
        user.is_active = False
        user.save(update_fields=["is_active"])


def _identity(keep: Client, gone: Client, told: list[str], safe_contact: str) -> None:
    for name in FILLED:
        if not getattr(keep, name):
            setattr(keep, name, getattr(gone, name))
    _safe_contact(keep, gone, told, safe_contact)
    notes = dict.fromkeys(note for note in (keep.contact_note, gone.contact_note) if note)
    keep.contact_note = "\n".join(notes)
    screens = [
        (one.safety_screened_on, one.safety_cleared) for one in (keep, gone) if one.safety_screened_on is not None
    ]
    if screens:
        day = max(day for day, _cleared in screens if day)
        keep.safety_screened_on = day
        keep.safety_cleared = all(cleared for when, cleared in screens if when == day)
    contact = ("safe_contact", "contact_from", "contact_to", "contact_note")
    keep.save(update_fields=[*FILLED, *contact, "safety_screened_on", "safety_cleared"])


def _safe_contact(keep: Client, gone: Client, told: list[str], chosen: str) -> None:
    """One of the two, as somebody chose; without a choice no messages. E-mail comes with the hours of who said so."""
    if keep.safe_contact == gone.safe_contact:
        return
    email = Client.SafeContact.EMAIL
    if chosen != email:
        if keep.safe_contact == email:
            told.append(_("No messages from now on, as that record says: ask the client what is safe."))
        keep.safe_contact = Client.SafeContact.NONE
    elif keep.safe_contact == email:
        told.append(_("E-mail stays the safe contact, though that record says no messages."))
    else:
        keep.safe_contact, keep.contact_from, keep.contact_to = email, gone.contact_from, gone.contact_to
        told.append(_("E-mail is the safe contact from now on, in the hours that the other record names."))
