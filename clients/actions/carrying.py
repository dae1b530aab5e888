"""What every room does with its rows when one client's record joins another."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from clients.models import Client
from practice.models import User

Moved = dict[str, list[uuid.UUID]]
"""Ids of rows that were moved or put aside, by code."""


@dataclass(frozen=True, slots=True)
class Joining:
    """``gone`` joins ``keep``. ``episodes`` and ``relationships``: by the id of an emptied one, where its rows go; any
    other moved as it is."""

    keep: Client
    gone: Client
    by: User
    at: datetime
    episodes: Mapping[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    relationships: Mapping[uuid.UUID, uuid.UUID] = field(default_factory=dict)


def carry(rows: QuerySet[Any], keep: Client, episodes: Mapping[uuid.UUID, uuid.UUID] | None = None) -> list[uuid.UUID]:
    """Give these rows (those of the other record) to the client who is kept; their ids. One statement, and one for each
    episode that was emptied, where they belong to episodes."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if ids:
        for was, now in (episodes or {}).items():
            rows.filter(episode=was).update(episode=now)
        rows.update(client=keep)
    return ids
