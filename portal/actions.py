"""The portal's own write: ending the client's sessions."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction

from clients.models import Client
from practice import audit
from practice.models import User


def end_sessions(*, by: User, client: Client, at: datetime | None = None) -> int:
    """Sign ``by`` out on every device; how many there were. The audit row stands with their client record."""
    with transaction.atomic():
        sessions = list(UserSession.objects.filter(user=by))
        for session in sessions:
            session.end()
        audit.write("sessions.ended", by=by, record=client, client=client.pk, basis="self", at=at, count=len(sessions))
    return len(sessions)
