"""Addresses: asking a client to answer."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
