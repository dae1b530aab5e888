"""Reading a client's own goals."""

import uuid
from collections.abc import Iterable

from django.db.models import Q

from clients.models import Client, Episode, Goal

KEY_LENGTH = 32
"""A goal's key is its id's hexadecimal digits."""


def goals_of(client: Client, episode: Episode | None) -> list[Goal]:
    """The goals of an episode, in one query: what is worked on by position, then what has ended, the latest first."""
    if episode is None:
        return []
    rows = Goal.objects.filter(practice=client.practice_id, client=client, episode=episode).select_related("set_by")
    found = sorted(rows, key=lambda row: (row.position, row.set_at, str(row.pk)))
    active = [row for row in found if row.state == Goal.State.ACTIVE]
    ended = [row for row in found if row.state != Goal.State.ACTIVE]
    ended.sort(key=lambda row: (row.ended_on or row.set_at.date(), row.set_at), reverse=True)
    return active + ended


def active_goals(client: Client) -> list[Goal]:
    """What the client works on now, by position."""
    rows = Goal.objects.filter(practice=client.practice_id, client=client, state=Goal.State.ACTIVE)
    return list(rows.order_by("position", "set_at", "pk"))


def asked_goals(
    client_id: uuid.UUID, episode_id: uuid.UUID, *, answered: Iterable[str] = (), asking: bool
) -> dict[str, str]:
    """Words by key of the goals that answers are about: with ``asking`` those worked on in the episode, and those with
    an answer anyhow. One query, and none where there is nothing to look for."""
    known = [pk for key in answered if (pk := _id(key)) is not None]
    if not (asking or known):
        return {}
    wanted = Q(pk__in=known)
    if asking:
        wanted |= Q(episode=episode_id, state=Goal.State.ACTIVE)
    rows = Goal.objects.filter(wanted, client=client_id).order_by("position", "set_at", "pk")
    return {row.key: row.words for row in rows}


def goal_words(client: Client, scales: Iterable[str]) -> dict[str, str]:
    """The words of goals by the scale's key (``goals.<key>``); other scales have none. One query, if any at all."""
    keys = {scale: key for scale in scales for prefix, _dot, key in (scale.partition("."),) if prefix == "goals"}
    ids = {pk: scale for scale, key in keys.items() if (pk := _id(key)) is not None}
    rows = Goal.objects.filter(client=client, pk__in=ids) if ids else ()
    return {ids[row.pk]: row.words for row in rows}


def _id(key: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(hex=key) if len(key) == KEY_LENGTH else None
    except ValueError:
        return None
