"""Addresses: the caseload, safety flags, the team."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
