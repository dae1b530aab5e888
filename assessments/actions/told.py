"""Life events and proposals of focus that answers brought with them, when those answers leave the record or come back.

Neither row names its answers: they are found by what was picked and by the moment of sending.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from assessments.models import Response
from clients.actions.course import add_life_event
from clients.models import Client, FocusBarrier, LifeEvent
from practice.models import User

State = FocusBarrier.State


def take_back(row: Response, *, by: User, at: datetime) -> list[str]:
    """The answers no longer count for this client: their life events leave the map, proposals that still wait are
    declined. Gives the kinds of life events. Part of the action that writes the audit row."""
    kinds = []
    for kind in _picked(row, "life_events"):
        event = _events(row).filter(kind=kind, withdrawn_at=None).order_by("id").first()
        if event is not None:
            event.withdrawn_at = at
            event.save(update_fields=["withdrawn_at"])
            kinds.append(kind)
    assert row.submitted_at is not None
    waiting = FocusBarrier.objects.filter(
        client=row.client_id, episode=row.episode_id, state=State.PROPOSED, proposed_by_client=True
    )
    waiting.filter(barrier__in=_picked(row, "focus_pick"), proposed_at=row.submitted_at).update(
        state=State.DECLINED, ends_on=row.client.practice.today(at), decided_by=by
    )
    return kinds


def put_back(row: Response, *, taken_at: datetime) -> None:
    """The life events that left with these answers at that moment are on the map again."""
    _events(row).filter(kind__in=_picked(row, "life_events"), withdrawn_at=taken_at).update(withdrawn_at=None)


def tell(client: Client, kinds: Iterable[str], *, sent_at: datetime, by: User, at: datetime) -> None:
    """Add these life events to the client to whom the answers were moved, on the day of sending."""
    for kind in kinds:
        add_life_event(
            by=by, client=client, kind=kind, happened_on=client.practice.today(sent_at), told_by_client=True, at=at
        )


def _events(row: Response) -> QuerySet[LifeEvent]:
    assert row.submitted_at is not None
    return LifeEvent.objects.filter(
        client=row.client_id,
        session=row.session_id,
        told_by_client=True,
        happened_on=row.client.practice.today(row.submitted_at),
    )


def _picked(row: Response, kind: str) -> list[str]:
    ids = [question.id for question in row.version.definition.questions if question.kind == kind]
    return [code for name in ids for code in row.answers.get(name) or ()]
