"""Links to answer one assignment without signing in, and passes for the room.

A link is a row with a hash; its token is derived (``practice/tokens.py``). The page behind it shows a button (GET, as
mail scanners do), and the button (POST) *enters* it: ``enter_link`` marks the link used, stores the hash of a fresh
secret and gives that secret for a cookie. From then on only the cookie opens the page: the same device resumes with it,
another device is told to ask for a new link. Making a link revokes the earlier ones of the assignment and their passes,
so a renewal moves the client to another device. After the answers were sent the pass still shows the receipt, until it
expires, and nothing else.

In the room there is no link that could be passed on: ``start_room`` makes a row without a token and gives the pass
secret at once, for the device at hand.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Assignment, AssignmentLink
from practice import audit, tokens
from practice.errors import Refused
from practice.models import User

LINK_DAYS = 14
MAX_LINK_DAYS = 60
ROOM_HOURS = 2
"""A device handed over in the room stays open for so long."""


def make_link(
    *, by: User, assignment: Assignment, days: int = LINK_DAYS, at: datetime | None = None
) -> tuple[AssignmentLink, str]:
    """Make (or renew) the assignment's link; earlier links and their passes stop working. Gives the row and the token.

    Raises ``Refused`` for an assignment that is not open, or not meant for a link.
    """
    at = at or timezone.now()
    with transaction.atomic():
        renewed = revoke_links(assignment, at)
        link = new_link(by, assignment, days, at)
        audit.write("link.made", by=by, record=link, client=assignment.client_id, at=at, days=days, renewed=renewed)
    return link, tokens.token_for(link)


def new_link(by: User, assignment: Assignment, days: int, at: datetime) -> AssignmentLink:
    """The row of a new link, within an action that writes the audit row."""
    if not 1 <= days <= MAX_LINK_DAYS:
        raise Refused(_("A link lasts from 1 to %(most)s days.") % {"most": MAX_LINK_DAYS}, "days")
    if assignment.channel != Assignment.Channel.LINK:
        raise Refused(_("Only what is given by link has a link."))
    link = _row(by, assignment, at, timedelta(days=days))
    tokens.arm(link)
    link.save()
    return link


def revoke_links(assignment: Assignment, at: datetime) -> int:
    """Take back every link and pass of the assignment, within an action that writes the audit row; how many."""
    return AssignmentLink.objects.filter(assignment=assignment, revoked_at=None).update(revoked_at=at)


def revoke_link(*, by: User, link: AssignmentLink, at: datetime | None = None) -> None:
    """Take the link back, and whatever pass came from it. Doing so twice changes nothing."""
    at = at or timezone.now()
    with transaction.atomic():
        if AssignmentLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=at):
            link.revoked_at = at
            audit.write("link.revoked", by=by, record=link, client=link.assignment.client_id, at=at)


def start_room(*, by: User, assignment: Assignment, at: datetime | None = None) -> tuple[AssignmentLink, str]:
    """Open the assignment on the device at hand; the pass, good for two hours, and the secret for its cookie.

    Whoever hands the device over must be signed out on it: the view does that.
    """
    at = at or timezone.now()
    with transaction.atomic():
        revoke_links(assignment, at)
        link = _row(by, assignment, at, timedelta(hours=ROOM_HOURS))
        secret = _pass(link, at)
        link.save()
        audit.write("room.started", by=by, record=link, client=assignment.client_id, at=at)
    return link, secret


def enter_link(*, link: AssignmentLink, at: datetime | None = None) -> str:
    """Consume the link once: the secret for the device's cookie. Of several at once one succeeds.

    Raises ``Refused`` when the link was used, revoked, renewed or has expired.
    """
    at = at or timezone.now()
    with transaction.atomic():
        secret = _pass(link, at)
        # Only columns of the row itself: PostgreSQL would not look at a joined one again after waiting for the row.
        live = AssignmentLink.objects.filter(pk=link.pk, used_at=None, revoked_at=None, expires_at__gt=at)
        is_open = Assignment.objects.filter(pk=link.assignment_id, state=Assignment.State.OPEN).exists()
        if not is_open or not live.update(used_at=at, pass_hash=link.pass_hash):
            raise Refused(_("This link no longer works. Your therapist can give you a new one."))
        audit.write("link.entered", record=link, client=link.assignment.client_id, at=at, basis="link")
    return secret


def by_pass(secret: str, at: datetime | None = None) -> AssignmentLink | None:
    """The link whose pass this is, while it may be used, with its assignment, client and practice; else nothing.

    It still gives the link after the answers were sent, so that the same device sees its receipt.
    """
    if not 40 <= len(secret) <= 60:
        return None
    rows = AssignmentLink.objects.select_related(
        "practice", "assignment__client__practice", "assignment__version__instrument", "assignment__response"
    )
    return (
        rows.filter(pass_hash=_hash(secret), revoked_at=None, expires_at__gt=at or timezone.now())
        .exclude(assignment__state=Assignment.State.WITHDRAWN)
        .first()
    )


def in_room(link: AssignmentLink) -> bool:
    """Whether this is a pass for the room rather than a link."""
    return link.token_hash is None


def _row(by: User, assignment: Assignment, at: datetime, lasting: timedelta) -> AssignmentLink:
    if assignment.state != Assignment.State.OPEN or assignment.has_expired(at):
        raise Refused(_("This is no longer open."))
    return AssignmentLink(
        practice_id=assignment.practice_id, assignment=assignment, made_by=by, created_at=at, expires_at=at + lasting
    )


def _pass(link: AssignmentLink, at: datetime) -> str:
    """Set a fresh pass on the (unsaved) row and give its secret."""
    secret = secrets.token_urlsafe(32)
    link.pass_hash, link.used_at = _hash(secret), at
    return secret


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
