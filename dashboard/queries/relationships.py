"""Which relationships a client's measures are and were about."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min

from assessments.models import Response
from clients.models import Client, Relationship
from clients.queries.relationships import relationships_of


@dataclass(frozen=True, slots=True)
class Line:
    """One relationship, or none named: how often measures that ask for it were sent about it, from when to when."""

    relationship: Relationship | None
    current: bool
    sent: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Relationships:
    """The page. ``elsewhere``: another one than the current, which the client's latest answers are about."""

    lines: tuple[Line, ...]
    elsewhere: Relationship | None
    elsewhere_at: datetime | None


def client_relationships(client: Client) -> Relationships:
    """Two queries, for a client that was loaded through access."""
    counted: dict[uuid.UUID | None, tuple[int, datetime, datetime]] = {
        row["relationship"]: (row["sent"], row["first"], row["last"])
        for row in Response.objects.filter(
            practice=client.practice_id,
            client=client,
            respondent=Response.Respondent.CLIENT,
            state=Response.State.SUBMITTED,
            version__data__asks_relationship=True,
        )
        .order_by()
        .values("relationship")
        .annotate(sent=Count("pk"), first=Min("submitted_at"), last=Max("submitted_at"))
    }
    named = relationships_of(client)
    none = (0, None, None)
    lines = [Line(row, row.pk == client.relationship_id, *counted.get(row.pk, none)) for row in named]
    if None in counted:
        lines.append(Line(None, False, *counted[None]))
    latest = max((line for line in lines if line.last and line.relationship), key=_last, default=None)
    other = latest if latest and not latest.current else None
    return Relationships(tuple(lines), other.relationship if other else None, other.last if other else None)


def _last(line: Line) -> datetime:
    assert line.last is not None
    return line.last
