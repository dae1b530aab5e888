"""Requests as views see them, for type checking: the middleware has set what stands here."""

from django.http import HttpRequest

from practice.models import Membership, User


class SignedInRequest(HttpRequest):
    """A request behind ``LoginRequiredMiddleware``."""

    user: User


class MemberRequest(SignedInRequest):
    """A request behind ``dashboard.gates.member``: there is a membership."""

    membership: Membership
