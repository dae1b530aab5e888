"""The couple page: what was asked of both partners, and what both agreed to show each other. Nothing else of either.

The page is of one client's record. What was asked of both is for whoever cares for this client; whether the partner
answered is only for whoever cares for the partner too. Nobody else learns anything that would be different had the
partner done something else. What is shared is for every reader of the record.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from assessments.concordance import Concordance, concord, may_share
from assessments.models import Administration, Assignment, Response
from assessments.queries.psychometrics import known_scales
from assessments.reveal import is_shared
from clients.access import relationships
from clients.models import Client, Couple, Partner, TherapySession
from clients.queries.care import partner_of
from practice.grants import CARE_RELATIONSHIPS, Relationship
from practice.models import User

MOST = 50
"""So many administrations are listed, the latest first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One measure asked of both. ``partner`` is there only for a reader who cares for the partner as well."""

    asked_at: datetime
    title: str
    own: Assignment
    partner: Assignment | None


@dataclass(frozen=True, slots=True)
class Shared:
    """One measure of one administration in both views."""

    asked_at: datetime
    title: str
    recall: str
    basis: str
    concordance: Concordance


@dataclass(frozen=True, slots=True)
class CouplePage:
    """The whole page. ``partner`` is the other's record, for what may be said of it only; ``basis``: how the reader
    stands to it. ``cares``: for this client, ``cares_for_both``: and for the partner."""

    couple: Couple | None
    partner: Client | None
    basis: str
    cares: bool
    cares_for_both: bool
    asked: tuple[Asked, ...]
    shared: tuple[Shared, ...]
    sessions: tuple[TherapySession, ...]

    @property
    def opens_partner(self) -> bool:
        """Whether the page shows anything that is the partner's."""
        return bool(self.shared) or any(row.partner for row in self.asked)


def couple_page(user: User, client: Client, own: Iterable[Relationship]) -> CouplePage:
    """Read it for a client that was loaded through access, in a fixed number of queries.

    ``own``: how the reader stands to this client.
    """
    place = partner_of(client)
    if place is None:
        return CouplePage(None, None, "", cares=False, cares_for_both=False, asked=(), shared=(), sessions=())
    to_partner = relationships(user, place.client)
    cares = bool(set(own) & set(CARE_RELATIONSHIPS))
    both = cares and bool(set(to_partner) & set(CARE_RELATIONSHIPS))
    administrations = _administrations(client, place.couple)
    return CouplePage(
        couple=place.couple,
        partner=place.client,
        basis=str(next(iter(to_partner), "")),
        cares=cares,
        cares_for_both=both,
        asked=_asked(client, place if both else None, administrations) if cares else (),
        shared=_shared(client, place.client, administrations),
        sessions=tuple(
            TherapySession.objects.filter(client=client, couple=place.couple)
            .only("pk", "starts_at", "attendance", "kind", "client")
            .order_by("-starts_at", "pk")[:10]
        ),
    )


def _administrations(client: Client, couple: Couple) -> list[Administration]:
    """Those of this couple that this client was asked in, the latest first; the partner's part plays no role."""
    own = Assignment.objects.filter(practice=client.practice_id, client=client).values("administration")
    rows = Administration.objects.filter(practice=client.practice_id, couple=couple, pk__in=own)
    return list(rows.order_by("-asked_at", "pk")[:MOST])


def _asked(client: Client, partner: Partner | None, administrations: Sequence[Administration]) -> tuple[Asked, ...]:
    people = [client.pk, *([partner.client_id] if partner else [])]
    rows = (
        Assignment.objects.filter(administration__in=administrations, client__in=people)
        .select_related("version__instrument")
        .order_by("version__instrument__position", "version__instrument__title", "pk")
    )
    found: dict[tuple[uuid.UUID, uuid.UUID], dict[uuid.UUID, Assignment]] = {}
    for row in rows:
        if may_share(row.version.definition):
            found.setdefault((row.administration_id, row.version_id), {})[row.client_id] = row
    lines = []
    for administration in administrations:
        for (administration_id, _version), mine in found.items():
            own = mine.get(client.pk)
            if administration_id == administration.pk and own is not None:
                other = mine.get(partner.client_id) if partner else None
                lines.append(Asked(administration.asked_at, own.version.instrument.title, own, other))
    return tuple(lines)


def _shared(client: Client, partner: Client, administrations: Sequence[Administration]) -> tuple[Shared, ...]:
    """What is shared now: asked of ``is_shared`` for each administration, before a single answer is read."""
    agreed = {one.pk: one for one in administrations if is_shared(one)}
    if not agreed:
        return ()
    pairs = _pairs(client, partner, agreed)
    known = known_scales(client.practice, {mine.version_id for _at, mine, _theirs in pairs})
    found = []
    for asked_at, mine, theirs in pairs:
        definition = mine.version.definition
        of_scale = {
            scale.key: one
            for scale in definition.scales
            if (one := known.get((mine.version_id, f"{definition.slug}.{scale.key}"))) is not None
        }
        views = concord(definition, mine.answers, theirs.answers, of_scale)
        title = mine.version.instrument.title
        found.append(Shared(asked_at, title, definition.recall, definition.passport.basis, views))
    return tuple(found)


def _pairs(
    client: Client, partner: Client, agreed: dict[uuid.UUID, Administration]
) -> list[tuple[datetime, Response, Response]]:
    """Both partners' sent answers to the same version; nothing where only one has sent theirs. One query."""
    rows: Iterable[Response] = (
        Response.objects.filter(
            practice=client.practice_id,
            client__in=(client.pk, partner.pk),
            assignment__administration__in=agreed,
            respondent=Response.Respondent.CLIENT,
            state=Response.State.SUBMITTED,
        )
        .select_related("version__instrument", "assignment")
        .order_by("version__instrument__position", "version__instrument__title", "pk")
    )
    sheets: dict[tuple[uuid.UUID, uuid.UUID], dict[uuid.UUID, Response]] = {}
    for row in rows:
        if row.assignment is not None and may_share(row.version.definition):
            sheets.setdefault((row.assignment.administration_id, row.version_id), {})[row.client_id] = row
    order = list(agreed)
    whole = [
        (order.index(key[0]), agreed[key[0]].asked_at, both[client.pk], both[partner.pk])
        for key, both in sheets.items()
        if len(both) == 2
    ]
    return [(asked_at, mine, theirs) for _place, asked_at, mine, theirs in sorted(whole, key=lambda one: one[0])]
