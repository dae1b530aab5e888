"""Addresses: bringing past administrations."""

from django.urls import URLPattern, path

from dashboard.views import imports as views

urlpatterns: list[URLPattern] = [
    path("practice/history/", views.imports, name="imports"),
    path("practice/history/new/", views.import_new, name="import_new"),
    path("practice/history/template/<uuid:pk>/", views.import_template, name="import_template"),
    path("practice/history/<uuid:pk>/", views.import_run, name="import_run"),
    path("practice/history/<uuid:pk>/status/", views.import_status, name="import_status"),
    path("practice/history/<uuid:pk>/problems/", views.import_problems, name="import_problems"),
]
