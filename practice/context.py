"""What every template may use."""

import functools
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from practice import hooks
from practice.queries import memberships_of

PRODUCT = "Trestle"


def product(request: HttpRequest) -> dict[str, Any]:
    """The product's name, the membership one acts by, and all of one's memberships (the switcher shows from two on).

    ``crisis_words``: the text for emergencies of the signed-in client's practice, read only where a page shows it.
    """
    user: Any = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "product": PRODUCT,
        "membership": getattr(request, "membership", None),
        "memberships": SimpleLazyObject(lambda: memberships_of(user) if signed_in else []),
        "crisis_words": functools.cache(lambda: hooks.crisis_words(user) if signed_in else ""),
    }
