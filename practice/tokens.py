"""Tokens of one-time links: derived from the row and the secret key, stored only as a hash.

Deriving lets the outbox send, and send again, without any row or message holding the token.
"""

import hashlib
from typing import TypeVar

from django.utils.crypto import salted_hmac

from practice.models import OneTimeLink

Link = TypeVar("Link", bound=OneTimeLink)


def token_for(link: OneTimeLink) -> str:
    """The token of this link's current generation (43 characters, fit for a URL)."""
    import base64

    digest = salted_hmac(
        f"one-time-link.{link._meta.label_lower}", f"{link.pk}:{link.generation}", algorithm="sha256"
    ).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def arm(link: OneTimeLink) -> str:
    """Set the hash on the (unsaved) row and give the token."""
    token = token_for(link)
    link.token_hash = hash_token(token)
    return token


def find(model: type[Link], token: str) -> Link | None:
    """The link of this token, live or not; a token made for another kind of link finds nothing."""
    if not 40 <= len(token) <= 50:
        return None
    return model._default_manager.filter(token_hash=hash_token(token)).first()
