"""Addresses: the time line and print view of a record."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
