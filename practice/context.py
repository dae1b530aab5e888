"""What every template may use."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from practice.queries import memberships_of

PRODUCT = "Trestle"


def product(request: HttpRequest) -> dict[str, Any]:
    """The product's name, the membership one acts by, and all of one's memberships (the switcher shows from two on)."""
    user = getattr(request, "user", None)
    return {
        "product": PRODUCT,
        "membership": getattr(request, "membership", None),
        "memberships": SimpleLazyObject(lambda: memberships_of(user) if user and user.is_authenticated else []),
    }
