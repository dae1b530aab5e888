"""Addresses: two dates of a record side by side."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
