"""Pages that belong to a role of the current membership rather than to one client."""

import functools
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from practice.errors import Denied
from practice.grants import Permission, role_gives

View = Callable[..., HttpResponseBase]


def member(*permissions: Permission) -> Callable[[View], View]:
    """``view(request, …)`` for members one of whose roles gives one of these permissions now; others get 404.

    None named: any member. What the view shows of clients it still asks of ``clients/access.py``. It runs in the
    practice's time zone.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            membership = request.membership  # type: ignore[attr-defined]
            if not membership or not _may(membership.roles, permissions):
                raise Denied("page", None)
            with timezone.override(membership.practice.zone):
                return view(request, *args, **kwargs)

        return gated

    return decorate


def _may(roles: Iterable[str], permissions: Iterable[Permission]) -> bool:
    asked = tuple(permissions)
    return not asked or any(role_gives(role, permission) for role in roles for permission in asked)
