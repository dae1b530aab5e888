"""Scores of submitted responses, and one trajectory row a series."""

import uuid

from django.db import models
from django.db.models import Q

from assessments.models.responses import Response
from clients.models import Client, Episode
from practice.models import Practice

NO_RELATIONSHIP = uuid.UUID(int=0)
"""Stands in a trajectory for "no relationship named": a unique key needs a value."""


class Score(models.Model):
    """One scale of one submitted response. No value has a reason, never a zero.

    ``scale`` is ``slug.scale-key`` (for instance ``barriers.communication``).
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="+")
    response = models.ForeignKey(Response, models.PROTECT, related_name="scores")
    respondent = models.CharField(max_length=10, choices=Response.Respondent.choices)
    scale = models.CharField(max_length=80)
    at = models.DateTimeField()
    value = models.FloatField(null=True)
    answered = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "scale"], name="score_once"),
            models.CheckConstraint(condition=Q(value=None) | Q(reason=""), name="score_value_or_reason"),
            models.CheckConstraint(condition=~Q(value=None) | ~Q(reason=""), name="score_reason_if_none"),
        ]
        indexes = [
            models.Index(fields=["practice", "client", "scale", "at"], name="score_series"),
        ]


class Trajectory(models.Model):
    """A series of scores of one episode × scale × respondent × relationship, ready to read.

    ``relationship`` is the id of a ``clients.Relationship``, or ``NO_RELATIONSHIP``. ``baseline_version`` and
    ``latest_version`` are ids of the measure's versions on which these two were answered: a verdict is of one version.

    ``points``: the last 30 values as text, ``days since baseline:value`` joined by spaces, for sparklines: whole days
    (rounded down) and the value to four decimals without trailing zeros, such as ``0:2.5 14:2 28:1.75``. ``total`` and
    ``squares`` are sums of the values and of their squares. A series without a value has no row. Kept in the
    transaction that saves scores; ``manage.py rebuild_trajectories`` proves it equal to a recount.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="trajectories")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="+")
    respondent = models.CharField(max_length=10, choices=Response.Respondent.choices)
    relationship = models.UUIDField(default=NO_RELATIONSHIP)
    scale = models.CharField(max_length=80)
    count = models.PositiveIntegerField()
    baseline = models.FloatField()
    baseline_at = models.DateTimeField()
    baseline_version = models.UUIDField(null=True)
    previous = models.FloatField(null=True)
    previous_at = models.DateTimeField(null=True)
    latest = models.FloatField()
    latest_at = models.DateTimeField()
    latest_version = models.UUIDField(null=True)
    total = models.FloatField()
    squares = models.FloatField()
    points = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["episode", "scale", "respondent", "relationship"], name="trajectory_once"),
            models.CheckConstraint(condition=Q(count__gte=1), name="trajectory_has_points"),
        ]
        indexes = [
            models.Index(fields=["practice", "client", "scale"], name="trajectory_client"),
            models.Index(fields=["practice", "scale", "respondent"], name="trajectory_scale"),
        ]
