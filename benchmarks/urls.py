"""The product's addresses, and pages that draw the same templates from constant data."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from config.urls import urlpatterns as product

KEPT: dict[str, tuple[str, dict[str, object]]] = {}
"""Template and context of a page that was drawn once, by its name."""


def constant(request: HttpRequest, name: str) -> HttpResponse:
    """The page again, from the kept context: session, sign-in and template, nothing read or computed."""
    template, context = KEPT[name]
    return render(request, template, context)


def nothing(request: HttpRequest) -> HttpResponse:
    """Only what every signed-in page costs: session, user, membership."""
    return HttpResponse(str(bool(request.membership)))  # type: ignore[attr-defined]


urlpatterns = [
    path("bench/nothing/", nothing),
    path("bench/<str:name>/", constant),
    *product,
]
