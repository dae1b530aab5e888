"""Reading private notes, through what ``clients.access`` allows, and who else may read them."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from clients.models import Client, NoteRevision, PrivateNote, PrivateNoteGrant, TherapySession
from practice.models import Membership, Supervision


def own_note(session: TherapySession, author: Membership | None) -> PrivateNote | None:
    """The author's note about one session."""
    return PrivateNote.objects.filter(session=session, author=author).first() if author else None


def newest_first(notes: QuerySet[PrivateNote]) -> QuerySet[PrivateNote]:
    """With session and author, by the session's time; empty ones are left out by who shows them."""
    return notes.select_related("session", "author__user").order_by("-session__starts_at", "-id")


def revisions(session: TherapySession) -> list[NoteRevision]:
    """What the session's own note said before, latest first."""
    return list(_revisions(session).filter(author=None))


def private_revisions(session: TherapySession, authors: Collection[UUID]) -> list[NoteRevision]:
    """What these authors' private notes about the session said before, latest first."""
    return list(_revisions(session).filter(author__in=authors))


def _revisions(session: TherapySession) -> QuerySet[NoteRevision]:
    rows = NoteRevision.objects.filter(session=session).select_related("replaced_by", "author__user")
    return rows.order_by("-replaced_at", "-id")


def grants_of(client: Client, author: Membership, today: date) -> list[PrivateNoteGrant]:
    """This author's grants about the client that still run, the soonest to end first."""
    rows = PrivateNoteGrant.objects.filter(client=client, author=author, revoked_at=None, ends_on__gte=today)
    return list(rows.select_related("reader__user").order_by("ends_on", "id"))


def supervisors_of(author: Membership, today: date) -> QuerySet[Membership]:
    """Who supervises the author today, by name."""
    links = Supervision.objects.current(today).filter(practice=author.practice_id, supervisee=author)
    return (
        Membership.objects.filter(pk__in=links.values("supervisor"), is_supervisor=True, user__is_active=True)
        .select_related("user")
        .order_by("user__name", "id")
    )
