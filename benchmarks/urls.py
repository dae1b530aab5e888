"""The product's addresses, and pages that draw the same templates from constant data."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from config.urls import urlpatterns as product

KEPT: dict[str, tuple[str, dict[str, Any]]] = {}
"""Template and context of a page that was drawn once, by its name."""

DRAWN: dict[str, Callable[[dict[str, Any]], dict[str, object]]] = {}
"""What a page's view writes as markup in Python belongs to the drawing: it is written again from the kept context."""


def constant(request: HttpRequest, name: str) -> HttpResponse:
    """The page again, from the kept context: session, sign-in, markup and template, nothing read or computed."""
    template, context = KEPT[name]
    with timezone.override(request.membership.practice.zone):  # type: ignore[attr-defined]
        return render(request, template, context | DRAWN[name](context))


def nothing(request: HttpRequest) -> HttpResponse:
    """Only what every signed-in page costs: session, user, membership."""
    return HttpResponse(str(bool(request.membership)))  # type: ignore[attr-defined]


urlpatterns = [
    path("bench/nothing/", nothing),
    path("bench/<str:name>/", constant),
    *product,
]
