"""When a message may reach a client without doing harm."""

from datetime import datetime, time, timedelta

from clients.models import Client
from practice.localtime import at_or_after
from practice.models import User


def may_mail(client: Client) -> bool:
    """Whether the client chose e-mail as a safe way; everything else is told in the room."""
    return client.safe_contact == Client.SafeContact.EMAIL and bool(client.email)


def next_contact_time(client: Client, at: datetime) -> datetime:
    """``at``, or the next moment within the client's hours for messages, in the practice's zone."""
    zone = client.practice.zone
    local = at.astimezone(zone)
    if client.contact_from <= local.hour < client.contact_to:
        return at
    day = local.date() + timedelta(days=local.hour >= client.contact_to)
    return at_or_after(datetime.combine(day, time(client.contact_from)), zone)


def may_mail_user(user: User) -> bool:
    """Whether mail about their sign-in may go to this user: not to a client who chose no messages, in any practice.

    A client's user has the address that the client typed on joining, so it must still be the one on file.
    """
    rows = Client.objects.filter(user=user)
    return all(may_mail(row) and row.email.lower() == user.email.lower() for row in rows)
