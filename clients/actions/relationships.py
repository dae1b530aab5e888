"""Naming the relationship that answers are about: one row for the same words of a client."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.common import locked, moment
from clients.models import Client, Relationship
from practice import audit
from practice.errors import Refused
from practice.models import User

MAX_WORDS = Relationship._meta.get_field("words").max_length or 80


def relationship_of(client: Client, words: str, *, at: datetime) -> Relationship | None:
    """The client's relationship of these words, made where it is new; none for no words.

    Part of an action that writes the audit row and holds the client's row, so that no two make the same. The client
    is saved. Raises ``Refused`` for words that are too long.
    """
    words = tidy(words)
    if not words:
        return None
    for row in Relationship.objects.filter(practice=client.practice_id, client=client):
        if row.words == words:
            return row
    return Relationship.objects.create(client=client, words=words, named_at=at)


@transaction.atomic
def choose_relationship(
    *,
    by: User,
    client: Client,
    words: str = "",
    known: Relationship | None = None,
    at: datetime | None = None,
) -> Relationship:
    """What measures are about from now on: a relationship in new words, or one named before.

    A new one starts a baseline of its own; one named before goes on where it was. What was begun or sent stays about
    what it was about. Raises ``Refused`` (field ``words``) for none, too many, and for the one that is current.
    """
    at = moment(at)
    client = locked(client)
    if known is None:
        try:
            known = relationship_of(client, words, at=at)
        except Refused as refused:
            raise Refused(refused.message, "words") from refused
    if known is None:
        raise Refused(_("Write which relationship it is."), "words")
    if known.client_id != client.pk:
        raise Refused(_("That relationship belongs to somebody else."), "words")
    if known.pk == client.relationship_id:
        raise Refused(_("Measures are about this one already."), "words")
    client.relationship = known
    client.save(update_fields=["relationship"])
    audit.write("relationship.chosen", by=by, record=known, at=at)
    return known


def first_named(client: Client, named: Relationship) -> None:
    """The first relationship that a client names is what measures are about from then on; a later one changes nothing:
    the clinician is told, and decides. Part of an action that holds the client and writes the audit row."""
    if Client.objects.filter(pk=client.pk, relationship=None).update(relationship=named):
        client.relationship = named


def tidy(words: str) -> str:
    """Without needless spaces. Raises ``Refused`` (field ``relationship``) when there are too many."""
    words = " ".join(words.replace("\x00", "").split())
    if len(words) > MAX_WORDS:
        raise Refused(_("At most %(most)s characters.") % {"most": MAX_WORDS}, "relationship")
    return words
