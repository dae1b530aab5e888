"""The cookie that holds the pass of a link or of the room: kept to the answering pages, out of reach of scripts."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from assessments.actions.links import by_pass
from assessments.models import AssignmentLink

NAME = "pass"
PATH = "/l/"
"""The portal's link pages lie below this address and nothing else does."""


def put(response: HttpResponse, secret: str, *, until: datetime) -> None:
    """Set the cookie on a response, until the pass expires."""
    response.set_cookie(NAME, secret, expires=until, path=PATH, secure=settings.HTTPS, httponly=True, samesite="Lax")


def link_of(request: HttpRequest) -> AssignmentLink | None:
    """The live link whose pass this device holds."""
    return by_pass(request.COOKIES.get(NAME, ""))


def drop(response: HttpResponse) -> None:
    """Forget the pass on this device."""
    response.delete_cookie(NAME, path=PATH, samesite="Lax")
