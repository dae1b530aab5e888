"""Pages that belong to a role of the current membership rather than to one client."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from practice.errors import Denied

View = Callable[..., HttpResponseBase]


def member(*roles: str) -> Callable[[View], View]:
    """``view(request, …)`` for members who hold one of these roles now (none named: any member); others get 404.

    The view runs in the practice's time zone.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            membership = request.membership  # type: ignore[attr-defined]
            if not membership or (roles and not set(roles) & set(membership.roles)):
                raise Denied("page", None)
            with timezone.override(membership.practice.zone):
                return view(request, *args, **kwargs)

        return gated

    return decorate
