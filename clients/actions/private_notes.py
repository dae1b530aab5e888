"""Private notes: their author writes them, and lets a supervisor of their own read them until a day."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clients import access
from clients.actions.common import locked, moment
from clients.actions.writing import clean, keep_revision, write_change
from clients.models import Client, PrivateNote, PrivateNoteGrant, TherapySession
from practice import audit
from practice.errors import Clash, Refused
from practice.grants import Permission
from practice.models import Membership, Supervision, User
from practice.queries import memberships_of

LONGEST = timedelta(days=366)
"""So far ahead a grant may end."""
NOTHING_SEEN = ""
"""What a writer has seen of a note that is not there yet."""


def seen_of(note: PrivateNote | None) -> str:
    """What stands for the stored note as a writer has seen it."""
    return note.changed_at.isoformat() if note else NOTHING_SEEN


def _author(by: User, client: Client, at: datetime) -> Membership:
    """The writer's membership, while they may keep private notes about the client."""
    author = next((row for row in memberships_of(by) if row.practice_id == client.practice_id), None)
    if author is None or not access.can(by, Permission.PRIVATE_NOTES, client, at=at):
        raise Refused(_("Private notes are kept by those who care for the client."))
    return author


@transaction.atomic
def save_private_note(
    *,
    by: User,
    session: TherapySession,
    text: str,
    seen: str | None = None,
    autosave: bool = False,
    at: datetime | None = None,
) -> PrivateNote | None:
    """Write one's own note about a session; none where there is nothing to write.

    ``seen``: ``seen_of`` the note as the writer had read it; ``Refused`` where it was changed since (in another tab).
    What the note said before is kept, but for one sitting of writing.
    """
    at = moment(at)
    client = locked(session.client)
    author = _author(by, client, at)
    note = PrivateNote.objects.filter(session=session, author=author).first()
    text, before = clean(text), note.text if note else ""
    if text == before:
        return note
    if seen is not None and seen != seen_of(note):
        raise Clash(_("This note was changed meanwhile. Compare with what is stored now, then save again."))
    stored = TherapySession.objects.get(pk=session.pk)
    if note is None:
        note = PrivateNote(client=client, session=session, author=author, created_at=at)
    else:
        keep_revision(stored, author, before, by=by, at=at, note=note, autosave=autosave)
    note.text, note.changed_at = text, at
    note.save()
    write_change("private_note.saved", by=by, record=note, changed=["text"], at=at, autosave=autosave)
    return note


@transaction.atomic
def grant_private_notes(
    *, by: User, client: Client, reader: Membership, ends_on: date, at: datetime | None = None
) -> PrivateNoteGrant:
    """Let a supervisor of one's own read one's private notes about this client, from today to ``ends_on``.

    Granted already: the end is changed. Reading also needs the supervision to run (``clients.access``).
    """
    at = moment(at)
    client = locked(client)
    author, today = _author(by, client, at), client.practice.today(at)
    links = Supervision.objects.current(today).filter(practice=client.practice_id, supervisee=author)
    if not links.filter(supervisor=reader).exists():
        raise Refused(_("Choose somebody who supervises you now."), "reader")
    if not today <= ends_on <= today + LONGEST:
        raise Refused(_("Choose a day from today to a year from now."), "ends_on")
    grant = PrivateNoteGrant.objects.filter(client=client, author=author, reader=reader, revoked_at=None).first()
    if grant is not None and grant.ends_on < today:  # ran out: it stays as it was
        grant.revoked_at = at
        grant.save(update_fields=["revoked_at"])
        grant = None
    if grant is None:
        grant = PrivateNoteGrant(client=client, author=author, reader=reader, starts_on=today)
    elif grant.ends_on == ends_on:
        return grant
    grant.ends_on = ends_on
    grant.save()
    audit.write("private_note.granted", by=by, record=grant, at=at, ends_on=ends_on.isoformat())
    return grant


@transaction.atomic
def revoke_private_notes(*, by: User, grant: PrivateNoteGrant, at: datetime | None = None) -> PrivateNoteGrant:
    """Take a grant back at once; only its author does. Taken back already: nothing is written."""
    at = moment(at)
    row = PrivateNoteGrant.objects.select_for_update(of=("self",)).select_related("author", "client").get(pk=grant.pk)
    if row.author.user_id != by.pk:
        raise Refused(_("Only who gave it takes it back."))
    if row.revoked_at is None:
        row.revoked_at = at
        row.save(update_fields=["revoked_at"])
        audit.write("private_note.revoked", by=by, record=row, at=at)
    return row
