"""Request id, idle sign-out, sign-in by default, current membership, privacy headers, denials."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils import timezone

from practice import audit, limits
from practice.errors import Denied
from practice.queries import memberships_of
from practice.requestid import request_id

Next = Callable[[HttpRequest], HttpResponse]

DENIALS_ALLOWED = 30
DENIAL_WINDOW = 600
"""So many denials in so many seconds, then 429: guessing ids is slow."""


class RequestIdMiddleware:
    """Gives each request an id for its log lines and audit rows."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class MethodMiddleware:
    """The product speaks GET, HEAD and POST; whatever else is asked for, no view sees it."""

    ALLOWED = ("GET", "HEAD", "POST")

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in self.ALLOWED:
            return HttpResponseNotAllowed(self.ALLOWED)
        return self.get_response(request)


class IdleSessionMiddleware:
    """Signs out after the idle limit. Polling does not count as being there."""

    KEY = "seen"

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now, seen = int(time.time()), request.session.get(self.KEY)
            if seen is not None and now - seen > settings.SESSION_IDLE_SECONDS:
                request.idle = True  # type: ignore[attr-defined]
                logout(request)
            elif (seen is None or now - seen > 60) and "X-Poll" not in request.headers:
                request.session[self.KEY] = now
        return self.get_response(request)


class LoginRequiredMiddleware(DjangoLoginRequired):
    """Sign-in is required unless a view says otherwise; a fragment request is sent to the whole sign-in page."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if "HX-Request" in request.headers:
            return HttpResponse(status=401, headers={"HX-Redirect": reverse("account_login")})
        return super().handle_no_permission(request, view_func)


class MembershipMiddleware:
    """``request.membership``: the member one acts as now (the chosen practice, else the only or first one).

    Times of a member's pages are in that practice's zone.
    """

    KEY = "practice"

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = current_membership(request)
        request.membership = membership  # type: ignore[attr-defined]
        with timezone.override(membership.practice.zone if membership else None):
            return self.get_response(request)


def current_membership(request: HttpRequest) -> Any:
    if not request.user.is_authenticated:
        return None
    rows = memberships_of(request.user)
    chosen = request.session.get(MembershipMiddleware.KEY)
    return next((row for row in rows if str(row.practice_id) == chosen), rows[0] if rows else None)


class PrivacyHeadersMiddleware:
    """No page is kept by a browser or proxy; no browser feature is on."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store, private"
        response["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), interest-cohort=()"
        return response


class DenialMiddleware:
    """Writes one row for each denied opening, after the view's transaction is over, and slows guessing."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Denied):
            return None
        membership = getattr(request, "membership", None)
        audit.write(
            "denied",
            by=request.user if request.user.is_authenticated else None,
            practice=membership.practice_id if membership else None,
            subject=exception.subject,
            subject_id=exception.subject_id,
            method=request.method,
        )
        key = f"denials:{request.user.pk or limits.address_of(request)}"
        cache.add(key, 0, DENIAL_WINDOW)
        try:
            count = cache.incr(key)
        except ValueError:
            count = 1
        if count > DENIALS_ALLOWED:
            return limits.refuse(request)
        return None
