"""Sending the outbox: claim one row, build the letter, send, write down what happened.

A claim is a conditional UPDATE that raises ``fence`` and sets a lease; whoever lost the lease changes nothing. When it
is unknown whether a message left (the worker died, the connection broke while sending), ``at_least_once`` messages
are sent again with the same Message-ID, and the others become ``uncertain``, which is shown. What surely did not
leave is tried again with growing pauses, ``MAX_ATTEMPTS`` times.
"""

import logging
import smtplib
import time
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.db.models import Q
from django.utils import timezone

from practice import hooks, mail
from practice.models import OutboxMessage

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
BATCH = 50
State = OutboxMessage.State


class NotSent(Exception):
    """The message surely did not leave; ``code`` goes into the row."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code, self.final = code, final


def lease() -> timedelta:
    return timedelta(seconds=settings.REPORT_LEASE_SECONDS)


def taking_seconds() -> float:
    """A dispatch takes up no new message after this long: the task ends well before its soft limit (half a lease)."""
    return settings.REPORT_LEASE_SECONDS / 4


def pause(attempts: int) -> timedelta:
    """How long to wait after this many attempts: 30 s, 2 min, 8 min, 32 min, then an hour each."""
    return min(FIRST_PAUSE * 4 ** max(attempts - 1, 0), LONGEST_PAUSE)


def dispatch(*, at: datetime | None = None) -> int:
    """Send what is due, oldest first, at most ``BATCH`` messages; how many were sent."""
    at, until = at or timezone.now(), time.monotonic() + taking_seconds()
    release_expired(at=at)
    due = OutboxMessage.objects.filter(state=State.QUEUED, not_before__lte=at).order_by("not_before", "id")
    pks = list(due.values_list("pk", flat=True)[:BATCH])
    return sum(deliver(pk, at=at) for pk in pks if time.monotonic() < until)


def release_expired(*, at: datetime) -> None:
    """Rows whose worker did not come back: sent again, uncertain, or failed when the attempts are used up."""
    expired = OutboxMessage.objects.filter(state=State.SENDING, lease_until__lte=at)
    expired.filter(at_least_once=False).update(state=State.UNCERTAIN, lease_until=None, error="worker-lost")
    expired.filter(attempts__gte=MAX_ATTEMPTS).update(state=State.FAILED, lease_until=None, error="worker-lost")
    expired.update(state=State.QUEUED, lease_until=None, not_before=at, error="worker-lost")


def claim(pk: uuid.UUID, *, at: datetime) -> OutboxMessage | None:
    """Take one due row for this worker, or ``None`` when another took it or it is not due."""
    row = OutboxMessage.objects.filter(pk=pk).first()
    if row is None:
        return None
    taken = OutboxMessage.objects.filter(
        pk=pk, state=State.QUEUED, fence=row.fence, not_before__lte=at, attempts__lt=MAX_ATTEMPTS
    ).update(state=State.SENDING, fence=row.fence + 1, attempts=row.attempts + 1, lease_until=at + lease())
    if not taken:
        return None
    row.refresh_from_db()
    return row


def deliver(pk: uuid.UUID, *, at: datetime) -> bool:
    """Send one message; whether it left just now."""
    row = claim(pk, at=at)
    if row is None:
        return False
    try:
        sent = _send(row)
    except NotSent as error:
        _again(row, error, at)
        return False
    except Exception as error:
        # Broken off while sending: it may have left.
        log.warning("outbox %s: unknown whether it was sent (%s)", row.pk, type(error).__name__)
        if row.at_least_once:
            _again(row, NotSent(type(error).__name__), at)
        else:
            _finish(row, state=State.UNCERTAIN, error=type(error).__name__[:60])
        return False
    _finish(row, state=State.SENT if sent else State.WITHHELD, sent_at=at if sent else None, error="")
    return sent


def _finish(row: OutboxMessage, **fields: object) -> bool:
    """Write the end of this claim, unless the lease was lost."""
    mine = OutboxMessage.objects.filter(pk=row.pk, fence=row.fence, state=State.SENDING)
    return bool(mine.update(lease_until=None, **fields))


def _again(row: OutboxMessage, error: NotSent, at: datetime) -> None:
    over = error.final or row.attempts >= MAX_ATTEMPTS
    if over:
        log.error("outbox %s: given up after %s attempts (%s)", row.pk, row.attempts, error.code)
    state = State.FAILED if over else State.QUEUED
    _finish(row, state=state, not_before=at + pause(row.attempts), error=error.code[:60])


def _send(row: OutboxMessage) -> bool:
    """Connect, then build, then send, so that address and permission are as fresh as can be. ``False``: withheld."""
    builder = hooks.letter_builder(row.template)
    if builder is None:
        raise NotSent("unknown-template", final=True)
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:
        raise NotSent(type(error).__name__) from error
    try:
        letter = _build(builder, row)
        if letter is None:
            return False
        try:
            email = mail.compose(row, letter, connection)
        except ValidationError:
            raise NotSent("bad-address", final=True) from None
        _hand_over(email)
        return True
    finally:
        _close(connection)


def _build(builder: object, row: OutboxMessage) -> mail.Letter | None:
    try:
        return builder(row)  # type: ignore[operator]
    except Exception as error:
        log.warning("outbox %s: the letter could not be built (%s)", row.pk, type(error).__name__)
        raise NotSent(f"build:{type(error).__name__}") from error


def _hand_over(email: object) -> None:
    """Send; a refusal that the server spoke out is certain, everything else is not."""
    try:
        email.send()  # type: ignore[attr-defined]
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        codes = [code for code, _text in getattr(error, "recipients", {}).values()] or [getattr(error, "smtp_code", 0)]
        raise NotSent(type(error).__name__, final=all(code >= 500 for code in codes)) from error


def _close(connection: object) -> None:
    try:
        connection.close()  # type: ignore[attr-defined]
    except Exception as error:
        log.info("outbox: closing the connection failed (%s)", type(error).__name__)


def sweep(*, at: datetime | None = None, days: int = 90) -> int:
    """Forget messages that ended so many days ago, and decoys after one day; how many."""
    at = at or timezone.now()
    old = Q(state__in=(State.SENT, State.WITHHELD), created_at__lt=at - timedelta(days=days))
    decoys = Q(state=State.WITHHELD, template="password-reset", created_at__lt=at - timedelta(days=1))
    return OutboxMessage.objects.filter(old | decoys).delete()[0]
