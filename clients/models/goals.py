"""A client's own goals, worded together with the clinician."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.base import ClientRow
from clients.models.course import Episode
from practice.fields import EncryptedTextField


class Goal(ClientRow):
    """One goal of an episode, rated 0–10 by the client at each check-in.

    Its answers are ``goals.<key>`` of the check-in and its scores the scale ``session-checkin.goals.<key>``; the key is
    the id's 32 hexadecimal digits. Other words make another goal: what was rated keeps the words it was rated by.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Working on it")
        REACHED = "reached", _("Reached")
        SET_ASIDE = "aside", _("Set aside")

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="goals")
    words = EncryptedTextField(_("goal"), max_length=200)
    position = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    """When the client agreed to the words; at once for a goal that the client wrote."""
    ended_on = models.DateField(null=True, blank=True)
    replaces = models.ForeignKey("self", models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="active", ended_on=None) | (~Q(state="active") & Q(ended_on__isnull=False)),
                name="goal_end_has_day",
            ),
            models.CheckConstraint(condition=~Q(pk=F("replaces")), name="goal_replaces_another"),
        ]
        indexes = [models.Index(fields=["practice", "client", "episode"], name="goal_client")]

    @property
    def key(self) -> str:
        """How answers and scores name it."""
        return self.pk.hex
