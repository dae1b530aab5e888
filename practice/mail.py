"""Letters: what an outbox row becomes when it is sent. Built then, so that no row holds an address, a name or a link.

A room registers its templates in its ``AppConfig.ready``:

    hooks.register_letter("client-invitation", "clients.letters.invitation")

and writes ``def invitation(message: OutboxMessage) -> Letter | None``: fetch the row of ``message.subject_id``, decide
whether it may *still* be sent (``None`` withholds it), and give ``letter(practice, to=…, body=…)``. Subjects and sender
names are neutral for everybody; a body says nothing clinical either.
"""

import re
from dataclasses import dataclass
from email.utils import formataddr, parseaddr

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from practice import hooks, tokens
from practice.models import Invitation, Membership, OutboxMessage, Practice, User


@dataclass(frozen=True)
class Letter:
    """One message, ready to go: the address, a neutral sender name and subject, a plain-text body."""

    to: str
    sender: str
    subject: str
    body: str


def one_line(text: str) -> str:
    """Without line breaks and control characters: nothing typed can add a header."""
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text).strip()


def letter(practice: Practice | None, *, to: str, body: str) -> Letter:
    """A letter with the neutral sender and subject. A practice without a mail name is not named: its name may say
    what it does."""
    sender = one_line(practice.mail_name) if practice else ""
    subject = _("A message from %(sender)s") % {"sender": sender} if sender else _("A message for you")
    return Letter(to=to, sender=sender, subject=one_line(subject), body=body)


def link_to(name: str, **kwargs: object) -> str:
    """The full address of a page, for letters."""
    return settings.BASE_URL + reverse(name, kwargs=kwargs)


def compose(message: OutboxMessage, letter: Letter, connection: BaseEmailBackend) -> EmailMessage:
    """The e-mail of a letter. Raises ``ValidationError`` for an unusable address.

    ``Message-ID`` is the outbox row's id, so that a receiver recognises a message that was sent again.
    """
    validate_email(letter.to)
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return EmailMessage(
        subject=letter.subject,
        body=letter.body,
        from_email=formataddr((letter.sender or name, address)),
        to=[letter.to],
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Message-ID": f"<{message.pk}@{address.rpartition('@')[2]}>",
        },
        connection=connection,
    )


# --- this room's letters ----------------------------------------------------------------------------------------
def staff_invitation(message: OutboxMessage) -> Letter | None:
    """The link of an invitation that is still live and of the generation the message was queued for."""
    invitation = Invitation.objects.select_related("practice").filter(pk=message.subject_id).first()
    generation = message.purpose.rpartition(":")[2]
    if not invitation or not invitation.is_live(timezone.now()) or generation != str(invitation.generation):
        return None
    body = _(
        "Hello %(name)s,\n\nyou have been invited to work together in Trestle. This link makes your sign-in; it works"
        " once, until %(until)s (%(zone)s):\n\n%(link)s\n\nIf you did not expect this, you need do nothing."
    ) % {
        "name": one_line(invitation.name),
        "until": invitation.expires_at.astimezone(invitation.practice.zone).strftime("%Y-%m-%d %H:%M"),
        "zone": invitation.practice.time_zone,
        "link": link_to("join", token=tokens.token_for(invitation)),
    }
    return letter(invitation.practice, to=invitation.email, body=body)


def _to_user(user: User, body: str) -> Letter | None:
    if not user.email or not hooks.may_write(user):
        return None
    member = Membership.objects.filter(user=user).select_related("practice").order_by("starts_on", "id").first()
    return letter(member.practice if member else None, to=user.email, body=body)


def password_link(user: User) -> str:
    """The address at which this user sets a new password, once."""
    return link_to(
        "account_reset_password_from_key",
        uidb36=user_pk_to_url_str(user),
        key=default_token_generator.make_token(user),
    )


def password_reset(message: OutboxMessage) -> Letter | None:
    """The link that sets a new password; nothing for an unknown or deactivated user (the row is then a decoy)."""
    user = User.objects.filter(pk=message.subject_id, is_active=True).first()
    if user is None:
        return None
    link = password_link(user)
    body = _(
        "Hello,\n\nsomebody, hopefully you, asked for a new password for the sign-in %(sign_in)s. This link sets"
        " it:\n\n%(link)s\n\nIf it was not you, you need do nothing: your password stays as it is."
    ) % {"sign_in": user.sign_in, "link": link}
    return _to_user(user, body)


def sign_in_changed(message: OutboxMessage) -> Letter | None:
    """That a password or second step changed."""
    user = User.objects.filter(pk=message.subject_id, is_active=True).first()
    if user is None:
        return None
    body = _(
        "Hello,\n\nthe way you sign in was changed on %(when)s (UTC). If it was you, you need do nothing. If not, set a"
        " new password now:\n\n%(link)s"
    ) % {"when": message.created_at.strftime("%Y-%m-%d %H:%M"), "link": link_to("account_reset_password")}
    return _to_user(user, body)
