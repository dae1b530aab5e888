"""Opening a client's record from a view: access, the supervisor's reason, one audit row. Nothing else loads clients.

``@record(permission)`` gives the view a client that was loaded through access. Who may read the record but not do this
gets 403; everybody else the 404 page.
"""

import functools
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from clients import access
from clients.models import Client
from practice import audit
from practice.grants import REASON_NEEDED, Permission

REASON_SECONDS = 8 * 3600
REASONS_KEY = "reasons"

RecordView = Callable[..., HttpResponse]


def record(permission: Permission, *, audited: bool = True) -> Callable[[RecordView], RecordView]:
    """Decorate ``view(request, client, **kwargs)``; the route's ``pk`` is the client's id.

    A GET writes one ``opened`` row (with the basis and the route's name), unless ``audited`` is off, which is only
    for fragments of a page that was just opened.
    """

    def decorate(view: RecordView) -> RecordView:
        @functools.wraps(view)
        def opened(request: HttpRequest, pk: uuid.UUID, **kwargs: Any) -> HttpResponse:
            client = _load(request, pk, permission)
            relationship = access.basis(request.user, client)
            request.basis = relationship  # type: ignore[attr-defined]
            if relationship in REASON_NEEDED and not reason_given(request, client):
                if request.method not in ("GET", "HEAD"):
                    raise PermissionDenied
                return redirect("dashboard:client_reason", pk=client.pk)
            if audited and request.method in ("GET", "HEAD"):
                audit.write(
                    "opened",
                    by=request.user,
                    record=client,
                    client=client.pk,
                    basis=str(relationship or ""),
                    page=request.resolver_match.url_name if request.resolver_match else "",
                )
            return view(request, client, **kwargs)

        return opened

    return decorate


def _load(request: HttpRequest, pk: uuid.UUID, permission: Permission) -> Client:
    try:
        return access.get_client(request.user, pk, permission)
    except access.Denied:
        if access.clients_for(request.user, Permission.SEE_CLINICAL).filter(pk=pk).exists():
            raise PermissionDenied from None
        raise


def reason_given(request: HttpRequest, client: Client) -> bool:
    """Whether this session holds a reason for this client that is not yet too old."""
    given = request.session.get(REASONS_KEY, {}).get(str(client.pk))
    return given is not None and time.time() - given < REASON_SECONDS


def remember_reason(request: HttpRequest, client: Client) -> None:
    """Keep that a reason was given; the reason itself goes into the audit trail, as a code."""
    reasons = request.session.get(REASONS_KEY, {})
    request.session[REASONS_KEY] = {**reasons, str(client.pk): int(time.time())}
