"""Whether a message left, where somebody relies on it."""

from practice.models import OutboxMessage


def mail_state(purpose: str) -> str:
    """The state of the message of this purpose; empty when none was queued. One query."""
    return OutboxMessage.objects.filter(purpose=purpose).values_list("state", flat=True).first() or ""
