"""Therapy sessions. A joint session is a row in each partner's own record; no row shows anything of the other's."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clients import access
from clients.actions.common import check_clinician, locked, moment
from clients.actions.writing import clean, keep_revision, write_change
from clients.models import Client, Couple, Episode, Partner, PrivateNote, TherapySession
from clients.queries.care import partner_of
from clients.queries.course import episode_on
from practice import audit
from practice.errors import Clash, Refused
from practice.grants import Permission
from practice.models import Membership, User

CHANGEABLE = ("clinician", "starts_at", "kind", "attendance", "note")
Kind, Attendance = TherapySession.Kind, TherapySession.Attendance


def _couple_for(client: Client, kind: str, starts_at: datetime) -> Couple | None:
    if kind != Kind.JOINT:
        return None
    place = Partner.objects.filter(client=client, ended=False).select_related("couple").first()
    if place is None or place.couple.starts_on > client.practice.today(starts_at):
        raise Refused(_("A session together needs the link to the partner first."), "kind")
    return place.couple


def _check(session: TherapySession, at: datetime) -> None:
    """Choices, clinician, time and the episode that the session falls into."""
    client = session.client
    if session.kind not in Kind.values:
        raise Refused(_("Choose a kind."), "kind")
    if session.attendance not in Attendance.values:
        raise Refused(_("Choose an attendance."), "attendance")
    if session.attendance in (Attendance.HELD, Attendance.MISSED) and session.starts_at > at:
        raise Refused(_("This session has not begun yet."), "attendance")
    check_clinician(client, session.clinician, client.practice.today(session.starts_at))
    taken = TherapySession.objects.filter(client=client, starts_at=session.starts_at).exclude(pk=session.pk)
    if taken.exists():
        raise Refused(_("There is a session at this time already."), "starts_at")
    if session.closed_at is not None and session.attendance == Attendance.PLANNED:
        raise Refused(_("A closed session is no longer planned. Open it again first."), "attendance")
    session.episode = _episode(client, session.starts_at)


def _episode(client: Client, starts_at: datetime) -> Episode:
    episode = episode_on(client, client.practice.today(starts_at))
    if episode is None:
        raise Refused(_("The client was not in care on that day."), "starts_at")
    return episode


def _partner_row(by: User, session: TherapySession, at: datetime) -> TherapySession:
    """The partner's row of a joint session, without the note: it belongs to one record only."""
    place = partner_of(session.client)
    if place is None or not access.can(by, Permission.WORK, place.client, at=at):
        raise Refused(_("The partner is not in your care: their clinician adds the session there."), "with_partner")
    partner = locked(place.client)
    row = TherapySession(
        client=partner,
        clinician=session.clinician,
        couple=session.couple,
        starts_at=session.starts_at,
        kind=session.kind,
        attendance=session.attendance,
        note="",
        created_at=at,
        changed_at=at,
    )
    _check(row, at)
    row.save()
    return row


@transaction.atomic
def add_session(
    *,
    by: User,
    client: Client,
    clinician: Membership,
    starts_at: datetime,
    kind: str,
    attendance: str = "planned",
    note: str = "",
    with_partner: bool = False,
    at: datetime | None = None,
) -> TherapySession:
    """Add a session; ``with_partner`` also adds it to the partner's record, where the partner is in the care of ``by``.

    The note goes into this client's record only. Raises ``Refused``.
    """
    at = moment(at)
    if with_partner and kind != Kind.JOINT:
        raise Refused(_("Only a session together is added to the partner’s record."), "with_partner")
    client = locked(client)
    session = TherapySession(
        client=client,
        clinician=clinician,
        couple=_couple_for(client, kind, starts_at),
        starts_at=starts_at,
        kind=kind,
        attendance=attendance,
        note=clean(note),
        created_at=at,
        changed_at=at,
    )
    _check(session, at)
    session.save()
    other = _partner_row(by, session, at) if with_partner else None
    partner_row = str(other.pk) if other else ""
    audit.write("session.added", by=by, record=session, at=at, kind=str(kind), partner_row=partner_row)
    return session


@transaction.atomic
def change_session(
    *,
    by: User,
    session: TherapySession,
    at: datetime | None = None,
    seen_at: datetime | None = None,
    autosave: bool = False,
    **fields: Any,
) -> TherapySession:
    """Change ``CHANGEABLE`` fields of one record's row. ``seen_at``: the ``changed_at`` that the writer had read.

    ``Refused`` where somebody changed the session since, so that no note is overwritten unseen. What is stored already
    is not written again. What the note said is kept, but for one writer's sitting. For that and ``autosave`` see
    ``clients.actions.writing``.
    """
    at = moment(at)
    if unknown := set(fields) - set(CHANGEABLE):
        raise TypeError(f"not a field of a session: {sorted(unknown)}")
    row = _held(session)
    if "note" in fields:
        fields["note"] = clean(fields["note"])
    before = row.note or ""
    changed = sorted(name for name, value in fields.items() if (getattr(row, name) or "") != (value or ""))
    if not changed:
        return row
    if seen_at is not None and row.changed_at != seen_at:
        raise Clash(_("Somebody changed this session meanwhile. Compare with what is stored now, then save again."))
    for name in changed:
        setattr(row, name, fields[name])
    if changed != ["note"]:
        _arrange(row, at)
    if "note" in changed:
        keep_revision(row, None, before, by=by, at=at, autosave=autosave)
    row.changed_at = at
    row.save()
    write_change("session.changed", by=by, record=row, changed=changed, at=at, autosave=autosave)
    return row


def _held(session: TherapySession) -> TherapySession:
    """The stored row with its client, who is held until the transaction ends."""
    client = locked(session.client)
    row = TherapySession.objects.select_related("clinician").get(pk=session.pk)
    row.client = client
    return row


def _arrange(row: TherapySession, at: datetime) -> None:
    """The couple as the kind needs it, then every check."""
    if row.kind != Kind.JOINT:
        row.couple = None
    elif row.couple_id is None:
        row.couple = _couple_for(row.client, row.kind, row.starts_at)
    _check(row, at)


@transaction.atomic
def close_session(*, by: User, session: TherapySession, at: datetime | None = None) -> tuple[TherapySession, bool]:
    """Close a session whose attendance is decided; gives the row, and whether it was closed only now.

    Closed already: nothing is written. From now on each note keeps what it said before a change.
    """
    at = moment(at)
    row = _held(session)
    if row.closed_at is not None:
        return row, False
    if row.attendance == Attendance.PLANNED:
        raise Refused(_("Say first whether the session took place."), "attendance")
    row.closed_at = row.changed_at = at
    row.save(update_fields=["closed_at", "changed_at"])
    audit.write("session.closed", by=by, record=row, at=at, attendance=str(row.attendance))
    return row, True


@transaction.atomic
def reopen_session(*, by: User, session: TherapySession, at: datetime | None = None) -> TherapySession:
    """Open a closed session again; what its notes say now is kept. Open already: nothing is written."""
    at = moment(at)
    row = _held(session)
    if row.closed_at is None:
        return row
    keep_revision(row, None, row.note or "", by=by, at=at, always=True)
    for note in PrivateNote.objects.filter(session=row).select_related("author"):
        keep_revision(row, note.author, note.text, by=by, at=at, note=note, always=True)
    row.closed_at, row.changed_at = None, at
    row.save(update_fields=["closed_at", "changed_at"])
    audit.write("session.reopened", by=by, record=row, at=at)
    return row
