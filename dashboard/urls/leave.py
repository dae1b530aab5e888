"""Addresses: leave, cover, handover."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
