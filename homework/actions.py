"""Every write of homework: publishing the exercise library, proposing an exercise to a client."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.carrying import Joining, Moved, carry
from clients.actions.common import locked, moment, needed_episode
from clients.barriers import BY_CODE
from clients.models import Client, TherapySession
from homework.models import Exercise, ExerciseVersion, Proposal
from homework.schema import ExerciseDefinition, content_hash
from practice import audit
from practice.actions.versions import Entry, LoadLine, publish
from practice.errors import Refused
from practice.models import User


def publish_exercises(definitions: Iterable[ExerciseDefinition], *, at: datetime | None = None) -> list[LoadLine]:
    """Publish checked exercises, all or none, and say what became of each. The same content makes no new version."""
    entries = [
        Entry(
            definition.slug,
            definition.language,
            content_hash(definition),
            definition.model_dump(mode="json"),
            {"title": definition.title},
        )
        for definition in definitions
    ]
    return publish(Exercise, ExerciseVersion, entries, at=at)


@transaction.atomic
def propose(
    *,
    by: User,
    client: Client,
    version: ExerciseVersion,
    session: TherapySession | None = None,
    barriers: Sequence[str] = (),
    words: str = "",
    at: datetime | None = None,
) -> Proposal:
    """Choose an exercise for a client, with the barriers it is for and the clinician's own words to the client.

    Proposed already in this episode: that proposal, as it is. Whether it may be given now is asked before
    (``homework.suggestions``): only the caller knows the ratings and what the reader may see of safety.
    """
    at = moment(at)
    client = locked(client)
    episode = needed_episode(client)
    if session is not None and session.client_id != client.pk:
        raise Refused(_("That session belongs to somebody else."), "session")
    if not set(barriers) <= set(BY_CODE):
        raise Refused(_("Choose from the twelve barriers."), "barriers")
    open_one = Proposal.objects.filter(
        episode=episode, exercise_id=version.exercise_id, state=Proposal.State.PROPOSED
    ).first()
    if open_one is not None:
        return open_one
    row = Proposal.objects.create(
        client=client,
        episode=episode,
        session=session,
        version=version,
        exercise_id=version.exercise_id,
        barriers=list(dict.fromkeys(barriers)),
        words=words.replace("\x00", "").strip(),
        proposed_at=at,
        proposed_by=by,
    )
    audit.write("proposal.made", by=by, record=row, at=at, barriers=len(row.barriers), words=bool(row.words))
    return row


@transaction.atomic
def withdraw_proposal(*, by: User, proposal: Proposal, at: datetime | None = None) -> Proposal:
    """Take a proposed exercise back. Taken back already: nothing is written; assigned: ``Refused``."""
    at = moment(at)
    locked(proposal.client)
    row = Proposal.objects.select_related("client").get(pk=proposal.pk)
    if row.state == Proposal.State.ASSIGNED:
        raise Refused(_("It is homework already."))
    if row.state == Proposal.State.PROPOSED:
        _withdraw(row, by, at)
    return row


def _withdraw(row: Proposal, by: User, at: datetime) -> None:
    row.state, row.closed_at = Proposal.State.WITHDRAWN, at
    row.save(update_fields=["state", "closed_at"])
    audit.write("proposal.withdrawn", by=by, record=row, at=at)


def take_back_of(session_id: uuid.UUID, *, by: User, at: datetime) -> list[uuid.UUID]:
    """Nothing stays proposed that was chosen in a session entered by mistake; the ids.

    Part of the action that marks it (``practice.hooks``), which holds the client.
    """
    rows = list(Proposal.objects.filter(session=session_id, state=Proposal.State.PROPOSED).order_by("pk"))
    for row in rows:
        _withdraw(row, by, at)
    return [row.pk for row in rows]


def withdraw_all(client_id: uuid.UUID, *, at: datetime) -> dict[str, int]:
    """Nothing stays proposed to this client; how many were.

    Part of the action that discharges (``practice.hooks``), which holds the client and writes the audit row.
    """
    rows = Proposal.objects.filter(client=client_id, state=Proposal.State.PROPOSED)
    return {"proposals_withdrawn": rows.update(state=Proposal.State.WITHDRAWN, closed_at=at)}


def move_rows(joining: Joining) -> Moved:
    """Two records of one person: the proposals of one go to the other (``practice.hooks``). What both propose in an
    episode that becomes one is proposed once."""
    proposed = Proposal.objects.filter(state=Proposal.State.PROPOSED)
    twice: list[uuid.UUID] = []
    for was, now in joining.episodes.items():
        known = proposed.filter(episode=now).values("exercise_id")
        twice += proposed.filter(episode=was, exercise_id__in=known).values_list("pk", flat=True)
    Proposal.objects.filter(pk__in=twice).update(state=Proposal.State.WITHDRAWN, closed_at=joining.at)
    moved = carry(Proposal.objects.filter(client=joining.gone), joining.keep, joining.episodes)
    return {"proposals": moved, "proposed_twice": twice}
