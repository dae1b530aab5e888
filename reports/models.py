"""The job table: one row a requested report. The database is the truth, a message only a doorbell."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import ClientRow


class Report(ClientRow):
    """A report asked for, being made, ready or failed.

    ``key`` makes asking idempotent. A worker claims by conditional UPDATE (``fence`` + 1, ``lease_until``) and
    publishes by conditional UPDATE on the same fence; whoever lost the lease changes nothing. ``file`` is the name
    of the sealed file in storage. ``progress`` is 0–100 and lives here, not in the broker. ``read_at``: when the work
    on the file began; what was put right later is not in it.
    """

    class Kind(models.TextChoices):
        PROGRESS = "progress", _("Client progress")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        WITHHELD = "withheld", _("Withheld")

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PROGRESS)
    key = models.CharField(max_length=80, unique=True)
    options = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    file = models.CharField(max_length=120, blank=True)
    size = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    inputs_hash = models.CharField(max_length=64, blank=True)
    error = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(state="ready") | ~Q(file=""), name="report_ready_has_file"),
            models.CheckConstraint(condition=~Q(state="running") | ~Q(lease_until=None), name="report_has_lease"),
        ]
        indexes = [
            models.Index(fields=["practice", "client", "-asked_at"], name="report_client"),
            models.Index(fields=["state", "lease_until"], name="report_dispatch"),
        ]
