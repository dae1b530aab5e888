"""Opening a client's record from a view: access, the supervisor's reason, one audit row. Nothing else loads clients.

``@record(permission)`` gives the view a client that was loaded through access. Who may read the record but not do this
gets 403; everybody else the 404 page. The view runs in the practice's time zone.
"""

import functools
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from clients import access
from clients.models import Client
from dashboard.requests import StaffRequest
from practice import audit
from practice.grants import REASON_NEEDED, Permission, grants

REASON_SECONDS = 8 * 3600
REASONS_KEY = "reasons"

RecordView = Callable[..., HttpResponse]


def record(
    *permissions: Permission, write: Permission | None = None, audited: bool = True
) -> Callable[[RecordView], RecordView]:
    """Decorate ``view(request, client, **kwargs)``; the route's ``pk`` is the client's id.

    One of ``permissions`` is needed, and for anything but reading ``write`` where it is given. The view finds
    ``request.relationships``, strongest first, and the strongest as ``request.basis``.

    A GET writes one ``opened`` row (with the basis and the route's name), and so does a POST that is answered with a
    page (what was typed is refused, somebody else's words are shown beside): that is a reading too. None is written
    where ``audited`` is off: only for fragments of a page that was just opened, and for views that write their own.
    """

    def decorate(view: RecordView) -> RecordView:
        @functools.wraps(view)
        def opened(request: StaffRequest, pk: uuid.UUID, **kwargs: Any) -> HttpResponse:
            reading = request.method in ("GET", "HEAD")
            try:
                client = _load(request, pk, permissions if reading or write is None else (write,))
            except access.Denied:
                into = access.joined_into(pk) if reading else None
                if into is None or access.opened(request.user, into)[0] is None:
                    raise
                return _lead_to(request, into, kwargs)
            relationship = next(iter(request.relationships), None)
            request.basis = relationship
            if relationship in REASON_NEEDED and not reason_given(request, client):
                if not reading:
                    raise PermissionDenied
                return redirect("dashboard:client_reason", pk=client.pk)
            page = (request.resolver_match.url_name if request.resolver_match else "") or ""
            if audited and reading:
                write_opened(request, client, page)
            with timezone.override(client.practice.zone):
                response = view(request, client, **kwargs)
            if audited and not reading and shows(response):
                write_opened(request, client, page)
            return response

        return opened

    return decorate


def shows(response: HttpResponse) -> bool:
    """Whether the answer to a POST lets its reader read: a page, or what somebody else stored meanwhile (409). Leading
    on does not, since the next page writes its row; nor does telling an autosave that it is saved, or what to mend."""
    html = response.get("Content-Type", "").startswith("text/html")
    return response.status_code == 409 or (html and bool(response.content) and not 300 <= response.status_code < 400)


def write_opened(request: StaffRequest, client: Client, page: str, **detail: Any) -> None:
    """One ``opened`` row: who, on what basis, which page, and why where a reason was asked."""
    details = {"page": page, **detail, **why(request, client)}
    basis = str(request.basis or "")
    audit.write("opened", by=request.user, record=client, client=client.pk, basis=basis, **details)


def _lead_to(request: StaffRequest, into: uuid.UUID, kwargs: dict[str, Any]) -> HttpResponse:
    """From the address of a record that was joined into another to that one: the same page, where it has one."""
    page = request.resolver_match.view_name if request.resolver_match and not kwargs else "dashboard:client"
    return redirect(page, pk=into)


def _load(request: StaffRequest, pk: uuid.UUID, permissions: tuple[Permission, ...]) -> Client:
    client, request.relationships = access.opened(request.user, pk)
    may = {permission for permission in Permission if any(grants(one, permission) for one in request.relationships)}
    if client is not None and may.intersection(permissions):
        return client
    if Permission.SEE_CLINICAL in may:
        raise PermissionDenied
    raise access.Denied("client", pk)


def reason_given(request: StaffRequest, client: Client) -> str:
    """The code of the reason that this session holds for this client; empty where there is none, or it is too old."""
    given = request.session.get(REASONS_KEY, {}).get(str(client.pk))
    if not isinstance(given, list) or time.time() - given[0] >= REASON_SECONDS:
        return ""
    return str(given[1])


def why(request: StaffRequest, client: Client) -> dict[str, Any]:
    """For the audit row of an opening: the reason's code, where this reader had to give one."""
    return {"reason": reason_given(request, client)} if request.basis in REASON_NEEDED else {}


def remember_reason(request: StaffRequest, client: Client, reason: str) -> None:
    """Keep when and why: the code stands with each opening in the audit trail and on the record's access list."""
    reasons = request.session.get(REASONS_KEY, {})
    request.session[REASONS_KEY] = {**reasons, str(client.pk): [int(time.time()), reason]}
