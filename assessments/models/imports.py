"""Bringing past administrations into the product: one run a file, all or nothing."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.instruments import InstrumentVersion
from practice.fields import EncryptedTextField
from practice.models import Practice, Record


class ImportRun(Record):
    """One file that an owner brought. The file waits sealed in the storage until the run ends, then it is removed.

    ``problems`` is JSON, ``[[line, column, text], …]``, sealed because a text may quote what stood in the file;
    ``problem_count`` counts all of them. A worker claims by ``fence`` and ``lease_until`` like a report's.
    Nobody asked for a run of the command line. ``error`` is a code: why it failed, or why it waits for another try.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being read")
        DONE = "done", _("Brought in")
        REFUSED = "refused", _("Not brought in: the file has problems")
        FAILED = "failed", _("Failed")

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    digest = models.CharField(max_length=64)
    file = models.CharField(max_length=200, blank=True)
    rows = models.PositiveIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    present = models.PositiveIntegerField(default=0)
    problem_count = models.PositiveIntegerField(default=0)
    problems = EncryptedTextField(blank=True, null=True)
    error = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("queued", "running"), ended_at=None)
                | (~Q(state__in=("queued", "running")) & Q(ended_at__isnull=False)),
                name="import_ended_at",
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "asked_at"], name="import_practice"),
            models.Index(fields=["state", "lease_until"], name="import_due"),
        ]
