"""How the client's pages are shown: with the practice's crisis text on each."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clients.models import Client
from practice import audit
from practice.models import Practice, User
from practice.models.people import DEFAULT_CRISIS_TEXT

JSON = "application/json"


def show(
    request: HttpRequest, template: str, practice: Practice | None, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A client's page. Without a practice (a dead link of nobody knows whom) the crisis text is the general one."""
    words = practice.crisis_words if practice else str(DEFAULT_CRISIS_TEXT)
    return render(request, template, {"crisis_words": words, **context}, status=status)


def record_opened(request: HttpRequest, clients: Iterable[Client], page: str) -> None:
    """One audit row for each client record that the page shows."""
    for client in clients:
        audit.write("opened", by=me(request), record=client, client=client.pk, basis="self", page=page)


def me(request: HttpRequest) -> User:
    """Who is signed in; only for pages that need a sign-in."""
    return cast(User, request.user)


def wants_json(request: HttpRequest) -> bool:
    """Whether the autosave asks."""
    return request.content_type == JSON
