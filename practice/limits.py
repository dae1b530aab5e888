"""Limits on trying: allauth's, with our own kinds of trying (``ACCOUNT_RATE_LIMITS``), counted by the same address."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.core.internal.ratelimit import truncate_ip
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def address_of(request: HttpRequest) -> str:
    """The client's address, behind a trusted proxy the one that it names; of IPv6 the network."""
    try:
        return truncate_ip(get_adapter(request).get_client_ip(request))
    except PermissionDenied:  # no usable address: all such requests count together
        return ""


def too_many(request: HttpRequest, action: str, *, key: str) -> bool:
    """Count this try; whether it is one too many."""
    return not ratelimit.consume(request, action=action, key=key)


def refuse(request: HttpRequest) -> HttpResponse:
    """The page that says to wait."""
    return render(request, "429.html", status=429)
