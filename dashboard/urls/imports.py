"""Addresses: bringing past administrations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
