"""Addresses: the time line and print view of a record."""

from django.urls import URLPattern, path

from dashboard.views import timeline as views

urlpatterns: list[URLPattern] = [
    path("clients/<uuid:pk>/timeline/", views.client_timeline, name="client_timeline"),
    path("clients/<uuid:pk>/print/", views.client_print, name="client_print"),
]
