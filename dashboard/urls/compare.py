"""Addresses: two dates of a record side by side."""

from django.urls import path

from dashboard.views import compare as views

urlpatterns = [
    path("clients/<uuid:pk>/compare/", views.client_compare, name="client_compare"),
]
