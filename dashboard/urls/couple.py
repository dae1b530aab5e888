"""Addresses: the couple page."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
