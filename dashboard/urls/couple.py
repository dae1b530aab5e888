"""Addresses: the couple page."""

from django.urls import path

from dashboard.views import couple as views

urlpatterns = [
    path("clients/<uuid:pk>/together/", views.couple, name="couple"),
]
