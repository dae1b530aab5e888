"""Answers: a snapshot with revisions; free text sealed in a table of its own."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models.asked import Assignment
from assessments.models.instruments import InstrumentVersion
from clients.models import ClientRow, Episode, Relationship, TherapySession
from practice.fields import EncryptedTextField
from practice.models import Record


class Response(ClientRow):
    """Answers to one version, by the client (through an assignment) or by the clinician (about a session).

    ``answers``: question id → number, option, or list; free text is in ResponseText. ``revision`` counts saved
    changes; submitting is a compare-and-swap from draft to submitted.
    """

    class Respondent(models.TextChoices):
        CLIENT = "client"
        CLINICIAN = "clinician"

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        WITHDRAWN = "withdrawn"
        """Sent, then taken out of the record by a correction: kept, never counted."""

    class Entry(models.TextChoices):
        OWN = "own", _("by whom it is about")
        PAPER = "paper", _("entered from paper")
        IMPORTED = "imported", _("brought from before")

    class Anchor(models.TextChoices):
        """Compared with the last time this measure was answered: what makes a stable pair."""

        MUCH_HARDER = "much-harder", _("Much harder than then")
        HARDER = "harder", _("A little harder than then")
        SAME = "same", _("About the same")
        EASIER = "easier", _("A little easier than then")
        MUCH_EASIER = "much-easier", _("Much easier than then")

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="response", null=True, blank=True)
    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="responses")
    session = models.ForeignKey(TherapySession, models.PROTECT, related_name="responses", null=True, blank=True)
    respondent = models.CharField(max_length=10, choices=Respondent.choices, default=Respondent.CLIENT)
    relationship = models.ForeignKey(Relationship, models.PROTECT, related_name="+", null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    answers = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    receipt = models.CharField(max_length=12, blank=True)
    entry = models.CharField(max_length=8, choices=Entry.choices, default=Entry.OWN)
    anchor = models.CharField(max_length=12, choices=Anchor.choices, blank=True)
    anchor_to = models.UUIDField(null=True, blank=True, editable=False)
    """Which response the anchor was said about. It may have been taken out or moved since: then nothing is paired."""
    import_key = models.CharField(max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001 - unique or none
    """The content of an imported row (client, version, day, answers) as a hash: bringing it twice changes nothing."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | (Q(submitted_at__isnull=False) & ~Q(receipt="")),
                name="response_submitted_has_receipt",
            ),
            models.CheckConstraint(
                condition=Q(respondent="clinician") | Q(assignment__isnull=False) | Q(entry="imported"),
                name="response_client_was_asked",
            ),
            models.CheckConstraint(
                condition=Q(entry="imported", import_key__isnull=False) | (~Q(entry="imported") & Q(import_key=None)),
                name="response_import_key",
            ),
            models.UniqueConstraint(fields=["practice", "import_key"], name="response_imported_once"),
            models.UniqueConstraint(
                fields=["session", "version"], condition=Q(respondent="clinician"), name="response_one_rating"
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "client", "submitted_at"], name="response_client"),
            models.Index(fields=["practice", "version", "client", "submitted_at"], name="response_first"),
            models.Index(
                fields=["practice", "version", "client"],
                condition=Q(state="submitted", respondent="client"),
                name="response_people",
            ),
        ]


class ResponseRevision(Record):
    """One saved change. ``key`` is made by the answering page: sending it twice changes nothing twice."""

    response = models.ForeignKey(Response, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=40)
    base = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "key"], name="revision_key_once"),
            models.UniqueConstraint(fields=["response", "number"], name="revision_number_once"),
        ]


class ResponseText(Record):
    """One free text of a response."""

    response = models.ForeignKey(Response, models.PROTECT, related_name="texts")
    question = models.CharField(max_length=80)
    text = EncryptedTextField(max_length=4000)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "question"], name="response_text_once")]


class Correction(ClientRow):
    """That something sent was put right: what it was, why, by whom. Nothing is overwritten without one."""

    class Kind(models.TextChoices):
        ANSWERS = "answers", _("Answers put right")
        MOVED_AWAY = "away", _("Moved to another client")
        MOVED_HERE = "here", _("Moved here from another client")
        WITHDRAWN = "withdrawn", _("Taken out of the record")
        RESTORED = "restored", _("Put back into the record")
        ABOUT = "about", _("Said which relationship it is about")
        MERGED = "merged", _("Joined with another record of the same person")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    response = models.ForeignKey(Response, models.PROTECT, related_name="corrections", null=True, blank=True)
    reason = EncryptedTextField(_("reason"), max_length=1000)
    before = EncryptedTextField(max_length=20_000, blank=True, null=True)
    """What stood there before, as JSON: answers by id, the texts too."""
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["practice", "client", "made_at"], name="correction_client")]
