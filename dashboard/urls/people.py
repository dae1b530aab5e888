"""Addresses: people, settings, audit."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
