"""Addresses: the client record."""

from django.urls import path

from dashboard.views import record as views

urlpatterns = [
    path("clients/<uuid:pk>/", views.client, name="client"),
    path("clients/<uuid:pk>/measures/", views.client_measures, name="client_measures"),
    path("clients/<uuid:pk>/homework/", views.client_homework, name="client_homework"),
    path("clients/<uuid:pk>/barriers/<slug:code>/", views.barrier, name="barrier"),
]
