"""Naming the relationship that answers are about: one row for the same words of a client."""

from datetime import datetime

from django.utils.translation import gettext as _

from clients.models import Client, Relationship
from practice.errors import Refused

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


def tidy(words: str) -> str:
    """Without needless spaces. Raises ``Refused`` (field ``relationship``) when there are too many."""
    words = " ".join(words.replace("\x00", "").split())
    if len(words) > MAX_WORDS:
        raise Refused(_("At most %(most)s characters.") % {"most": MAX_WORDS}, "relationship")
    return words
