"""The course of care: episodes, sessions, focus barriers, life events."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.barriers import CHOICES as BARRIER_CHOICES
from clients.barriers import CODES, MAX_FOCUS
from clients.models.base import ClientRow
from clients.models.care import Couple
from practice.fields import EncryptedTextField
from practice.models import Membership


class Episode(ClientRow):
    """One stretch of care, from intake to discharge. Baselines belong to it."""

    class Reason(models.TextChoices):
        COMPLETED = "completed", _("Work completed")
        AGREED = "agreed", _("Ended by agreement")
        STOPPED = "stopped", _("Client stopped coming")
        REFERRED = "referred", _("Referred on")
        MOVED = "moved", _("Moved away")
        OTHER = "other", _("Other")

    number = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(_("reason for ending"), max_length=12, choices=Reason.choices, blank=True)
    closing_note = EncryptedTextField(_("closing note"), max_length=5000, blank=True, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="episode_number_once"),
            models.UniqueConstraint(fields=["client"], condition=Q(ends_on=None), name="episode_open_once"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="episode_dates"),
            models.CheckConstraint(condition=Q(ends_on=None) | ~Q(reason=""), name="episode_end_has_reason"),
        ]
        indexes = [models.Index(fields=["practice", "client", "starts_on"])]


class TherapySession(ClientRow):
    """One appointment. A joint session has a row for each partner, with the same ``couple`` and time."""

    class Kind(models.TextChoices):
        INDIVIDUAL = "individual", _("Individual")
        JOINT = "joint", _("Together as a couple")
        INTAKE = "intake", _("Intake")
        REMOTE = "remote", _("By video or telephone")

    class Attendance(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        LATE = "late", _("Cancelled late")
        CANCELLED = "cancelled", _("Cancelled")
        MISSED = "missed", _("Did not come")

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="sessions")
    clinician = models.ForeignKey(Membership, models.PROTECT, related_name="sessions")
    couple = models.ForeignKey(Couple, models.PROTECT, related_name="sessions", null=True, blank=True)
    starts_at = models.DateTimeField(_("date and time"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.INDIVIDUAL)
    attendance = models.CharField(
        _("attendance"), max_length=12, choices=Attendance.choices, default=Attendance.PLANNED
    )
    note = EncryptedTextField(_("session note"), max_length=20_000, blank=True, null=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    """When the clinician closed it. A note changed after that keeps what it said before (``NoteRevision``)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "starts_at"], name="session_time_once"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(attendance="planned"), name="session_closed_took_place_or_not"
            ),
            models.CheckConstraint(condition=~Q(kind="joint") | ~Q(couple=None), name="session_joint_has_couple"),
        ]
        indexes = [
            models.Index(fields=["practice", "client", "starts_at"], name="session_client"),
            models.Index(fields=["practice", "clinician", "starts_at"], name="session_clinician"),
        ]


class FocusBarrier(ClientRow):
    """A barrier to work on. The client proposes, the clinician decides; at most three are active (``slot``)."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        ACTIVE = "active", _("In focus")
        DECLINED = "declined", _("Not taken up")
        ENDED = "ended", _("Ended")

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="focus")
    barrier = models.CharField(max_length=20, choices=BARRIER_CHOICES)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    slot = models.PositiveSmallIntegerField(null=True, blank=True)
    proposed_by_client = models.BooleanField(default=False)
    proposed_at = models.DateTimeField(default=timezone.now)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(barrier__in=CODES), name="focus_known_barrier"),
            models.CheckConstraint(
                condition=Q(
                    state="active", slot__isnull=False, slot__gte=1, slot__lte=MAX_FOCUS, starts_on__isnull=False
                )
                | (~Q(state="active") & Q(slot=None)),
                name="focus_active_has_slot",
            ),
            models.UniqueConstraint(fields=["episode", "slot"], condition=Q(state="active"), name="focus_slot_once"),
            models.UniqueConstraint(
                fields=["episode", "barrier"], condition=Q(state__in=("active", "proposed")), name="focus_barrier_once"
            ),
        ]
        indexes = [models.Index(fields=["practice", "client", "state"], name="focus_client")]


class LifeEvent(ClientRow):
    """Something that throws the balance off for a while (article D); marked above the barrier map."""

    class Kind(models.TextChoices):
        ILLNESS = "illness", _("Illness")
        GRIEF = "grief", _("Loss or grief")
        BIRTH = "birth", _("A child on the way or born")
        WORK = "work", _("Change at work")
        MOVE = "move", _("Moving home")
        MONEY = "money", _("Money worries")
        FAMILY = "family", _("Change in the family")
        APART = "apart", _("Time apart or separation")
        OTHER = "other", _("Something else")

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="life_events")
    session = models.ForeignKey(TherapySession, models.PROTECT, related_name="life_events", null=True, blank=True)
    kind = models.CharField(_("what happened"), max_length=10, choices=Kind.choices)
    happened_on = models.DateField(_("when"))
    note = EncryptedTextField(_("in a few words"), max_length=500, blank=True, null=True)
    told_by_client = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "client", "happened_on"], name="event_client")]
