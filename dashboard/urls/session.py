"""Addresses: the session page, private notes, proposals, the week."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
