"""What an autosave leaves behind: one audit row a sitting, and what a note of a closed session said before.

Typing saves every few seconds; neither the audit trail nor the note's history is the place for keystrokes. Within half
an hour, the same writer's autosaves of the same row write one audit row a field, and the history keeps the text as it
was before the first of them. A save by hand writes its own, and what it stored is kept before the next typing.

While a session is open, its notes are working texts: the writer's own changes within half an hour of the one before
keep nothing. Another writer's, and the first after a pause, keep what stood there.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

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
    session: TherapySession,
    author: Membership | None,
    text: str,
    *,
    by: User,
    at: datetime,
    note: Record | None = None,
    autosave: bool = False,
    always: bool = False,
) -> NoteRevision | None:
    """Keep what a note said. ``note``: the row that holds it, where it is not the session.

    Nothing is kept of an empty note, of a text that the latest revision has, or of what the same writer typed within a
    sitting; ``always``: whoever wrote it, and when.
    """
    if not text:
        return None
    latest = NoteRevision.objects.filter(session=session, author=author).order_by("-replaced_at", "-id").first()
    if latest is not None and latest.text == text:
        return None
    if not always:
        closed = session.closed_at is not None
        if closed and not autosave:
            one_sitting = False
        elif closed:
            one_sitting = latest is not None and _typed_since(session, note or session, latest, by=by, at=at)
        else:
            one_sitting = _last_writer(note or session, latest, at=at) == by.pk
        if one_sitting:
            return None
    return NoteRevision.objects.create(
        client=session.client, session=session, author=author, text=text, replaced_at=at, replaced_by=by
    )


def _typed_since(session: TherapySession, note: Record, latest: NoteRevision, *, by: User, at: datetime) -> bool:
    """Whether since the latest revision, within a sitting, there was nothing but this writer's typing: what was closed,
    or saved by hand, in between is to be kept."""
    closed_after = session.closed_at is not None and session.closed_at > latest.replaced_at
    if latest.replaced_by_id != by.pk or at - latest.replaced_at >= SITTING or closed_after:
        return False
    since = _changes_of(note, at).filter(at__gte=latest.replaced_at)
    return all(detail.get("autosave") for detail in since.values_list("detail", flat=True) if _of_note(detail))


def _last_writer(note: Record, latest: NoteRevision | None, *, at: datetime) -> uuid.UUID | None:
    """Who changed the note last, within a sitting, by the audit trail and the latest revision; none for nobody."""
    marks = [
        (when, actor)
        for when, actor, detail in _changes_of(note, at).values_list("at", "actor_id", "detail")
        if _of_note(detail)
    ]
    if latest is not None and at - latest.replaced_at < SITTING:
        marks.append((latest.replaced_at, latest.replaced_by_id))
    return max(marks, key=lambda mark: mark[0])[1] if marks else None


def _changes_of(note: Record, at: datetime) -> QuerySet[AuditEvent]:
    """Audit rows of anybody's changes of the row, of the sitting before."""
    return AuditEvent.objects.filter(
        practice_id=getattr(note, "practice_id", None),
        client_id=getattr(note, "client_id", None),
        at__gt=at - SITTING,
        action__in=("session.added", "session.changed", "private_note.saved"),
        subject_id=note.pk,
    )


def _of_note(detail: Mapping[str, Any]) -> bool:
    """Whether the change was one of the text; a session is added with its note."""
    return "changed" not in detail or bool({"note", "text"}.intersection(detail["changed"]))
