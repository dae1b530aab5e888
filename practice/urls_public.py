"""Addresses for everybody, without a namespace: a colleague's invitation, and whether the server is well."""

from django.urls import path

from practice.views import health, join

urlpatterns = [
    path("join/", join.join_form, name="join_form"),
    path("join/<str:token>/", join.join, name="join"),
    path("healthz", health.healthz, name="healthz"),
]
