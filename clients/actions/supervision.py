"""Bringing something to supervision, talking about it, taking it back."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients import access
from clients.actions.common import locked, moment
from clients.barriers import CODES
from clients.models import Client, SafetyFlag, SupervisionItem, TherapySession
from clients.queries.supervision import visible
from practice import audit
from practice.errors import Refused
from practice.grants import Permission
from practice.models import Membership, User

Kind, State = SupervisionItem.Kind, SupervisionItem.State
LONGEST = 2000


def _check(by: User, membership: Membership, client: Client, kind: str, subject: uuid.UUID, barrier: str) -> None:
    if membership.user_id != by.pk or membership.practice_id != client.practice_id:
        raise Refused(_("Bring what is yours, in this practice."))
    if not access.can(by, Permission.WORK, client):
        raise Refused(_("This client is not in your care."))
    if kind not in Kind.values or (kind == Kind.BARRIER) != bool(barrier) or (barrier and barrier not in CODES):
        raise Refused(_("This cannot be brought to supervision."))
    rows: dict[str, QuerySet[Any]] = {Kind.SESSION: TherapySession.objects.all(), Kind.FLAG: SafetyFlag.objects.all()}
    if kind in rows and not rows[kind].filter(client=client, pk=subject).exists():
        raise Refused(_("This cannot be brought to supervision."))


@transaction.atomic
def bring(
    *,
    by: User,
    membership: Membership,
    client: Client,
    kind: str = Kind.CLIENT,
    subject_id: uuid.UUID | None = None,
    barrier: str = "",
    question: str = "",
    at: datetime | None = None,
) -> SupervisionItem:
    """Bring the client, or something of their record, to supervision. What waits already gets the new question.

    A submission and an exercise live in the rooms above: the caller has loaded them as this client's. The audit row
    does not say what was brought: it could tell that there is a safety flag. Raises ``Refused``.
    """
    at = moment(at)
    client = locked(client)
    subject = subject_id if subject_id and kind not in (Kind.CLIENT, Kind.BARRIER) else client.pk
    _check(by, membership, client, kind, subject, barrier)
    question = question.replace("\x00", "").strip()
    if len(question) > LONGEST:
        raise Refused(_("Say it in %(most)s letters or fewer.") % {"most": LONGEST}, "question")
    same = {"client": client, "brought_by": membership, "kind": kind, "subject_id": subject, "barrier": barrier}
    item = SupervisionItem.objects.filter(**same, state=State.WAITING).first()
    if item is None:
        item = SupervisionItem.objects.create(**same, question=question, brought_at=at)
        audit.write("supervision_item.brought", by=by, record=item, at=at)
    elif item.question != question:
        item.question = question
        item.save(update_fields=["question"])
        audit.write("supervision_item.changed", by=by, record=item, at=at)
    return item


def _fresh(membership: Membership, item: SupervisionItem) -> SupervisionItem:
    """The stored row, held, where the member may see it now; else ``Refused``."""
    SupervisionItem.objects.select_for_update(of=("self",)).filter(pk=item.pk).first()
    row = visible(membership).filter(pk=item.pk).first()
    if row is None:
        raise Refused(_("This item is not yours."))
    return row


def _close(by: User, row: SupervisionItem, state: str, at: datetime) -> SupervisionItem:
    if row.state != State.WAITING:
        raise Refused(_("This no longer waits. Nothing was changed."))
    row.state, row.closed_at, row.closed_by = state, at, by
    row.save(update_fields=["state", "closed_at", "closed_by"])
    return row


@transaction.atomic
def discuss(*, by: User, membership: Membership, item: SupervisionItem, at: datetime | None = None) -> SupervisionItem:
    """It was talked about: said by whoever brought it, or by a current supervisor. Raises ``Refused``."""
    row = _close(by, _fresh(membership, item), State.DISCUSSED, moment(at))
    audit.write("supervision_item.discussed", by=by, record=row, at=row.closed_at)
    return row


@transaction.atomic
def take_back(
    *, by: User, membership: Membership, item: SupervisionItem, at: datetime | None = None
) -> SupervisionItem:
    """Not to be talked about after all: by whoever brought it, and then no supervisor sees it. Raises ``Refused``."""
    row = _fresh(membership, item)
    if row.brought_by_id != membership.pk:
        raise Refused(_("Only whoever brought it takes it back."))
    row = _close(by, row, State.TAKEN_BACK, moment(at))
    audit.write("supervision_item.taken_back", by=by, record=row, at=row.closed_at)
    return row


def take_back_about(client: Client, subjects: Collection[uuid.UUID], *, by: User, at: datetime) -> None:
    """What waits about these subjects of a client, whoever brought it, is taken back: they were entered by mistake.

    Part of the action that puts that right, which holds the client.
    """
    waiting = SupervisionItem.objects.filter(client=client, subject_id__in=subjects, state=State.WAITING)
    for row in waiting.order_by("pk"):
        _close(by, row, State.TAKEN_BACK, at)
        audit.write("supervision_item.taken_back", by=by, record=row, at=at)


@transaction.atomic
def put_back(*, by: User, membership: Membership, item: SupervisionItem, at: datetime | None = None) -> SupervisionItem:
    """Undo: it waits again, by whoever closed it. Waiting already: nothing is written. Raises ``Refused``."""
    row = _fresh(membership, item)
    if row.state == State.WAITING:
        return row
    if row.closed_by_id != by.pk:
        raise Refused(_("Only whoever marked it takes that back."))
    row.state, row.closed_at, row.closed_by = State.WAITING, None, None
    row.save(update_fields=["state", "closed_at", "closed_by"])
    audit.write("supervision_item.put_back", by=by, record=row, at=moment(at))
    return row
