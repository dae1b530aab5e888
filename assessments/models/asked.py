"""What was asked of whom: administrations, assignments, links."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.instruments import InstrumentVersion
from clients.models import ClientRow, Couple, Episode, TherapySession
from practice.models import OneTimeLink, Practice, Record


class Administration(Record):
    """One asking. Asked of both partners of a couple, their two assignments share it."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    couple = models.ForeignKey(Couple, models.PROTECT, related_name="+", null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)


class Assignment(ClientRow):
    """One instrument version asked of one client once."""

    class Channel(models.TextChoices):
        PORTAL = "portal", _("In the portal")
        LINK = "link", _("By a link without sign-in")
        ROOM = "room", _("In the room")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        SUBMITTED = "submitted", _("Sent")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    administration = models.ForeignKey(Administration, models.PROTECT, related_name="assignments")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="assignments")
    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="+")
    session = models.ForeignKey(TherapySession, models.PROTECT, related_name="assignments", null=True, blank=True)
    channel = models.CharField(_("how"), max_length=8, choices=Channel.choices, default=Channel.PORTAL)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    assigned_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(_("due"), null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    def has_expired(self, at: datetime) -> bool:
        """Whether it can be answered no longer, for what was never sent."""
        return self.expires_at is not None and at >= self.expires_at

    @property
    def last_day(self) -> date | None:
        """The last day on which it can be answered, in the practice's zone."""
        if self.expires_at is None:
            return None
        return self.client.practice.today(self.expires_at - timedelta(microseconds=1))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["administration", "client", "version"], name="assignment_once"),
            models.CheckConstraint(condition=Q(state="open") | ~Q(closed_at=None), name="assignment_closed_at"),
        ]
        indexes = [
            models.Index(fields=["practice", "client", "state", "due_on"], name="assignment_client"),
            models.Index(fields=["practice", "state", "due_on"], name="assignment_due"),
        ]


class AssignmentLink(OneTimeLink):
    """A link to answer one assignment without signing in. POST consumes it; the token becomes a cookie."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="links")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    pass_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 - unique or none

    class Meta:
        indexes = [models.Index(fields=["practice", "assignment"])]
