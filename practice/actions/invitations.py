"""Inviting colleagues by a one-time link: asking, renewing, revoking, accepting."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from practice import audit, hooks, tokens
from practice.actions.mail import queue_mail
from practice.actions.shared import locked, role_fields
from practice.errors import Refused
from practice.models import Invitation, Membership, Practice, User
from practice.queries import is_current

DAYS_VALID = 7


@transaction.atomic
def invite(
    *,
    by: User,
    practice: Practice,
    email: str,
    name: str,
    roles: Iterable[str],
    title: str = "",
    at: datetime | None = None,
) -> Invitation:
    """Invite somebody; the mail with the link goes through the outbox.

    Raises ``Refused`` at ``email`` when they belong to the practice, or an invitation to the address is still open.
    """
    at = at or timezone.now()
    practice = locked(practice)
    address = email.strip().lower()
    member = Membership.objects.filter(practice=practice, user__sign_in=address).first()
    if member and is_current(member, practice.today(at)):
        raise Refused(_("This person already belongs to the practice."), "email")
    open_ones = Invitation.objects.filter(practice=practice, email__iexact=address, used_at=None, revoked_at=None)
    if open_ones.filter(expires_at__gt=at).exists():
        raise Refused(_("There is an open invitation to this address: renew or revoke it below."), "email")
    invitation = Invitation(
        practice=practice,
        email=address,
        name=name.strip(),
        title=title.strip(),
        invited_by=by,
        created_at=at,
        expires_at=at + timedelta(days=DAYS_VALID),
        **role_fields(roles),
    )
    tokens.arm(invitation)
    invitation.save()
    audit.write("invitation.made", by=by, record=invitation, at=at, roles=list(invitation.roles))
    _send(invitation)
    return invitation


@transaction.atomic
def renew_invitation(*, by: User, invitation: Invitation, at: datetime | None = None) -> Invitation:
    """A new link with a new end; the earlier one stops working. Raises ``Refused`` once used or revoked."""
    at = at or timezone.now()
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.used_at or invitation.revoked_at:
        raise Refused(_("This invitation is closed. Invite the person again."))
    invitation.generation += 1
    invitation.expires_at = at + timedelta(days=DAYS_VALID)
    tokens.arm(invitation)
    invitation.save()
    audit.write("invitation.renewed", by=by, record=invitation, at=at, generation=invitation.generation)
    _send(invitation)
    return invitation


def _send(invitation: Invitation) -> None:
    queue_mail(
        "staff-invitation",
        purpose=f"staff-invitation:{invitation.pk}:{invitation.generation}",
        subject_id=invitation.pk,
        practice=invitation.practice_id,
        at_least_once=True,
    )


@transaction.atomic
def revoke_invitation(*, by: User, invitation: Invitation, at: datetime | None = None) -> Invitation:
    """Take an invitation back. Raises ``Refused`` when it was accepted; revoking twice is one event."""
    at = at or timezone.now()
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.used_at:
        raise Refused(_("This invitation was already accepted."))
    if invitation.revoked_at is None:
        invitation.revoked_at = at
        invitation.save(update_fields=["revoked_at"])
        audit.write("invitation.revoked", by=by, record=invitation, at=at)
    return invitation


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, password: str, name: str = "", at: datetime | None = None
) -> Membership:
    """Use the link once: makes the user, or takes the one who already signs in with this address, and the membership.

    Somebody who already has a sign-in proves it with their password, so that a link never replaces a password or a
    second factor. A former member's membership runs again. Raises ``Refused`` when the link is no longer live, or at
    ``password`` when that is wrong.
    """
    at = at or timezone.now()
    invitation = Invitation.objects.select_for_update().select_related("practice").get(pk=invitation.pk)
    if not invitation.is_live(at):
        raise Refused(_("This link is no longer valid."))
    user = User.objects.filter(sign_in=invitation.email).first()
    if user is None:
        user = User.objects.create_user(
            invitation.email, password, email=invitation.email, name=name.strip() or invitation.name, joined_at=at
        )
    elif not (user.is_active and user.check_password(password)):
        raise Refused(_("That is not the password of this sign-in."), "password")
    membership = _become_member(invitation, user, at)
    invitation.used_at = at
    invitation.save(update_fields=["used_at"])
    audit.write("invitation.accepted", by=user, record=membership, at=at, roles=list(membership.roles))
    return membership


def _become_member(invitation: Invitation, user: User, at: datetime) -> Membership:
    practice = invitation.practice
    membership = Membership.objects.filter(practice=practice, user=user).first()
    if membership is None:
        membership = Membership(practice=practice, user=user, starts_on=practice.today(at))
    elif membership.ends_on is not None:
        hooks.leave(membership, last=membership.ends_on, at=at)  # old care is not revived with the membership
    membership.ends_on = None
    membership.title = invitation.title
    for name, value in role_fields(invitation.roles).items():
        setattr(membership, name, value)
    membership.save()
    return membership
