"""Leave with a named cover: entered, ended early, taken back. The cover has access by care rows, which end by date."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.actions.common import RowProblems, check_end, locked, moment
from clients.actions.covering import DAY, end_or_drop
from clients.actions.covering import cover as cover_client
from clients.models import CareAssignment, Leave
from clients.queries.absence import away, care_during
from practice import audit
from practice.actions.mail import queue_mail
from practice.actions.shared import locked as locked_practice
from practice.errors import Refused
from practice.grants import Permission, role_gives
from practice.models import Membership, User
from practice.queries import is_current, memberships_of

Covers = Mapping[uuid.UUID, Membership | None]
Role = CareAssignment.Role


def check_arranger(by: User, clinician: Membership) -> None:
    """The clinician, or whoever manages the practice, arranges leave and handing over; else ``Refused``."""
    own = [row for row in memberships_of(by) if row.practice_id == clinician.practice_id]
    managing = any(role_gives(role, Permission.MANAGE_PRACTICE) for row in own for role in row.roles)
    if not managing and clinician.user_id != by.pk:
        raise Refused(_("Only the clinician or the practice’s owner arranges this."))


def _days(leave: Leave) -> str:
    return f"{date_format(leave.starts_on, 'j M Y')} – {date_format(leave.ends_on, 'j M Y')}"


def why_not_cover(clinician: Membership, member: Membership, starts_on: date, ends_on: date) -> str:
    """Why this member cannot stand in for the clinician on all these days; empty where they can. One query."""
    if member.pk == clinician.pk:
        return _("Nobody covers for themselves.")
    whole = is_current(member, starts_on) and is_current(member, ends_on)
    if member.practice_id != clinician.practice_id or not (member.is_clinician and member.user.is_active and whole):
        return _("Choose a clinician of this practice who belongs to it on all those days.")
    other = away([member], starts_on, ends_on).first()
    if other is not None:
        return _("%(name)s is on leave too: %(days)s.") % {"name": member, "days": _days(other)}
    return ""


def _check(by: User, clinician: Membership, starts_on: date, ends_on: date, today: date) -> None:
    check_arranger(by, clinician)
    if not clinician.is_clinician or not is_current(clinician, starts_on):
        raise Refused(_("Choose a clinician of this practice who belongs to it on that day."), "starts_on")
    check_end(starts_on, ends_on)
    if ends_on < today:
        raise Refused(_("These days are over already."), "ends_on")
    other = away([clinician], starts_on, ends_on).first()
    if other is not None:
        raise Refused(_("There is a leave at that time already: %(days)s.") % {"days": _days(other)}, "starts_on")


@transaction.atomic
def take_leave(
    *,
    by: User,
    clinician: Membership,
    cover: Membership,
    starts_on: date,
    ends_on: date,
    covers: Covers | None = None,
    at: datetime | None = None,
) -> Leave:
    """The clinician is away, both days inclusive; ``cover`` stands in for every client, or whom ``covers`` names.

    ``None`` in ``covers``: nobody, which only a client has whom the clinician sees as co-therapist. Clients whom the
    clinician covers for somebody else are covered too. The covers are told by mail. Raises ``Refused``, and
    ``RowProblems`` where a client's own cover cannot be.
    """
    at = moment(at)
    practice = locked_practice(clinician.practice)  # two leaves at once follow each other
    today = practice.today(at)
    _check(by, clinician, starts_on, ends_on, today)
    if problem := why_not_cover(clinician, cover, starts_on, ends_on):
        raise Refused(problem, "cover")
    care = care_during(clinician, max(starts_on, today), ends_on)
    chosen = {row.client_id: (covers or {}).get(row.client_id, cover) for row in care}
    _check_rows(clinician, care, chosen, cover, starts_on, ends_on)
    leave = Leave.objects.create(
        practice=practice,
        clinician=clinician,
        cover=cover,
        starts_on=starts_on,
        ends_on=ends_on,
        made_by=by,
        made_at=at,
    )
    made = 0
    for row in sorted(care, key=lambda row: row.client_id):  # in the order of ids, like linking
        member = chosen[row.client_id]
        row.client = locked(row.client)
        made += member is not None and cover_client(leave, row, member, today) is not None
    for member in {member.pk: member for member in chosen.values() if member}.values():
        tell("cover-named", leave.pk, member)
    audit.write(
        "leave.added", by=by, record=leave, at=at, clinician=str(clinician.pk), cover=str(cover.pk), clients=made
    )
    return leave


def _check_rows(
    clinician: Membership,
    care: list[CareAssignment],
    chosen: Covers,
    cover: Membership,
    starts_on: date,
    ends_on: date,
) -> None:
    """Each client's own cover can stand in; asked once a colleague."""
    problems: dict[uuid.UUID, str] = {}
    why = {cover.pk: ""}
    for row in care:
        member = chosen[row.client_id]
        if member is None:
            problem = "" if row.role == Role.CO else _("Somebody must stand in for this client.")
        else:
            if member.pk not in why:
                why[member.pk] = why_not_cover(clinician, member, starts_on, ends_on)
            problem = why[member.pk]
        if problem:
            problems[row.client_id] = problem
    if problems:
        raise RowProblems(problems)


def tell(template: str, subject: uuid.UUID, member: Membership) -> None:
    """That something waits in the product; the letter says no more."""
    queue_mail(template, purpose=f"{template}:{subject}:{member.pk}", subject_id=member.pk, practice=member.practice_id)


@transaction.atomic
def end_leave(*, by: User, leave: Leave, last: date | None = None, at: datetime | None = None) -> Leave:
    """Back early: ``last`` is the last day away (default: today), and the covers lose access on the day after.

    A leave that has not begun is taken back whole, with the covers' care. Raises ``Refused``.
    """
    at = moment(at)
    locked_practice(leave.practice)
    leave = Leave.objects.select_related("practice", "clinician").get(pk=leave.pk)
    check_arranger(by, leave.clinician)
    today = leave.practice.today(at)
    if leave.cancelled_at is not None or leave.ends_on < today:
        raise Refused(_("This leave is over already."))
    if leave.starts_on > today:
        leave.cancelled_at = at
        dropped = sum(end_or_drop(row, leave.starts_on - DAY) for row in list(leave.care.all()))
        leave.save(update_fields=["cancelled_at"])
        audit.write("leave.cancelled", by=by, record=leave, at=at, clients=dropped)
        return leave
    last = last or today
    check_end(leave.starts_on, last)
    if last > leave.ends_on:
        raise Refused(_("It ends before that day. Enter another leave for the days after."), "ends_on")
    leave.ends_on = last
    leave.save(update_fields=["ends_on"])
    ended = sum(end_or_drop(row, last) for row in list(leave.care.filter(ends_on__gt=last)))
    audit.write("leave.ended", by=by, record=leave, at=at, ends_on=last.isoformat(), clients=ended)
    return leave
