"""Saying which relationship answers are about, while they are a draft."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.errors import LateDraft
from assessments.models import Response
from clients.actions.common import hold
from clients.actions.relationships import first_named, relationship_of, tidy
from clients.models import Client, Relationship
from practice import audit
from practice.errors import Refused
from practice.models import User


def name_relationship(
    *,
    response: Response,
    relationship: str = "",
    known: uuid.UUID | None = None,
    by: User | None = None,
    at: datetime | None = None,
) -> None:
    """Say which relationship a draft is about, where its instrument asks: in words, or one named before (its id).

    Another one starts a baseline of its own. Words come before ``known``. Neither, or what stands there already:
    nothing is written. Raises ``Refused`` (field ``relationship``) for too many words and an id that is not one of the
    client's, ``LateDraft`` after sending.
    """
    at, words = at or timezone.now(), tidy(relationship)
    if not response.version.definition.asks_relationship or not (words or known):
        return
    with transaction.atomic():
        hold(response.client_id)
        named = relationship_of(response.client, words, at=at)
        if named is None and known is not None:
            named = known_of(response.client, known)
        if named is None or named.pk == response.relationship_id:
            return
        changed = Response.objects.filter(pk=response.pk, state=Response.State.DRAFT).update(
            relationship=named, changed_at=at
        )
        if not changed:
            raise LateDraft
        first_named(response.client, named)
        audit.write("answers.relationship", by=by, record=response, at=at)
    response.relationship = named


def known_of(client: Client, known: uuid.UUID) -> Relationship:
    """The client's relationship of this id, or ``Refused`` (field ``relationship``)."""
    row = Relationship.objects.filter(practice=client.practice_id, client=client, pk=known).first()
    if row is None:
        raise Refused(_("Choose one of the relationships shown, or name another one."), "relationship")
    return row
