"""Addresses: own goals, which relationship a measure is about, paper entry."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
