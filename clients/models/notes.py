"""Notes that only their author reads, and what a note said before it was changed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.base import ClientRow
from clients.models.course import TherapySession
from practice.fields import EncryptedTextField
from practice.models import Membership


class PrivateNote(ClientRow):
    """A psychotherapy note: the author's own about one session, apart from the record. ``clients.access`` says who
    reads it: the author while they care for the client, and whoever the author named in a ``PrivateNoteGrant``."""

    session = models.ForeignKey(TherapySession, models.PROTECT, related_name="private_notes")
    author = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    text = EncryptedTextField(_("private note"), max_length=20_000)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "author"], name="private_note_once")]
        indexes = [models.Index(fields=["practice", "client"], name="private_note_client")]


class PrivateNoteGrant(ClientRow):
    """That an author lets one supervisor read their private notes about one client until a day, inclusive."""

    author = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    reader = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="note_grant_dates"),
            models.CheckConstraint(condition=~Q(author=F("reader")), name="note_grant_to_another"),
            models.UniqueConstraint(
                fields=["client", "author", "reader"], condition=Q(revoked_at=None), name="note_grant_once"
            ),
        ]
        indexes = [models.Index(fields=["practice", "reader", "client"], name="note_grant_reader")]


class NoteRevision(ClientRow):
    """What a note said before it was changed after its session was closed. ``author``: whose private note it was;
    none for the session note."""

    session = models.ForeignKey(TherapySession, models.PROTECT, related_name="note_revisions")
    author = models.ForeignKey(Membership, models.PROTECT, related_name="+", null=True, blank=True)
    text = EncryptedTextField(max_length=20_000)
    replaced_at = models.DateTimeField(default=timezone.now)
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["practice", "client", "session"], name="note_revision_session")]
