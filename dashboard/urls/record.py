"""Addresses: the client record."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
