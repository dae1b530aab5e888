"""Asking several clients at once."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.actions.assigning import assign
from assessments.models import Assignment, InstrumentVersion
from assessments.queries.several import Standing, standings
from clients.actions.common import RowProblems, locked
from clients.models import Client, Partner
from practice.errors import Refused
from practice.models import User

MOST = 50
"""So many clients can be asked at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of whom, and of whom something was left out."""

    made: list[Assignment]
    left_out: list[Client]

    @property
    def clients(self) -> int:
        """How many clients were asked anything."""
        return len({one.client_id for one in self.made})


def assign_several(
    *,
    by: User,
    clients: Sequence[Client],
    versions: Sequence[InstrumentVersion],
    leave_out: Collection[uuid.UUID] = (),
    channel: str = "portal",
    due_on: date | None = None,
    expires_on: date | None = None,
    at: datetime | None = None,
) -> Asked:
    """Ask each of these clients to answer these versions once: all of it, or nothing.

    What cannot be asked of a client (still open, answered too lately, discharged) is left out for those whose ids stand
    in ``leave_out``; of anybody else it refuses the whole. Partners of a couple who are asked the same share one
    administration, as on their own assign screen. One audit row a client.

    Raises ``RowProblems`` for what was not left out, by client; ``Refused`` with field ``clients`` for nobody or too
    many; else as ``assign``.
    """
    at = at or timezone.now()
    if not clients:
        raise Refused(_("Choose who is asked."), "clients")
    if len(clients) > MOST:
        raise Refused(_("At most %(most)s clients can be asked at once.") % {"most": MOST}, "clients")
    if not versions:
        raise Refused(_("Choose at least one measure."), "versions")
    with transaction.atomic():
        held = [locked(client) for client in sorted(clients, key=lambda client: client.pk)]
        found = standings(held, versions, at)
        trouble = {one.client.pk: " · ".join(one.problems(versions)) for one in found if one.problems(versions)}
        if trouble.keys() - set(leave_out):
            raise RowProblems({pk: words for pk, words in trouble.items() if pk not in leave_out})
        made: list[Assignment] = []
        for together, possible in _groups(found, versions):
            made += assign(
                by=by,
                clients=together,
                versions=possible,
                channel=channel,
                due_on=due_on,
                expires_on=expires_on,
                at=at,
            )
        if not made:
            raise Refused(_("Nothing is left that could be asked."), "clients")
    return Asked(made, [client for client in held if client.pk in trouble])


def _groups(
    found: Sequence[Standing], versions: Sequence[InstrumentVersion]
) -> list[tuple[list[Client], list[InstrumentVersion]]]:
    """Who is asked what; two partners of whom the same is asked, together."""
    places = Partner.objects.filter(client__in=[one.client.pk for one in found], ended=False)
    couples = dict(places.values_list("client_id", "couple_id"))
    groups: dict[object, tuple[list[Client], list[InstrumentVersion]]] = {}
    for one in found:
        possible = one.possible(versions)
        if not possible:
            continue
        key = (couples.get(one.client.pk, one.client.pk), frozenset(version.pk for version in possible))
        groups.setdefault(key, ([], possible))[0].append(one.client)
    return list(groups.values())
