"""Addresses: corrections and records of one person."""

from django.urls import URLPattern, path

from dashboard.views import merging
from dashboard.views import putting_right as views

RESPONSE = "clients/<uuid:pk>/responses/<uuid:row>"

urlpatterns: list[URLPattern] = [
    path(f"{RESPONSE}/correct/", views.response_correct, name="response_correct"),
    path(f"{RESPONSE}/withdraw/", views.response_withdraw, name="response_withdraw"),
    path(f"{RESPONSE}/restore/", views.response_restore, name="response_restore"),
    path(f"{RESPONSE}/about/", views.response_about, name="response_about"),
    path(f"{RESPONSE}/move/", views.response_move, name="response_move"),
    path("clients/<uuid:pk>/sessions/<uuid:row>/mistaken/", views.session_mistaken, name="session_mistaken"),
    path("clients/<uuid:pk>/corrections/", views.client_corrections, name="client_corrections"),
    path("clients/<uuid:pk>/merge/", merging.client_merge, name="client_merge"),
]
