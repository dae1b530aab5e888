"""This room's letters. None says anything clinical: not in the subject, not in the body, not in the link."""

from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import ClientInvitation
from clients.queries.contact import may_mail
from clients.queries.joining import shares_address
from practice import tokens
from practice.mail import Letter, letter, link_to
from practice.models import Membership, OutboxMessage
from practice.queries import is_current


def invitation(message: OutboxMessage) -> Letter | None:
    """The one-time link, if it is still live and the client still wants mail at an address."""
    row = ClientInvitation.objects.select_related("client__practice").filter(pk=message.subject_id).first()
    if row is None or not row.is_live(timezone.now()) or not may_mail(row.client):
        return None
    practice = row.client.practice
    body = _(
        "Hello,\n\nthis link lets you choose a password. It works once, until %(until)s:\n\n%(link)s\n\n"
        "If you did not expect this, you need do nothing."
    ) % {
        "until": row.expires_at.astimezone(practice.zone).strftime("%Y-%m-%d %H:%M"),
        "link": link_to("portal:client_join", token=tokens.token_for(row)),
    }
    return letter(practice, to=row.client.email, body=body)


def sign_in_changed(message: OutboxMessage) -> Letter | None:
    """That a new password was chosen by a one-time link; only where mail is safe and the address is the client's alone.

    No reset link is in it: such links are handed out exactly where reset mail does not help.
    """
    row = ClientInvitation.objects.select_related("client__practice").filter(pk=message.subject_id).first()
    if row is None or row.used_at is None or not may_mail(row.client) or shares_address(row.client, row.client.email):
        return None
    body = _(
        "Hello,\n\nthe way you sign in was changed on %(when)s. If it was you, you need do nothing. If not, please call"
        " whoever gave you your sign-in."
    ) % {"when": row.used_at.astimezone(row.client.practice.zone).strftime("%Y-%m-%d %H:%M")}
    return letter(row.client.practice, to=row.client.email, body=body)


def to_clinician(message: OutboxMessage) -> Letter | None:
    """That something waits in the product, and no more: for a flag, and for emergency access to a client's record.

    ``subject_id`` is the membership of the one who is told.
    """
    text = _("Hello,\n\nsomething new needs you. Please sign in and look at the top of your start page:\n\n%(link)s")
    return _to_member(message, text % {"link": link_to("home")})


def cover_named(message: OutboxMessage) -> Letter | None:
    """That the member stands in for a colleague; not for whom, nor when. ``subject_id`` is the membership."""
    text = _(
        "Hello,\n\na colleague will be away and named you to stand in. Please sign in and look under Leave:\n\n%(link)s"
    )
    return _to_member(message, text % {"link": link_to("dashboard:leaves")})


def handed_over(message: OutboxMessage) -> Letter | None:
    """That care was handed over to the member; not whose, nor by whom. ``subject_id`` is the membership."""
    text = _("Hello,\n\na colleague handed over to you. Please sign in and look under Leave:\n\n%(link)s")
    return _to_member(message, text % {"link": link_to("dashboard:leaves")})


def _to_member(message: OutboxMessage, body: str) -> Letter | None:
    """To a member who belongs to the practice today and can sign in."""
    member = Membership.objects.select_related("practice", "user").filter(pk=message.subject_id).first()
    if member is None or not member.user.is_active or not is_current(member, member.practice.today()):
        return None
    return letter(member.practice, to=member.user.email, body=body) if member.user.email else None


def to_owner(message: OutboxMessage) -> Letter | None:
    """That somebody on the roster has nobody who cares for them; not who, nor why it matters now.

    ``subject_id`` is the owner's membership.
    """
    member = Membership.objects.select_related("practice", "user").filter(pk=message.subject_id).first()
    if member is None or not member.is_owner or not member.user.is_active or not member.user.email:
        return None
    if not is_current(member, member.practice.today()):
        return None
    body = _(
        "Hello,\n\nsomebody on the roster of your practice has no clinician at the moment. Please sign in, open the"
        " roster and name one today; they stand at its top:\n\n%(link)s"
    ) % {"link": link_to("home")}
    return letter(member.practice, to=member.user.email, body=body)
