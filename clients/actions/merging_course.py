"""Joining two records: episodes and everything that belongs to the course of care."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.actions.carrying import Moved, carry
from clients.barriers import BY_CODE, MAX_FOCUS
from clients.models import (
    Client,
    Episode,
    FocusBarrier,
    Goal,
    LifeEvent,
    NoteRevision,
    PrivateNote,
    PrivateNoteGrant,
    Relationship,
    SafetyFlag,
    SupervisionItem,
    TherapySession,
)
from practice.errors import Refused
from practice.models import User

State = FocusBarrier.State
FAR = date.max
OFFSET = 1000
"""Episodes are numbered from here on while they are put in order: their numbers are unique."""


@dataclass(frozen=True, slots=True)
class Course:
    """Which episodes and relationships were emptied into which, and what the emptied episodes said."""

    episodes: dict[uuid.UUID, uuid.UUID]
    relationships: dict[uuid.UUID, uuid.UUID]
    kept: list[dict[str, Any]]


def move(keep: Client, gone: Client, *, by: User, at: datetime, told: list[str]) -> tuple[Moved, Course]:
    """Move the course of care; ``told`` is lengthened by what does not simply move. Both clients are held."""
    today = keep.practice.today(at)
    episodes, kept = _episodes(keep, gone, today, told)
    relationships, moved_relationships = _relationships(keep, gone)
    moved: Moved = {"relationships": moved_relationships}
    _same_time(keep, gone, told)
    focus = _focus(keep, episodes, today, told)
    for code, model in _WITH_EPISODE.items():
        moved[code] = carry(model.objects.filter(client=gone), keep, episodes)
    moved["focus"] += focus
    apart = Episode.objects.filter(client=gone).exclude(pk__in=episodes)
    apart.update(number=F("number") + 2 * OFFSET)  # out of the way of those that are there
    moved["episodes"] = carry(apart, keep)
    _private_grants(keep, gone, by, at, told)
    for code, model in _PLAIN.items():
        moved[code] = carry(model.objects.filter(client=gone), keep)
    _number(keep)
    return moved, Course(episodes, relationships, kept)


_WITH_EPISODE: dict[str, Any] = {
    "sessions": TherapySession,
    "focus": FocusBarrier,
    "events": LifeEvent,
    "goals": Goal,
}
_PLAIN: dict[str, Any] = {
    "private_notes": PrivateNote,
    "private_grants": PrivateNoteGrant,
    "note_revisions": NoteRevision,
    "flags": SafetyFlag,
    "supervision": SupervisionItem,
}


def _episodes(
    keep: Client, gone: Client, today: date, told: list[str]
) -> tuple[dict[uuid.UUID, uuid.UUID], list[dict[str, Any]]]:
    """Episodes that overlap become one, that of the record which is kept; the others stay apart (and move later).

    ``Refused`` where one would bind two episodes of the record that is kept: their baselines are two.
    """
    rows = list(Episode.objects.filter(client__in=(keep, gone)).order_by("starts_on", "number", "pk"))
    emptied: dict[uuid.UUID, uuid.UUID] = {}
    kept: list[dict[str, Any]] = []
    for group in _overlapping(rows):
        targets = [row for row in group if row.client_id == keep.pk]
        others = [row for row in group if row.client_id == gone.pk]
        if not targets or not others:
            continue
        if len(targets) > 1:
            raise Refused(_("An episode of that record spans two of this one. They can’t be joined."), "gone")
        kept += [_said(row) for row in group]
        target, last = targets[0], max(group, key=lambda row: row.ends_on or FAR)
        for row in others:
            emptied[row.pk] = target.pk
        ends_on, reason, note = last.ends_on, last.reason, last.closing_note
        _shut(others, today)
        target.starts_on = min(row.starts_on for row in group)
        target.ends_on, target.reason, target.closing_note = ends_on, reason, note
        target.save(update_fields=["starts_on", "ends_on", "reason", "closing_note"])
        words = {"day": date_format(target.starts_on, "j M Y")}
        told.append(_("Episodes that overlap become one, which begins on %(day)s.") % words)
    return emptied, kept


def _overlapping(rows: Sequence[Episode]) -> list[list[Episode]]:
    """The episodes in groups that share a day before the last; meeting on one day is not overlapping."""
    groups: list[list[Episode]] = []
    end = date.min
    for row in rows:
        if groups and row.starts_on < end:
            groups[-1].append(row)
            end = max(end, row.ends_on or FAR)
        else:
            groups.append([row])
            end = row.ends_on or FAR
    return groups


def _said(row: Episode) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "number": row.number,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat() if row.ends_on else "",
        "reason": row.reason,
        "closing_note": row.closing_note or "",
    }


def _shut(rows: Sequence[Episode], today: date) -> None:
    """Emptied episodes stay with the emptied record and never look open."""
    for row in rows:
        if row.ends_on is None:
            row.ends_on, row.reason = max(row.starts_on, today), Episode.Reason.OTHER
            row.save(update_fields=["ends_on", "reason"])


def _number(keep: Client) -> None:
    """Number the episodes by their beginning, in two steps, since numbers are unique."""
    rows = sorted(Episode.objects.filter(client=keep), key=lambda row: (row.starts_on, row.ends_on or FAR, row.pk))
    wanted = {row.pk: number for number, row in enumerate(rows, 1)}
    if all(row.number == wanted[row.pk] for row in rows):
        return
    for start in (OFFSET, 0):
        for row in rows:
            Episode.objects.filter(pk=row.pk).update(number=start + wanted[row.pk])


def _relationships(keep: Client, gone: Client) -> tuple[dict[uuid.UUID, uuid.UUID], list[uuid.UUID]]:
    """Those of the same words are one; the others move. The words are compared opened: they are sealed."""
    known = {row.words: row.pk for row in Relationship.objects.filter(client=keep)}
    same = {row.pk: known[row.words] for row in Relationship.objects.filter(client=gone) if row.words in known}
    moved = carry(Relationship.objects.filter(client=gone).exclude(pk__in=same), keep)
    if keep.relationship_id is None and gone.relationship_id is not None:
        keep.relationship_id = same.get(gone.relationship_id, gone.relationship_id)
        keep.save(update_fields=["relationship"])
    return same, moved


def _same_time(keep: Client, gone: Client, told: list[str]) -> None:
    """Sessions at the same moment both stay: one is put a microsecond later, which no page shows."""
    taken = set(TherapySession.objects.filter(client=keep).values_list("starts_at", flat=True))
    count = 0
    for row in TherapySession.objects.filter(client=gone, starts_at__in=taken).order_by("starts_at"):
        while row.starts_at in taken:
            row.starts_at += timedelta(microseconds=1)
        TherapySession.objects.filter(pk=row.pk).update(starts_at=row.starts_at)
        taken.add(row.starts_at)
        count += 1
    if count:
        text = _("Sessions at the same time in both: %(count)s. Both stay: mark one as entered by mistake.")
        told.append(text % {"count": count})


def _private_grants(keep: Client, gone: Client, by: User, at: datetime, told: list[str]) -> None:
    """Leave to read private notes ends in both: it was given for the notes of one record, and would cover more.

    Only an author learns that theirs ends; nobody else that there are private notes.
    """
    there = PrivateNoteGrant.objects.filter(client__in=(keep, gone), revoked_at=None)
    if there.filter(author__user=by, ends_on__gte=keep.practice.today(at)).exists():
        told.append(_("Your leave for a supervisor to read your private notes ends: give it again for the one record."))
    there.update(revoked_at=at)


def _focus(keep: Client, episodes: Mapping[uuid.UUID, uuid.UUID], today: date, told: list[str]) -> list[uuid.UUID]:
    """Focus and proposals of an emptied episode: what has no place among the three, or is there already, ends."""
    ids, left = [], []
    for was, now in episodes.items():
        live = FocusBarrier.objects.filter(state__in=(State.ACTIVE, State.PROPOSED))
        there = {row.barrier: row for row in live.filter(episode=now)}
        taken = {row.slot for row in there.values() if row.state == State.ACTIVE}
        free = [slot for slot in range(1, MAX_FOCUS + 1) if slot not in taken]
        for row in live.filter(episode=was).order_by("slot", "proposed_at", "pk"):
            other = there.get(row.barrier)
            row.client, row.episode_id = keep, now
            if row.state == State.ACTIVE and free and (other is None or other.state == State.PROPOSED):
                if other is not None:
                    _end(other, today)
                row.slot = free.pop(0)
                row.save()
                there[row.barrier] = row
            elif row.state == State.PROPOSED and other is None:
                row.save()
                there[row.barrier] = row
            else:
                if row.state == State.ACTIVE and (other is None or other.state != State.ACTIVE):
                    left.append(str(BY_CODE[row.barrier].name))
                _end(row, today)
            ids.append(row.pk)
    if left:
        told.append(_("No longer in focus, since at most three are: %(names)s.") % {"names": ", ".join(left)})
    return ids


def _end(row: FocusBarrier, today: date) -> None:
    row.state = State.ENDED if row.state == State.ACTIVE else State.DECLINED
    row.slot, row.ends_on = None, max(today, row.starts_on or today)
    row.save()
