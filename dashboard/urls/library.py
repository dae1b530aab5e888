"""Addresses: instruments and exercises."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
