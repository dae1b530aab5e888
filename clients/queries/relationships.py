"""Reading relationships: their words, opened."""

import uuid
from collections.abc import Iterable

from clients.models import Client, Relationship


def words_by_id(client: Client, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID | None, str]:
    """The words of these relationships of the client; no relationship has none. One query, if any at all."""
    found: dict[uuid.UUID | None, str] = {None: ""}
    wanted = {pk for pk in ids if pk is not None}
    if wanted:
        rows = Relationship.objects.filter(practice=client.practice_id, client=client, pk__in=wanted)
        found |= {row.pk: row.words for row in rows}
    return found


def relationships_of(client: Client) -> list[Relationship]:
    """Every relationship that was named for the client: the one that measures are about now, then the latest first."""
    rows = list(Relationship.objects.filter(practice=client.practice_id, client=client).order_by("-named_at", "pk"))
    return sorted(rows, key=lambda row: row.pk != client.relationship_id)
