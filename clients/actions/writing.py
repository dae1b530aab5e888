"""What an autosave leaves behind: one audit row a sitting, and what a note of a closed session said before.

Typing saves every few seconds; neither the audit trail nor the note's history is the place for keystrokes. Within half
an hour, the same writer's autosaves of the same row write one audit row a field, and the history keeps the text as it
was before the first of them. A save by hand writes its own.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet

from clients.models import NoteRevision, TherapySession
from practice import audit
from practice.models import AuditEvent, Membership, Record, User

SITTING = timedelta(minutes=30)


def clean(text: str | None) -> str:
    """A note as it is stored."""
    return (text or "").replace("\x00", "").replace("\r\n", "\n").strip()


def write_change(
    action: str, *, by: User, record: Record, changed: Collection[str], at: datetime, autosave: bool
) -> None:
    """One audit row with the names of what changed; an autosave whose fields stand there already writes none."""
    if autosave:
        details = lately(action, by=by, record=record, at=at).values_list("detail", flat=True)
        if set(changed) <= {name for detail in details for name in detail.get("changed", ())}:
            return
    audit.write(action, by=by, record=record, at=at, changed=sorted(changed), autosave=autosave)


def lately(action: str, *, by: User, record: Record, at: datetime) -> QuerySet[AuditEvent]:
    """This writer's audit rows of this action about the record, of this sitting."""
    return AuditEvent.objects.filter(
        practice_id=getattr(record, "practice_id", None),
        actor_id=by.pk,
        at__gt=at - SITTING,
        action=action,
        subject_id=record.pk,
    )


def keep_revision(
    session: TherapySession, author: Membership | None, text: str, *, by: User, at: datetime, autosave: bool = False
) -> NoteRevision | None:
    """Keep what a note said. Nothing is kept of an empty note, of a text that the latest revision has, or of what the
    same writer typed within a sitting."""
    if not text:
        return None
    latest = NoteRevision.objects.filter(session=session, author=author).order_by("-replaced_at", "-id").first()
    if latest is not None:
        typing = autosave and latest.replaced_by_id == by.pk and at - latest.replaced_at < SITTING
        if typing or latest.text == text:
            return None
    return NoteRevision.objects.create(
        client=session.client, session=session, author=author, text=text, replaced_at=at, replaced_by=by
    )
