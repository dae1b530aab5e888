"""Addresses: leave, cover, handover."""

from django.urls import URLPattern, path

from dashboard.views import leave as views

urlpatterns: list[URLPattern] = [
    path("leave/", views.leaves, name="leaves"),
    path("leave/new/", views.leave_add, name="leave_add"),
    path("leave/<uuid:pk>/end/", views.leave_cancel, name="leave_cancel"),
    path("handover/", views.handover, name="handover"),
]
