"""Pages of the signed-in client: who has no client record of their own gets 404."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clients import access
from clients.models import Client
from portal import pages
from practice.grants import Permission

OwnView = Callable[..., HttpResponse]


def own_clients(request: HttpRequest) -> list[Client]:
    """The client records of whoever is signed in, those in care first: one, unless two practices share the sign-in."""
    rows = access.clients_for(pages.me(request), Permission.ANSWER).select_related("practice")
    return sorted(rows, key=lambda row: (row.status == Client.Status.DISCHARGED, row.created_at, row.pk))


def own(view: OwnView) -> OwnView:
    """``view(request, clients, …)`` with at least one client; times are those of the first one's practice."""

    @functools.wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        clients = own_clients(request)
        if not clients:
            raise access.Denied("page", None)
        with timezone.override(clients[0].practice.zone):
            return view(request, clients, *args, **kwargs)

    return gated
