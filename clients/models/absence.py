"""Leave with a named cover, and what a clinician brings to supervision."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.base import ClientRow
from practice.fields import EncryptedTextField
from practice.models import Membership, Practice, Record


class Leave(Record):
    """A clinician is away from one day to another (both inclusive); the cover's care of each client is a
    ``CareAssignment`` that names this leave."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    clinician = models.ForeignKey(Membership, models.PROTECT, related_name="leaves")
    cover = models.ForeignKey(Membership, models.PROTECT, related_name="covers")
    starts_on = models.DateField()
    ends_on = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="leave_dates"),
            models.CheckConstraint(condition=~Q(clinician=F("cover")), name="leave_cover_is_another"),
        ]
        indexes = [models.Index(fields=["practice", "clinician", "ends_on"], name="leave_clinician")]


class SupervisionItem(ClientRow):
    """Something of a client's record that a clinician brings to supervision. ``subject_id`` is a plain id."""

    class Kind(models.TextChoices):
        CLIENT = "client", _("The client")
        SESSION = "session", _("A session")
        RESPONSE = "response", _("A submission")
        BARRIER = "barrier", _("A barrier")
        FLAG = "flag", _("A safety flag")
        EXERCISE = "exercise", _("An exercise")

    class State(models.TextChoices):
        WAITING = "waiting", _("To be talked about")
        DISCUSSED = "discussed", _("Talked about")
        TAKEN_BACK = "back", _("Taken back")

    brought_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CLIENT)
    subject_id = models.UUIDField(default=uuid.uuid4)
    barrier = models.CharField(max_length=20, blank=True)
    question = EncryptedTextField(_("what to talk about"), max_length=2000, blank=True, null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    brought_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", closed_at=None) | (~Q(state="waiting") & Q(closed_at__isnull=False)),
                name="supervision_item_closed_at",
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "brought_by", "state"], name="supervision_item_agenda"),
            models.Index(fields=["practice", "client"], name="supervision_item_client"),
        ]
