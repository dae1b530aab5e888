"""How a client gets a sign-in of their own, and agrees to the privacy notice."""

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.common import locked, moment
from clients.models import Client, ClientInvitation, Consent
from clients.queries.contact import may_mail, next_contact_time
from clients.queries.joining import current_notice, may_renew, shares_address, sign_in_code, suggest_sign_in
from practice import audit, tokens
from practice.actions.mail import queue_mail
from practice.errors import Refused
from practice.models import PrivacyNotice, User

INVITATION_DAYS = 14


def _live(client: Client) -> list[ClientInvitation]:
    return list(ClientInvitation.objects.filter(client=client, used_at=None, revoked_at=None))


def _revoke(invitations: list[ClientInvitation], at: datetime) -> None:
    for invitation in invitations:
        invitation.revoked_at = at
        invitation.save(update_fields=["revoked_at"])


@transaction.atomic
def invite_client(*, by: User, client: Client, at: datetime | None = None) -> ClientInvitation:
    """A one-time link for two weeks; earlier links stop working. ``tokens.token_for(invitation)`` is its token.

    A client with a sign-in is invited again only to choose a new password where no reset mail can help
    (``may_renew``).
    """
    at = moment(at)
    client = locked(client)
    if client.user_id is not None and not may_renew(client):
        raise Refused(_("This client signs in with an e-mail address and can ask for a new password there."))
    _revoke(_live(client), at)
    invitation = ClientInvitation(
        practice=client.practice,
        client=client,
        invited_by=by,
        created_at=at,
        expires_at=at + timedelta(days=INVITATION_DAYS),
    )
    tokens.arm(invitation)
    invitation.save()
    audit.write("client.invited", by=by, record=invitation, client=client.pk, at=at)
    return invitation


@transaction.atomic
def send_client_invitation(*, by: User, invitation: ClientInvitation, at: datetime | None = None) -> None:
    """Send the link by e-mail, in the hours that the client chose; only where e-mail is the safe way."""
    at = moment(at)
    client = locked(invitation.client)
    if not may_mail(client):
        raise Refused(_("This client chose not to get messages. Hand over the link instead."))
    if not invitation.is_live(at):
        raise Refused(_("This link works no longer. Make a new one."))
    queue_mail(
        "client-invitation",
        purpose=f"client-invitation:{invitation.pk}",
        subject_id=invitation.pk,
        practice=client.practice_id,
        not_before=next_contact_time(client, at),
    )
    audit.write("client.invitation_sent", by=by, record=invitation, client=client.pk, at=at)


@transaction.atomic
def revoke_client_invitation(*, by: User, client: Client, at: datetime | None = None) -> int:
    """Make the client's live links useless; how many there were."""
    at = moment(at)
    client = locked(client)
    found = _live(client)
    _revoke(found, at)
    audit.write("client.invitation_revoked", by=by, record=client, client=client.pk, at=at, links=len(found))
    return len(found)


def _check_sign_in(client: Client, sign_in: str) -> None:
    """The client's own address on file where it is theirs alone, or their code.

    Everything else is answered by the same words, so that nobody learns whose address is known here.
    """
    if sign_in not in (suggest_sign_in(client), sign_in_code(client)):
        raise Refused(
            _("Please use the sign-in name that you were given, or the e-mail address that your practice has of you."),
            "sign_in",
        )


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "password") from None


def _user_for(client: Client, sign_in: str) -> User:
    """The client's user, or a new one. A code has no address, so no reset mail ever goes into a shared inbox."""
    if client.user_id is not None:
        if not may_renew(client):
            raise Refused(_("This link works no longer."))
        return client.user  # type: ignore[return-value]
    _check_sign_in(client, sign_in)
    return User(sign_in=sign_in, email=sign_in if "@" in sign_in else "", name=client.full_name)


@transaction.atomic
def accept_client_invitation(
    *, invitation: ClientInvitation, sign_in: str, password: str | None, at: datetime | None = None
) -> User:
    """Use the link up and give the client a sign-in. ``Refused`` at ``sign_in`` or ``password``, or for a spent link.

    A renewed sign-in keeps its name and its second step: whoever holds the link still has to sign in, and the client
    is told where mail is safe. ``password=None`` leaves none to sign in with (imports, demo).
    """
    at = moment(at)
    client = locked(invitation.client)
    invitation = ClientInvitation.objects.select_for_update().get(pk=invitation.pk)
    if not invitation.is_live(at):
        raise Refused(_("This link works no longer."))
    user = _user_for(client, sign_in.strip().lower())
    if password is None:
        user.set_unusable_password()
    else:
        _check_password(password, user)
        user.set_password(password)
    user.save()
    invitation.used_at = at
    invitation.save(update_fields=["used_at"])
    if client.user_id is not None:
        audit.write("password-reset", by=user, record=invitation, client=client.pk, basis="link", at=at)
        _tell_of_new_password(invitation, client, at)
        return user
    client.user = user
    client.save(update_fields=["user"])
    audit.write("client.joined", by=user, record=invitation, client=client.pk, at=at)
    return user


def _tell_of_new_password(invitation: ClientInvitation, client: Client, at: datetime) -> None:
    """Once a link; in the hours that the client chose. Whether mail is safe is asked again when it is sent."""
    if may_mail(client) and not shares_address(client, client.email):
        queue_mail(
            "client-sign-in-changed",
            purpose=f"client-sign-in-changed:{invitation.pk}",
            subject_id=invitation.pk,
            practice=client.practice_id,
            at_least_once=True,
            not_before=next_contact_time(client, at),
        )


@transaction.atomic
def give_consent(*, by: User | None, client: Client, notice: PrivacyNotice, at: datetime | None = None) -> Consent:
    """Agreed to this version of the notice; agreeing twice is one consent. ``by`` is none for the bearer of a link."""
    at = moment(at)
    client = locked(client)
    newest = current_notice(client.practice)
    if newest is None or notice.pk != newest.pk:
        raise Refused(_("There is a newer version of this notice. Please read that one."))
    consent = Consent.objects.filter(client=client, notice=notice, withdrawn_at=None).first()
    if consent is None:
        consent = Consent.objects.create(client=client, notice=notice, given_at=at)
        via = "link" if by is None else "self" if by.pk == client.user_id else "staff"
        audit.write("consent.given", by=by, record=consent, at=at, version=notice.version, via=via)
    return consent


@transaction.atomic
def withdraw_consent(*, by: User, consent: Consent, at: datetime | None = None) -> Consent:
    """Taken back: nothing new can be answered until the notice is agreed to again; what was sent stays."""
    at = moment(at)
    locked(consent.client)
    consent = Consent.objects.get(pk=consent.pk)
    if consent.withdrawn_at is None:
        consent.withdrawn_at = at
        consent.save(update_fields=["withdrawn_at"])
        audit.write("consent.withdrawn", by=by, record=consent, at=at)
    return consent
