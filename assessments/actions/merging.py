"""Two records of one person: the whole action with its history, and this room's part of it."""

import json
import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from assessments.actions import trajectories
from assessments.actions.corrections import reason_of
from assessments.actions.links import revoke_links
from assessments.actions.psychometrics import mark_stale
from assessments.models import Administration, Assignment, Correction, Response, Score
from clients.actions.carrying import Joining, Moved, carry
from clients.actions.merging import Joined, join
from clients.models import Client
from practice.models import User


class _TakenBack(Exception):
    """Ends a trial: everything is rolled back."""


def merge(
    *,
    by: User,
    keep: Client,
    gone: Client,
    reason: str,
    safe_contact: str = Client.SafeContact.NONE,
    at: datetime | None = None,
) -> Joined:
    """Join the record ``gone`` into ``keep`` (``clients.actions.merging.join``), with a ``Correction`` that holds what
    stood there and the ids of what moved. ``Refused`` like there, and without a reason (field ``reason``)."""
    at, reason = at or timezone.now(), reason_of(reason)
    with transaction.atomic():
        joined = join(by=by, keep=keep, gone=gone, safe_contact=safe_contact, at=at)
        moved = {code: [str(pk) for pk in ids] for code, ids in joined.moved.items() if ids}
        Correction.objects.create(
            client=joined.keep,
            kind=Correction.Kind.MERGED,
            reason=reason,
            before=json.dumps({**joined.kept, "moved": moved}),
            made_at=at,
            made_by=by,
        )
    return joined


def trial(
    *,
    by: User,
    keep: Client,
    gone: Client,
    safe_contact: str = Client.SafeContact.NONE,
    at: datetime | None = None,
) -> Joined:
    """What ``merge`` would do, found by doing it and taking it back: it cannot say anything else than happens.

    ``Refused`` like ``merge``, but for the reason.
    """
    joined = None
    try:
        with transaction.atomic():
            joined = join(by=by, keep=keep, gone=gone, safe_contact=safe_contact, at=at or timezone.now())
            raise _TakenBack
    except _TakenBack:
        pass
    assert joined is not None
    return joined


def move_rows(joining: Joining) -> Moved:
    """Assignments, responses, scores and history of one client go to the other (``practice.hooks``)."""
    keep, gone = joining.keep, joining.gone
    moved: Moved = {"asked_twice": _asked_twice(joining)}
    _part_askings(keep, gone)
    moved["assignments"] = carry(Assignment.objects.filter(client=gone), keep, joining.episodes)
    responses = Response.objects.filter(client=gone)
    for was, now in joining.relationships.items():
        responses.filter(relationship=was).update(relationship=now)
    versions = list(responses.order_by().values_list("version_id", flat=True).distinct())
    moved["responses"] = carry(responses, keep, joining.episodes)
    moved["corrections"] = carry(Correction.objects.filter(client=gone), keep)
    scores = Score.objects.filter(client=gone)
    for was, now in joining.episodes.items():
        scores.filter(episode=was).update(episode=now)
    scores.update(client=keep)
    trajectories.recount([keep.pk, gone.pk])
    mark_stale(keep.practice_id, versions)  # whose first administration it was may be another's now
    return moved


def _asked_twice(joining: Joining) -> list[uuid.UUID]:
    """What is open in both is asked once: the other record's is withdrawn, its links too."""
    still = Assignment.objects.filter(state=Assignment.State.OPEN)
    known = still.filter(client=joining.keep).values("version__instrument_id")
    twice = list(still.filter(client=joining.gone, version__instrument_id__in=known).order_by("pk"))
    for row in twice:
        revoke_links(row, joining.at)
        row.state, row.closed_at = Assignment.State.WITHDRAWN, joining.at
        row.save(update_fields=["state", "closed_at"])
    return [row.pk for row in twice]


def _part_askings(keep: Client, gone: Client) -> None:
    """One asking of both records (several clients at once) becomes two: it holds a client and a version once."""
    asked = Assignment.objects.filter(client=keep).values("administration")
    for row in Assignment.objects.filter(client=gone, administration__in=asked).select_related("administration"):
        shared = row.administration
        row.administration = Administration.objects.create(
            practice_id=shared.practice_id, asked_by=shared.asked_by, asked_at=shared.asked_at
        )
        row.save(update_fields=["administration"])
