"""Addresses: client administration, sessions, focus, discharge."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
