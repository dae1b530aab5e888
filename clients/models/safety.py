"""Safety flags: raised by an answer, on top of the caseload until acknowledged, closed with the action taken."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.base import ClientRow
from practice.fields import EncryptedTextField


class SafetyFlag(ClientRow):
    """One flag a response that is not closed, sent or not. ``response_id`` is a plain id: the answers live in another
    room, and may since have been moved to another client, where they raised a flag of their own."""

    class State(models.TextChoices):
        OPEN = "open", _("Not yet acknowledged")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        CLOSED = "closed", _("Closed")

    response_id = models.UUIDField(default=uuid.uuid4, db_index=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    raised_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    done = EncryptedTextField(_("what was done"), max_length=4000, blank=True, null=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    closing_action = EncryptedTextField(_("action on closing"), max_length=4000, blank=True, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open") | (Q(acknowledged_at__isnull=False) & Q(acknowledged_by__isnull=False)),
                name="flag_acknowledged_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | (Q(closed_at__isnull=False) & Q(closed_by__isnull=False)),
                name="flag_closed_by_someone",
            ),
            models.UniqueConstraint(
                fields=["client", "response_id"], condition=~Q(state="closed"), name="flag_response_once"
            ),
        ]
        indexes = [models.Index(fields=["practice", "state", "client"], name="flag_state")]
