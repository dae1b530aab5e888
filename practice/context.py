"""What every template may use."""

from typing import Any

from django.http import HttpRequest

PRODUCT = "Trestle"


def product(request: HttpRequest) -> dict[str, Any]:
    return {"product": PRODUCT, "membership": getattr(request, "membership", None)}
