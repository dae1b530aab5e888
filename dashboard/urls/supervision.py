"""Addresses: what is brought to supervision."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
