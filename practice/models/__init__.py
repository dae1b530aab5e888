"""People and trust: users, practices, memberships, supervision, invitations, the audit trail and the mail outbox."""

from practice.models.audit import AuditEvent
from practice.models.base import OneTimeLink, Record
from practice.models.outbox import OutboxMessage
from practice.models.people import Invitation, Membership, Practice, PrivacyNotice, Supervision
from practice.models.user import User
from practice.models.versions import PublishedVersion

__all__ = [
    "AuditEvent",
    "Invitation",
    "Membership",
    "OneTimeLink",
    "OutboxMessage",
    "Practice",
    "PrivacyNotice",
    "PublishedVersion",
    "Record",
    "Supervision",
    "User",
]
