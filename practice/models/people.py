"""Practices and who belongs to them, since when and until when."""

import zoneinfo
from datetime import date, datetime
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from practice.models.base import OneTimeLink, Record


def validate_zone(value: str) -> None:
    """A zone name that this machine knows."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(value)s” is not a time zone."), params={"value": value})


DEFAULT_CRISIS_TEXT = _(
    "This page is not read at once. If you or someone else is in danger, call your local emergency number now."
)


class Practice(Record):
    """One practice. Practices never see each other."""

    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    crisis_text = models.TextField(max_length=1000, blank=True)
    mail_name = models.CharField(max_length=60, blank=True, help_text=_("The neutral sender name of messages."))
    flag_hours = models.PositiveSmallIntegerField(default=24)
    client_counter = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def today(self, at: datetime | None = None) -> date:
        """The date in the practice's zone."""
        return (at or timezone.now()).astimezone(self.zone).date()

    @property
    def crisis_words(self) -> str:
        return self.crisis_text or str(DEFAULT_CRISIS_TEXT)


class CurrentQuerySet(models.QuerySet):
    """Rows with ``starts_on`` and ``ends_on`` (both inclusive; no end means still running)."""

    def current(self, today: date) -> "CurrentQuerySet":
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)


class Membership(Record):
    """A user in a practice with one or more roles, from and to."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    title = models.CharField(max_length=80, blank=True)
    is_owner = models.BooleanField(default=False)
    is_clinician = models.BooleanField(default=False)
    is_supervisor = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = CurrentQuerySet.as_manager()

    ROLES: ClassVar[tuple[str, ...]] = ("owner", "clinician", "supervisor")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(is_owner=True) | Q(is_clinician=True) | Q(is_supervisor=True), name="membership_has_role"
            ),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="membership_dates"),
        ]

    def __str__(self) -> str:
        return self.user.name

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(role for role in self.ROLES if getattr(self, f"is_{role}"))


class Supervision(Record):
    """A supervisor of a supervisee, from and to."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    supervisor = models.ForeignKey(Membership, models.PROTECT, related_name="supervises")
    supervisee = models.ForeignKey(Membership, models.PROTECT, related_name="supervised_by")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = CurrentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(supervisor=F("supervisee")), name="supervision_of_another"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="supervision_dates"
            ),
            models.UniqueConstraint(
                fields=["supervisor", "supervisee"], condition=Q(ends_on=None), name="supervision_open_once"
            ),
        ]
        indexes = [models.Index(fields=["practice", "supervisor"])]


class Invitation(OneTimeLink):
    """A colleague invited by the owner, with the roles they will have."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="invitations")
    email = models.EmailField()
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=80, blank=True)
    is_owner = models.BooleanField(default=False)
    is_clinician = models.BooleanField(default=False)
    is_supervisor = models.BooleanField(default=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_owner=True) | Q(is_clinician=True) | Q(is_supervisor=True), name="invitation_has_role"
            ),
        ]

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(role for role in Membership.ROLES if getattr(self, f"is_{role}"))


class PrivacyNotice(Record):
    """A published text that clients agree to before their first answer. Published versions never change."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="notices")
    version = models.PositiveIntegerField()
    text = models.TextField(max_length=20_000)
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "version"], name="notice_version_once")]
