"""What a practice knows about its measures: how much a scale moves by chance, from this practice's own answers."""

from django.db import models
from django.utils import timezone

from assessments.models.instruments import InstrumentVersion
from practice.models import Practice


class Reference(models.Model):
    """One scale of one version in one practice, counted from the first administration of each client (one partner a
    couple), and from stable pairs. Everything that could not be computed is none, and ``facts`` says why by key.

    ``stale_at``: something was sent since; a task counts again. ``manage.py reliability`` counts afresh.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="+")
    scale = models.CharField(max_length=80)
    people = models.PositiveIntegerField(default=0)
    mean = models.FloatField(null=True)
    sd = models.FloatField(null=True)
    alpha = models.FloatField(null=True)
    alpha_low = models.FloatField(null=True)
    alpha_high = models.FloatField(null=True)
    omega = models.FloatField(null=True)
    pairs = models.PositiveIntegerField(default=0)
    retest = models.FloatField(null=True)
    retest_low = models.FloatField(null=True)
    retest_high = models.FloatField(null=True)
    floor = models.FloatField(null=True)
    ceiling = models.FloatField(null=True)
    missing = models.FloatField(null=True)
    facts = models.JSONField(default=dict)
    counted_at = models.DateTimeField(default=timezone.now)
    stale_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "version", "scale"], name="reference_once")]
        indexes = [
            models.Index(fields=["stale_at"], name="reference_stale"),
        ]
