"""Queueing mail: an outbox row with a template and ids, in the transaction of what it tells about."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

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
    minute = timezone.now().strftime("%Y%m%d%H%M")
    queue_mail(
        "password-reset",
        purpose=f"password-reset:{user.pk}:{minute}",
        subject_id=user.pk,
        practice=None,
        at_least_once=True,
    )
