"""Sign-ins, invitations and consents of clients."""

import base64
import uuid

from django.utils.crypto import salted_hmac

from clients.models import Client, ClientInvitation, Consent
from clients.queries.contact import may_mail_user
from practice.models import Membership, Practice, PrivacyNotice, User


def sign_in_code(client: Client) -> str:
    """The sign-in name the practice hands out: 8 letters and digits in two groups, derived, telling nothing."""
    digest = salted_hmac("client-sign-in", str(client.pk), algorithm="sha256").digest()
    text = base64.b32encode(digest[:5]).decode().lower()
    return f"{text[:4]}-{text[4:]}"


def shares_address(client: Client, address: str) -> bool:
    """Whether another client of the practice has this address: a partner would get the other's reset mail."""
    others = Client.objects.filter(practice=client.practice_id, email__iexact=address).exclude(pk=client.pk)
    return others.exclude(status=Client.Status.MERGED).exists()


def suggest_sign_in(client: Client) -> str:
    """The client's own address where it is theirs alone, else the code."""
    if client.user is not None:
        return client.user.sign_in
    address = client.email.lower()
    if not address or shares_address(client, address) or User.objects.filter(sign_in=address).exists():
        return sign_in_code(client)
    return address


def may_renew(client: Client) -> bool:
    """Whether the practice may hand out a link to a new password for the client's sign-in.

    Only where no reset mail can help (a code, or an address that is no safe contact), and never for a user who is
    somebody elsewhere too: joining always makes a new user, so that is a member of staff.
    """
    user = client.user
    if user is None or Membership.objects.filter(user=user).exists():
        return False
    if Client.objects.filter(user=user).exclude(pk=client.pk).exists():
        return False
    return user.email == "" or not may_mail_user(user)


def latest_invitation(client: Client) -> ClientInvitation | None:
    """The newest invitation, live or not."""
    return ClientInvitation.objects.filter(client=client).order_by("-created_at", "-id").first()


def current_notice(practice: Practice) -> PrivacyNotice | None:
    """The newest version of the practice's privacy notice."""
    return PrivacyNotice.objects.filter(practice=practice).order_by("-version").first()


def consent_to(client: Client, notice: PrivacyNotice) -> Consent | None:
    """The client's live consent to this version."""
    return Consent.objects.filter(client=client, notice=notice, withdrawn_at=None).first()


def missing_consent(client: Client) -> PrivacyNotice | None:
    """The notice that the client must agree to before answering; none when that is done, or nothing is published."""
    newest = PrivacyNotice.objects.filter(practice=client.practice_id).order_by("-version").values_list("pk", flat=True)
    pk = newest.first()
    if pk is None or Consent.objects.filter(client=client.pk, notice=pk, withdrawn_at=None).exists():
        return None
    return PrivacyNotice.objects.get(pk=pk)


def practices_of(user: User) -> list[uuid.UUID]:
    """The practices in which the user is a client."""
    return list(Client.objects.filter(user=user).values_list("practice_id", flat=True))


def crisis_words(user: User) -> str | None:
    """The text for emergencies of the practice that cares for this user: the first one where they are in care."""
    rows = Client.objects.filter(user=user).select_related("practice")
    own = sorted(rows, key=lambda row: (row.status == Client.Status.DISCHARGED, row.created_at, row.pk))
    return own[0].practice.crisis_words if own else None
