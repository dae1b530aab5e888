"""Care assignments, couples, emergency access."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clients import access
from clients.actions.common import check_clinician, check_end, locked, moment
from clients.actions.covering import DAY, end_cover_of, end_or_drop, ensure_cover, resume_cover_of, trim_cover
from clients.models import CareAssignment, Client, Couple, EmergencyAccess, Partner, TherapySession
from clients.queries.care import current_clinicians
from clients.queries.safety import clearance
from practice import audit, localtime
from practice.actions.mail import queue_mail
from practice.errors import Refused
from practice.grants import Permission
from practice.models import Membership, User

EMERGENCY_HOURS = 24
"""The longest emergency access, in hours."""

Role = CareAssignment.Role


def _hand_over(client: Client, clinician: Membership, starts_on: date) -> None:
    """End the running primary care on the day before, with whoever would stand in for it, and co-therapy or cover of
    the one who takes over."""
    running = CareAssignment.objects.filter(client=client).filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
    for before in running.filter(Q(role=Role.PRIMARY) | Q(clinician=clinician)).select_related("clinician__user"):
        if before.role == Role.PRIMARY and before.clinician_id == clinician.pk:
            raise Refused(_("%(name)s is the primary clinician then.") % {"name": clinician}, "clinician")
        if before.leave_id:
            end_or_drop(before, starts_on - DAY)
            continue
        if before.role == Role.PRIMARY:
            end_cover_of(client, before.clinician, starts_on)
        if before.starts_on >= starts_on:
            raise Refused(_("Care by %(name)s begins on or after that day.") % {"name": before.clinician}, "starts_on")
        before.ends_on = starts_on - DAY
        before.save(update_fields=["ends_on"])


def _refuse_overlap(client: Client, clinician: Membership, starts_on: date, ends_on: date | None) -> None:
    """A clinician has one place at a time. Care that ended by handing over is out of the way already."""
    rows = CareAssignment.objects.filter(client=client, clinician=clinician)
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
    if ends_on is not None:
        rows = rows.filter(starts_on__lte=ends_on)
    if rows.exists():
        raise Refused(_("This clinician is in the care team at that time already. End that first."), "clinician")


def put_into_team(
    client: Client, clinician: Membership, role: str, starts_on: date, ends_on: date | None = None, *, today: date
) -> CareAssignment:
    """The care row, what it replaces ended, and cover for a clinician who is away; part of the action that calls it and
    holds the client. Raises ``Refused``."""
    check_clinician(client, clinician, starts_on)
    if role == Role.PRIMARY:
        _hand_over(client, clinician, starts_on)
    _refuse_overlap(client, clinician, starts_on, ends_on)
    row = CareAssignment.objects.create(
        client=client, clinician=clinician, role=role, starts_on=starts_on, ends_on=ends_on
    )
    ensure_cover(client, today)
    return row


def move_sessions(client: Client, clinician: Membership, to: Membership, starts_on: date, at: datetime) -> int:
    """How many sessions moved that the former primary planned from the day on; one that begins before now stays."""
    midnight = localtime.at_or_after(datetime.combine(starts_on, time.min), client.practice.zone)
    planned = TherapySession.objects.filter(
        client=client,
        clinician=clinician,
        attendance=TherapySession.Attendance.PLANNED,
        starts_at__gte=max(midnight, at),
    )
    return planned.update(clinician=to, changed_at=at)


@transaction.atomic
def assign_care(
    *,
    by: User,
    client: Client,
    clinician: Membership,
    role: str,
    starts_on: date,
    ends_on: date | None = None,
    sessions: bool = False,
    at: datetime | None = None,
) -> CareAssignment:
    """Put a clinician into the care team, both days inclusive. A new primary takes over on ``starts_on``.

    The former primary's care ends on the day before, and with ``sessions`` what they planned from then on is the new
    one's; a cover needs an end. Raises ``Refused``.
    """
    client, at = locked(client), moment(at)
    detail: dict[str, Any] = {}
    check_end(starts_on, ends_on)
    if role == Role.COVER and ends_on is None:
        raise Refused(_("A cover needs a last day."), "ends_on")
    if role == Role.PRIMARY and ends_on is not None:
        raise Refused(_("Primary care ends by handing over."), "ends_on")
    former = None
    if role == Role.PRIMARY and sessions:
        primary = CareAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on), client=client, role=role)
        former = primary.select_related("clinician").first()
    row = put_into_team(client, clinician, role, starts_on, ends_on, today=client.practice.today(at))
    if former is not None:
        detail = {"sessions": move_sessions(client, former.clinician, clinician, starts_on, at)}
    audit.write("care.assigned", by=by, record=row, at=at, role=str(role), clinician=str(clinician.pk), **detail)
    return row


@transaction.atomic
def end_care(
    *, by: User, assignment: CareAssignment, ends_on: date | None = None, at: datetime | None = None
) -> CareAssignment | None:
    """The last day of a co-therapist's or cover's care (default: today). Access ends the day after.

    Care that has not begun is taken back instead (none is returned). Primary care ends by handing over.
    """
    at = moment(at)
    client = locked(assignment.client)
    row = CareAssignment.objects.get(pk=assignment.pk)
    today = client.practice.today(at)
    if row.role == Role.PRIMARY and row.ends_on is None and row.starts_on <= today:
        raise Refused(_("Hand the client over to another primary clinician first."))
    if row.starts_on > today:
        _take_back(by, row, at)
        return None
    ends_on = ends_on or today
    check_end(row.starts_on, ends_on)
    row.ends_on = ends_on
    row.save(update_fields=["ends_on"])
    trim_cover(client, row.clinician, ends_on)
    audit.write("care.ended", by=by, record=row, at=at, role=row.role, clinician=str(row.clinician_id))
    return row


def _take_back(by: User, row: CareAssignment, at: datetime) -> None:
    audit.write("care.taken_back", by=by, record=row, at=at, role=row.role, clinician=str(row.clinician_id))
    _drop(row, row.client.practice.today(at))


def _drop(row: CareAssignment, today: date) -> None:
    """Care that never began leaves; a planned hand-over gives primary care back to whoever has it until then, and
    whoever stands in for them stands in again."""
    row.delete()
    trim_cover(row.client, row.clinician, row.starts_on - DAY)
    if row.role == Role.PRIMARY:
        before = CareAssignment.objects.filter(
            client=row.client_id, role=Role.PRIMARY, ends_on=row.starts_on - DAY
        ).first()
        if before is not None:
            before.ends_on = None
            before.save(update_fields=["ends_on"])
            resume_cover_of(row.client, before.clinician, row.starts_on - DAY)
            ensure_cover(row.client, today)


def end_care_of(membership: Membership, *, last: date, at: datetime) -> dict[str, int]:
    """End this clinician's care with the day ``last``, primary care too; care that has not begun is taken back.

    Part of the action that ends the membership (``practice.hooks``), which writes the audit row with this count. Their
    clients may then have nobody: the roster has those on top.
    """
    today = membership.practice.today(at)
    open_care = CareAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=last), clinician=membership)
    for client in Client.objects.filter(pk__in=open_care.values("client_id")).order_by("pk"):
        locked(client)  # in the order of ids, like linking
    rows = list(open_care.order_by("starts_on"))
    for row in rows:
        if row.starts_on > max(today, last):
            _drop(row, today)
        else:
            row.ends_on = max(last, row.starts_on)
            row.save(update_fields=["ends_on"])
    return {"care_ended": len(rows)}


def _check_pair(by: User, first: Client, second: Client, at: datetime) -> None:
    if first.pk == second.pk:
        raise Refused(_("Choose another client."), "partner")
    if first.practice_id != second.practice_id:
        raise Refused(_("Both partners must be clients of this practice."), "partner")
    for client in (first, second):
        if not access.can(by, Permission.CHANGE_IDENTITY, client, at=at):
            raise Refused(_("Both partners must be in your care when you link them."), "partner")
        if Partner.objects.filter(client=client, ended=False).exists():
            raise Refused(_("%(name)s is linked already.") % {"name": client.short_name}, "partner")
        verdict = clearance(client)
        if not verdict.cleared:
            raise Refused(
                _("Not linked. %(name)s: %(reason)s. Only you see this.")
                % {"name": client.short_name, "reason": verdict.reason},
                "partner",
            )


@transaction.atomic
def link_couple(*, by: User, first: Client, second: Client, starts_on: date, at: datetime | None = None) -> Couple:
    """Link two clients as a couple; it opens nothing of either to the other.

    Only a primary or co-therapist of both links them, since whether one is cleared (screened, no flag open) is for
    that partner's clinicians alone to see. Afterwards each may be handed over; clinicians see the partner in their
    care. A refusal writes nothing and changes no page of either partner. The audit row is one and stands with the
    first; who looks for the second's finds it by the couple.
    """
    at = moment(at)
    # In the order of ids, so that two people linking the same pair wait for each other.
    rows = {client.pk: locked(client) for client in sorted((first, second), key=lambda row: row.pk)}
    first, second = rows[first.pk], rows[second.pk]
    _check_pair(by, first, second, at)
    if starts_on > first.practice.today(at):
        raise Refused(_("The day must not be in the future."), "starts_on")
    couple = Couple.objects.create(practice=first.practice, starts_on=starts_on)
    for seat, client in enumerate((first, second), 1):
        Partner.objects.create(couple=couple, client=client, seat=seat)
    audit.write("couple.linked", by=by, record=couple, client=first.pk, at=at, partner=str(second.pk))
    return couple


@transaction.atomic
def end_couple(*, by: User, couple: Couple, ends_on: date | None = None, at: datetime | None = None) -> Couple:
    """End the link (default: today). What was held together stays in each partner's own record."""
    at = moment(at)
    couple = Couple.objects.select_for_update(of=("self",)).select_related("practice").get(pk=couple.pk)
    if couple.ends_on is not None:
        raise Refused(_("This link has ended already."))
    ends_on = ends_on or couple.practice.today(at)
    check_end(couple.starts_on, ends_on)
    if ends_on > couple.practice.today(at):
        raise Refused(_("The day must not be in the future."), "ends_on")
    partners = list(couple.partners.select_related("client"))
    if not any(access.can(by, Permission.CHANGE_IDENTITY, row.client, at=at) for row in partners):
        raise Refused(_("One of the partners must be in your care."))
    couple.ends_on = ends_on
    couple.save(update_fields=["ends_on"])
    couple.partners.update(ended=True)
    audit.write("couple.ended", by=by, record=couple, client=partners[0].client_id, at=at)
    return couple


@transaction.atomic
def open_emergency(
    *, by: User, membership: Membership, client: Client, reason: str, hours: int, at: datetime | None = None
) -> EmergencyAccess:
    """An owner's access to one client's clinical content, for a reason, 1 to 24 hours; the care team is told."""
    at = moment(at)
    client = locked(client)
    reason = reason.replace("\x00", "").strip()
    if membership.user_id != by.pk or membership.practice_id != client.practice_id or not membership.is_owner:
        raise Refused(_("Only an owner of this practice opens emergency access, and only for themselves."))
    if not reason:
        raise Refused(_("Say why. The care team and the audit trail will show that you opened it."), "reason")
    if not 1 <= hours <= EMERGENCY_HOURS:
        raise Refused(_("Choose between 1 and %(most)s hours.") % {"most": EMERGENCY_HOURS}, "hours")
    row = EmergencyAccess.objects.create(
        client=client, membership=membership, reason=reason, starts_at=at, ends_at=at + timedelta(hours=hours)
    )
    for clinician in current_clinicians(client, at):
        queue_mail(
            "emergency-opened",
            purpose=f"emergency:{row.pk}:{clinician.pk}",
            subject_id=clinician.pk,
            practice=client.practice_id,
            at_least_once=True,
        )
    audit.write("emergency.opened", by=by, record=row, at=at, hours=hours)
    return row


@transaction.atomic
def end_emergency(*, by: User, emergency: EmergencyAccess, at: datetime | None = None) -> EmergencyAccess:
    """Give the access back before its end. Given back already: nothing is written."""
    at = moment(at)
    # The row is held: two at once write one audit row.
    emergency = EmergencyAccess.objects.select_for_update(of=("self",)).select_related("client").get(pk=emergency.pk)
    if emergency.revoked_at is None:
        emergency.revoked_at = at
        emergency.save(update_fields=["revoked_at"])
        audit.write("emergency.ended", by=by, record=emergency, at=at)
    return emergency
