"""Practices, members and supervision: founding, adding, changing, ending."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from practice import audit, hooks
from practice.actions.invitations import accept_invitation, invite, renew_invitation, revoke_invitation
from practice.actions.shared import locked, role_fields
from practice.errors import Refused
from practice.models import Membership, Practice, Supervision, User
from practice.models.people import validate_zone

__all__ = [
    "accept_invitation",
    "add_member",
    "change_member",
    "end_supervision",
    "found_practice",
    "invite",
    "renew_invitation",
    "revoke_invitation",
    "start_supervision",
]


@transaction.atomic
def found_practice(
    *,
    name: str,
    time_zone: str,
    owner_email: str,
    owner_name: str,
    password: str | None = None,
    at: datetime | None = None,
) -> Membership:
    """A new practice and its first owner. Somebody who already signs in with this address keeps their password.

    Raises ``ValidationError`` for an unknown time zone.
    """
    at = at or timezone.now()
    validate_zone(time_zone)
    practice = Practice.objects.create(name=name, time_zone=time_zone, created_at=at)
    user = User.objects.filter(sign_in=owner_email.strip().lower()).first()
    if user is None:
        user = User.objects.create_user(owner_email, password, email=owner_email, name=owner_name, joined_at=at)
    membership = Membership.objects.create(practice=practice, user=user, is_owner=True, starts_on=practice.today(at))
    audit.write("practice.founded", by=user, record=membership, at=at)
    return membership


@transaction.atomic
def add_member(
    *,
    by: User,
    practice: Practice,
    user: User,
    roles: Iterable[str],
    starts_on: date,
    title: str = "",
    at: datetime | None = None,
) -> Membership:
    """A user becomes a member. Raises ``Refused`` when they already are or were one, or without a role."""
    membership = Membership(practice=practice, user=user, title=title, starts_on=starts_on, **role_fields(roles))
    try:
        with transaction.atomic():
            membership.save()
    except IntegrityError:
        raise Refused(_("This person already belongs to the practice."), "user") from None
    audit.write("member.added", by=by, record=membership, at=at, roles=list(membership.roles))
    return membership


@transaction.atomic
def change_member(
    *,
    by: User,
    membership: Membership,
    roles: Iterable[str],
    title: str,
    ends_on: date | None,
    at: datetime | None = None,
) -> Membership:
    """Change roles, title and last day (inclusive; ``None``: open). Supervision and care that no longer fit end too.

    Neither comes back when the last day is taken back: who cares for a client is then said anew.
    Raises ``Refused``: the last owner stays, an end before the start, no role.
    """
    at = at or timezone.now()
    practice = locked(membership.practice)
    membership = Membership.objects.select_related("user", "practice").get(pk=membership.pk)
    before = membership.roles
    fields = role_fields(roles)
    if ends_on and ends_on < membership.starts_on:
        raise Refused(_("The last day is before the first day."), "ends_on")
    if membership.is_owner and (not fields["is_owner"] or ends_on) and not _another_owner(practice, membership, at):
        raise Refused(
            _("The practice needs an owner: make somebody else an owner first."), "ends_on" if ends_on else "roles"
        )
    for name, value in fields.items():
        setattr(membership, name, value)
    membership.title, membership.ends_on = title, ends_on
    membership.save()
    ended = _end_unfitting_supervision(membership, practice.today(at))
    left = _leave(membership, practice.today(at), at)
    audit.write(
        "member.changed",
        by=by,
        record=membership,
        at=at,
        roles=list(membership.roles),
        roles_before=list(before),
        ends_on=ends_on.isoformat() if ends_on else "",
        supervisions_ended=ended,
        **left,  # type: ignore[arg-type]
    )
    return membership


def _leave(membership: Membership, today: date, at: datetime) -> dict[str, int]:
    """What the other rooms end with a clinician's last day; whoever is no clinician any more, with today."""
    if membership.is_clinician:
        return hooks.leave(membership, last=membership.ends_on, at=at) if membership.ends_on else {}
    return hooks.leave(membership, last=min(membership.ends_on or today, today), at=at)


def _another_owner(practice: Practice, membership: Membership, at: datetime) -> bool:
    """Whether somebody else who can sign in owns the practice now and without an end."""
    owners = Membership.objects.current(practice.today(at)).filter(practice=practice, is_owner=True, ends_on=None)
    return owners.filter(user__is_active=True).exclude(pk=membership.pk).exists()


def _end_unfitting_supervision(membership: Membership, today: date) -> int:
    """End the member's supervision links with the membership, or today where the role is gone; how many."""
    links = Supervision.objects.none()
    last = membership.ends_on or today
    if membership.ends_on:
        links = Supervision.objects.filter(Q(supervisor=membership) | Q(supervisee=membership))
    else:
        if not membership.is_supervisor:
            links |= Supervision.objects.filter(supervisor=membership)
        if not membership.is_clinician:
            links |= Supervision.objects.filter(supervisee=membership)
    ended = 0
    for link in links.filter(Q(ends_on=None) | Q(ends_on__gt=last)):
        link.ends_on = max(last, link.starts_on)
        link.save(update_fields=["ends_on"])
        ended += 1
    return ended


@transaction.atomic
def start_supervision(
    *, by: User, supervisor: Membership, supervisee: Membership, starts_on: date, at: datetime | None = None
) -> Supervision:
    """A supervisor starts to supervise a clinician. Raises ``Refused`` where roles or dates do not fit."""
    practice = locked(supervisor.practice)
    if supervisee.practice_id != practice.pk or not supervisor.is_supervisor:
        raise Refused(_("Choose a supervisor of this practice."), "supervisor")
    if not supervisee.is_clinician:
        raise Refused(_("Choose a clinician of this practice."), "supervisee")
    if supervisor == supervisee:
        raise Refused(_("Nobody supervises themselves."), "supervisee")
    overlapping = Supervision.objects.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
    if overlapping.filter(supervisor=supervisor, supervisee=supervisee).exists():
        raise Refused(_("This supervision is already running."), "supervisee")
    link = Supervision.objects.create(
        practice=practice, supervisor=supervisor, supervisee=supervisee, starts_on=starts_on
    )
    audit.write("supervision.started", by=by, record=link, at=at, starts_on=starts_on.isoformat())
    return link


@transaction.atomic
def end_supervision(
    *, by: User, supervision: Supervision, ends_on: date | None = None, at: datetime | None = None
) -> Supervision | None:
    """End a supervision; ``ends_on`` is its last day (default: today in the practice's zone).

    An end before today ends access at once. A link that began today or will begin has no such day: it is taken back
    (none is returned), and the audit trail keeps that it was. Raises ``Refused`` for another end before the start, or
    one later than an end already set.
    """
    at = at or timezone.now()
    supervision = Supervision.objects.select_for_update(of=("self",)).select_related("practice").get(pk=supervision.pk)
    today = supervision.practice.today(at)
    last = ends_on or today
    if last < supervision.starts_on and today <= supervision.starts_on:
        audit.write("supervision.taken_back", by=by, record=supervision, at=at, ends_on=last.isoformat())
        supervision.delete()
        return None
    if last < supervision.starts_on:
        raise Refused(_("The last day is before the first day."), "ends_on")
    if supervision.ends_on and last > supervision.ends_on:
        raise Refused(_("This supervision has already ended."), "ends_on")
    supervision.ends_on = last
    supervision.save(update_fields=["ends_on"])
    audit.write("supervision.ended", by=by, record=supervision, at=at, ends_on=last.isoformat())
    return supervision
