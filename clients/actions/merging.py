"""Two records of one person become one: the rows of one join the other, which keeps its code.

Nothing is thrown away: the emptied record stays as a row that leads to the other. ``assessments.actions.merging`` is
the whole action; it writes the history with what could not stand in both.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clients import access
from clients.actions import merging_course, merging_people
from clients.actions.carrying import Joining, Moved
from clients.actions.common import locked
from clients.models import Client, Episode, Partner
from practice import audit, hooks
from practice.errors import Refused
from practice.grants import Permission
from practice.models import User

RECORD = ("first_name", "last_name", "called", "pronouns", "email", "phone", "safe_contact", "contact_note")

UNTOLD = ("private_notes", "private_grants", "note_revisions", "flags")
"""Not even counted for anybody: other authors' private notes, what notes said before, safety."""


@dataclass(frozen=True, slots=True)
class Joined:
    """``moved``: the ids by code; ``told``: in sentences, what did not simply move; ``kept``: what stood there, in the
    other record, and of this one (``here``) what is different now."""

    keep: Client
    gone: Client
    moved: Moved
    told: tuple[str, ...]
    kept: dict[str, Any]

    @property
    def counts(self) -> dict[str, int]:
        """How much moves, of what anybody may know of who sees the preview or the audit trail."""
        return {code: len(ids) for code, ids in self.moved.items() if ids and code not in UNTOLD}


@transaction.atomic
def join(*, by: User, keep: Client, gone: Client, safe_contact: str = Client.SafeContact.NONE, at: datetime) -> Joined:
    """Move every room's rows of ``gone`` into ``keep``: all or nothing. Audit rows on both.

    Both must be in the care of ``by`` (primary or co-therapist) and in one practice. ``Refused`` (field ``gone``) where
    they are or were each other's partners, where both are linked to a partner, or where an episode of one spans two of
    the other. ``safe_contact`` counts where the two say different things.
    """
    # In the order of ids, so that two who join the same pair wait for each other.
    rows = {pk: locked(row) for pk, row in sorted({keep.pk: keep, gone.pk: gone}.items())}
    keep, gone = rows[keep.pk], rows[gone.pk]
    _check(by, keep, gone, at)
    told: list[str] = []
    kept: dict[str, Any] = {"code": gone.code, "record": _said(gone)}
    here = _said(keep)
    moved, course = merging_course.move(keep, gone, by=by, at=at, told=told)
    of_person, kept["care"] = merging_people.move(keep, gone, safe_contact=safe_contact, at=at, told=told)
    moved |= of_person | hooks.merge(Joining(keep, gone, by, at, course.episodes, course.relationships))
    kept["episodes"] = course.kept
    now = _said(keep)
    kept["here"] = {name: value for name, value in here.items() if value != now[name]}
    told += _told_by_rooms(moved, gone)
    _close(keep, gone)
    joined = Joined(keep, gone, moved, tuple(told), kept)
    detail: dict[str, Any] = {"other": str(gone.pk), **joined.counts}
    audit.write("client.merged", by=by, record=keep, client=keep.pk, at=at, **detail)
    audit.write("client.merged", by=by, record=gone, client=gone.pk, at=at, into=str(keep.pk))
    return joined


def _said(client: Client) -> dict[str, str]:
    """What a record says of the person, how they are reached, how they sign in and what the last screen said."""
    said = {name: getattr(client, name) or "" for name in RECORD}
    said["sign_in"] = client.user.sign_in if client.user else ""
    day, cleared = client.safety_screened_on, client.safety_cleared
    return said | {"screened_on": day.isoformat() if day else "", "cleared": "" if cleared is None else str(cleared)}


def _check(by: User, keep: Client, gone: Client, at: datetime) -> None:
    if keep.pk == gone.pk or keep.practice_id != gone.practice_id:
        raise Refused(_("Choose another record of this practice."), "gone")
    for client in (keep, gone):
        if client.status == Client.Status.MERGED or not access.can(by, Permission.CHANGE_IDENTITY, client, at=at):
            raise Refused(_("Both records must be in your care, as primary clinician or co-therapist."), "gone")
    places = [dict(Partner.objects.filter(client=one).values_list("couple_id", "ended")) for one in (keep, gone)]
    if places[0].keys() & places[1].keys():
        raise Refused(_("These two are, or were, partners of one couple: two people."), "gone")
    if all(not all(couples.values()) for couples in places):
        raise Refused(_("Both are linked to a partner. End one of the links first."), "gone")


def _close(keep: Client, gone: Client) -> None:
    """The emptied record leads to the other, and so does whatever had joined it before."""
    gone.status, gone.merged_into, gone.relationship = Client.Status.MERGED, keep, None
    gone.save(update_fields=["status", "merged_into", "relationship"])
    Client.objects.filter(merged_into=gone).update(merged_into=keep)
    in_care = Episode.objects.filter(client=keep, ends_on=None).exists()
    keep.status = Client.Status.ACTIVE if in_care else Client.Status.DISCHARGED
    keep.save(update_fields=["status"])


def _told_by_rooms(moved: Moved, gone: Client) -> list[str]:
    told = []
    if count := len(moved.get("asked_twice", ())):
        text = _("Measures open in both: %(count)s. Those of %(code)s are asked no longer.")
        told.append(text % {"count": count, "code": gone.code})
    if count := len(moved.get("proposed_twice", ())):
        told.append(_("Exercises proposed in both: %(count)s. One proposal of each is taken back.") % {"count": count})
    return told
