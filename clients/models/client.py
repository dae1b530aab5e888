"""The client: a person in care, and a user of their own once they accepted the invitation."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.base import ClientRow
from practice.fields import EncryptedTextField
from practice.models import OneTimeLink, Practice, PrivacyNotice, Record


class Client(Record):
    """``code`` is handed out by the practice, is unique in it and says nothing about the person."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("In care")
        DISCHARGED = "discharged", _("Discharged")
        MERGED = "merged", _("Joined with another record")

    class SafeContact(models.TextChoices):
        NONE = "none", _("No messages")
        EMAIL = "email", _("E-mail")

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="clients")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="client_of", null=True, blank=True)
    code = models.CharField(_("code"), max_length=12)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    called = models.CharField(_("likes to be called"), max_length=80, blank=True)
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    safe_contact = models.CharField(
        _("safe contact"), max_length=8, choices=SafeContact.choices, default=SafeContact.NONE
    )
    contact_from = models.PositiveSmallIntegerField(_("messages from (hour)"), default=9)
    contact_to = models.PositiveSmallIntegerField(_("messages until (hour)"), default=19)
    contact_note = EncryptedTextField(_("what to mind when contacting"), max_length=500, blank=True, null=True)
    relationship = models.ForeignKey(
        "clients.Relationship", models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    """Which relationship the measures are about now; another one starts a baseline of its own."""
    safety_screened_on = models.DateField(null=True, blank=True, editable=False)
    safety_cleared = models.BooleanField(null=True, blank=True, editable=False)
    """The latest safety screen: its day, and whether nothing was reported and every question answered (no “prefer not
    to say”). A yes also raises a flag. Written by ``clients.actions.safety.record_screen`` only."""
    merged_into = models.ForeignKey(
        "self", models.PROTECT, related_name="merged", null=True, blank=True, editable=False
    )
    """The record that holds this person's rows now, where two records turned out to be of one person."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False) | (~Q(status="merged") & Q(merged_into=None)),
                name="client_merged_into",
            ),
            models.CheckConstraint(
                condition=Q(safety_screened_on=None, safety_cleared=None)
                | Q(safety_screened_on__isnull=False, safety_cleared__isnull=False),
                name="client_screened_whole",
            ),
            models.UniqueConstraint(fields=["practice", "code"], name="client_code_once"),
            models.UniqueConstraint(fields=["id", "practice"], name="client_practice_key"),
            models.UniqueConstraint(fields=["practice", "user"], condition=~Q(user=None), name="client_user_once"),
            models.CheckConstraint(condition=Q(contact_from__lt=24, contact_to__lte=24), name="client_contact_hours"),
            models.CheckConstraint(
                condition=~Q(safe_contact="email") | ~Q(email=""), name="client_contact_has_address"
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "status", "last_name", "first_name", "id"], name="client_list"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.called or self.first_name} {self.last_name}"

    @property
    def short_name(self) -> str:
        return self.called or self.first_name


class Relationship(ClientRow):
    """One relationship that a client's answers are about, in the client's or the clinician's words.

    A client has each words once: ``clients.actions.relationships`` compares them opened, the client's row held.
    """

    words = EncryptedTextField(max_length=80)
    named_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["practice", "client"])]


class ClientInvitation(OneTimeLink):
    """The one-time link by which a client makes their own sign-in."""

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="invitations")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["practice", "client"])]


class Consent(ClientRow):
    """That a client agreed to one version of the privacy notice, and when they took it back."""

    notice = models.ForeignKey(PrivacyNotice, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "notice"], condition=Q(withdrawn_at=None), name="consent_once"),
        ]
        indexes = [models.Index(fields=["practice", "client"])]
