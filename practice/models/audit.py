"""The audit trail: who did or opened what, when. Plain ids, no foreign keys; append-only by trigger."""

from django.db import models


class AuditEvent(models.Model):
    """One write, one opening of a list, record or file, or one denial.

    ``detail`` holds codes and counts only: never a name, an answer or a text.
    """

    at = models.DateTimeField()
    practice_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    basis = models.CharField(max_length=20, blank=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    client_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=32, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["practice_id", "-at"]),
            models.Index(fields=["practice_id", "client_id", "-at"]),
            models.Index(fields=["practice_id", "actor_id", "-at"]),
        ]
