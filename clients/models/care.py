"""Who cares for whom: care assignments, couples, and emergency access."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.base import ClientRow
from practice.fields import EncryptedTextField
from practice.models import Membership, Practice, Record
from practice.models.people import CurrentQuerySet


class CareAssignment(ClientRow):
    """A clinician cares for a client from one day to another (both inclusive)."""

    class Role(models.TextChoices):
        PRIMARY = "primary", _("Primary clinician")
        CO = "co", _("Co-therapist")
        COVER = "cover", _("Cover during leave")

    clinician = models.ForeignKey(Membership, models.PROTECT, related_name="care")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.PRIMARY)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    leave = models.ForeignKey("clients.Leave", models.PROTECT, related_name="care", null=True, blank=True)

    objects = CurrentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="care_dates"),
            models.CheckConstraint(condition=~Q(role="cover") | ~Q(ends_on=None), name="care_cover_ends"),
            models.CheckConstraint(condition=Q(leave=None) | Q(role="cover"), name="care_leave_is_cover"),
            models.UniqueConstraint(
                fields=["client"], condition=Q(role="primary", ends_on=None), name="care_one_primary"
            ),
            models.UniqueConstraint(fields=["client", "clinician"], condition=Q(ends_on=None), name="care_open_once"),
        ]
        indexes = [
            models.Index(fields=["practice", "clinician", "client"], name="care_clinician"),
            models.Index(fields=["practice", "client"], name="care_client"),
        ]


class Couple(Record):
    """Two clients linked as a couple. The link opens nothing of either to the other."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="couple_dates"),
        ]
        indexes = [models.Index(fields=["practice", "ends_on"])]


class Partner(ClientRow):
    """One client's place in a couple; a client has at most one open place."""

    couple = models.ForeignKey(Couple, models.PROTECT, related_name="partners")
    seat = models.PositiveSmallIntegerField()
    ended = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["couple", "seat"], name="partner_seat_once"),
            models.UniqueConstraint(fields=["couple", "client"], name="partner_in_couple_once"),
            models.UniqueConstraint(fields=["client"], condition=Q(ended=False), name="partner_open_once"),
            models.CheckConstraint(condition=Q(seat__in=(1, 2)), name="partner_two_seats"),
        ]


class EmergencyAccess(ClientRow):
    """Reasoned, expiring, recorded access of an owner to one client's clinical content."""

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    reason = EncryptedTextField(_("reason"), max_length=1000)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="emergency_ends"),
        ]
        indexes = [models.Index(fields=["practice", "membership", "client"])]
