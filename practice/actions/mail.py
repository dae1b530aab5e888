"""Queueing mail: an outbox row with a template and ids, in the transaction of what it tells about."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from practice.jobs import ring
from practice.models import OutboxMessage, User


def queue_mail(
    template: str,
    *,
    purpose: str,
    subject_id: uuid.UUID,
    practice: uuid.UUID | None,
    at_least_once: bool = False,
    not_before: datetime | None = None,
) -> OutboxMessage | None:
    """Add one message; a second one for the same purpose is not added (``None``)."""
    try:
        with transaction.atomic():
            message = OutboxMessage.objects.create(
                template=template,
                purpose=purpose,
                subject_id=subject_id,
                practice_id=practice,
                at_least_once=at_least_once,
                not_before=not_before or timezone.now(),
            )
    except IntegrityError:
        return None
    ring("practice.dispatch_mail", queue="mail")
    return message


def queue_password_reset(user: User) -> None:
    """At most one reset mail a user and minute; the link itself is made when the mail is sent."""
    _queue_reset(user.pk)


def queue_reset_decoy(address: str) -> None:
    """For an address that nobody has: the same row and bell as for a known one, so that both take as long.

    The letter's builder finds no user and withholds it. The row's id comes from a keyed hash; it does not name anyone.
    """
    digest = salted_hmac("practice.reset-decoy", address.strip().lower(), algorithm="sha256").digest()
    _queue_reset(uuid.UUID(bytes=digest[:16]))


def _queue_reset(subject_id: uuid.UUID) -> None:
    minute = timezone.now().strftime("%Y%m%d%H%M")
    queue_mail(
        "password-reset",
        purpose=f"password-reset:{subject_id}:{minute}",
        subject_id=subject_id,
        practice=None,
        at_least_once=True,
    )


def queue_sign_in_changed(user: User, what: str) -> None:
    """Tell a user that their password or second step changed; ``what``: an event's code, once a minute each."""
    minute = timezone.now().strftime("%Y%m%d%H%M")
    queue_mail(
        "sign-in-changed",
        purpose=f"sign-in-changed:{user.pk}:{what}:{minute}",
        subject_id=user.pk,
        practice=None,
        at_least_once=True,
    )
