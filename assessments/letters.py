"""This room's letter: that something is waiting. It says how long it takes, and never what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Assignment, AssignmentLink
from clients.queries.contact import may_mail
from practice import tokens
from practice.mail import Letter, letter, link_to
from practice.models import OutboxMessage, Practice


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits: about how long it takes, and where it is answered."""

    minutes: int
    link: str


def assignment_ready(message: OutboxMessage) -> Letter | None:
    """What was asked together and is still open, if the client still wants mail; else nothing.

    ``subject_id`` is one assignment of the asking.
    """
    first = Assignment.objects.select_related("client__practice").filter(pk=message.subject_id).first()
    if first is None or not may_mail(first.client):
        return None
    rows = Assignment.objects.filter(
        administration=first.administration_id,
        client=first.client_id,
        state=Assignment.State.OPEN,
        episode__ends_on=None,
    ).select_related("version")
    waiting = [one for row in rows.order_by("assigned_at", "pk") if (one := _waiting(row))]
    return compose(first.client.practice, first.client.email, waiting) if waiting else None


def compose(practice: Practice, to: str, waiting: Sequence[Waiting]) -> Letter:
    """The letter, also for a preview. Links that are the same (the portal) stand there once."""
    minutes = sum(one.minutes for one in waiting)
    opening = ngettext(
        "Hello,\n\nthere is something waiting for you. It takes about a minute.",
        "Hello,\n\nthere is something waiting for you. It takes about %(count)s minutes.",
        minutes,
    ) % {"count": minutes}
    links = list(dict.fromkeys(one.link for one in waiting))
    words = _("You find it here:") if len(links) == 1 else _("You find it here, one after the other:")
    closing = _("This message is sent by a machine. If you did not expect it, you need do nothing.")
    return letter(practice, to=to, body="\n\n".join([opening, words, *links, closing]))


def _waiting(row: Assignment) -> Waiting | None:
    """Where an open assignment is answered: nowhere for the room, or when its link is spent."""
    minutes = row.version.definition.minutes
    if row.channel == Assignment.Channel.PORTAL:
        return Waiting(minutes, link_to("home"))
    if row.channel != Assignment.Channel.LINK:
        return None
    links = AssignmentLink.objects.filter(assignment=row, token_hash__isnull=False).order_by("-created_at")
    link = next((one for one in links if one.is_live(timezone.now())), None)
    return Waiting(minutes, link_to("portal:link", token=tokens.token_for(link))) if link else None
