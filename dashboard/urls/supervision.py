"""Addresses: what is brought to supervision."""

from django.urls import URLPattern, path

from dashboard.views import supervision as views

urlpatterns: list[URLPattern] = [
    path("supervision/", views.supervision_agenda, name="supervision_agenda"),
    path("supervision/<uuid:pk>/", views.supervision_item, name="supervision_item"),
    path("clients/<uuid:pk>/supervision/", views.supervision_bring, name="supervision_bring"),
]
