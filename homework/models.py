"""The exercise library as loaded from files. A version never changes."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import ClientRow, Episode, TherapySession
from homework.schema import ExerciseDefinition, exercise_from_json
from practice.fields import EncryptedTextField
from practice.models import PublishedVersion, Record


class Exercise(Record):
    """A family of versions under one slug and language; ``title`` follows the newest version."""

    slug = models.SlugField(max_length=80)
    language = models.CharField(max_length=8, default="en")
    title = models.CharField(max_length=120)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug", "language"], name="exercise_once")]

    def __str__(self) -> str:
        return self.title


class ExerciseVersion(PublishedVersion):
    """A published version of an exercise."""

    exercise = models.ForeignKey(Exercise, models.PROTECT, related_name="versions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exercise", "number"], name="exercise_version_once"),
            models.UniqueConstraint(fields=["exercise", "content_hash"], name="exercise_content_once"),
        ]

    @property
    def definition(self) -> ExerciseDefinition:
        return self.parsed(exercise_from_json)


class Proposal(ClientRow):
    """An exercise that the clinician chose for a client; it becomes homework once it is assigned.

    ``barriers`` are the focus barriers that it was suggested for, ``words`` the clinician's own to the client.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        WITHDRAWN = "withdrawn", _("Taken back")
        ASSIGNED = "assigned", _("Assigned")

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="proposals")
    session = models.ForeignKey(TherapySession, models.PROTECT, related_name="proposals", null=True, blank=True)
    version = models.ForeignKey(ExerciseVersion, models.PROTECT, related_name="+")
    exercise_id = models.UUIDField(default=uuid.uuid4, editable=False)
    """The version's exercise, so that an exercise is proposed once at a time."""
    barriers = models.JSONField(default=list)
    words = EncryptedTextField(_("in your own words"), max_length=1000, blank=True, null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "exercise_id"], condition=Q(state="proposed"), name="proposal_exercise_once"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", closed_at=None) | (~Q(state="proposed") & Q(closed_at__isnull=False)),
                name="proposal_closed_at",
            ),
        ]
        indexes = [models.Index(fields=["practice", "client", "state"], name="proposal_client")]
