"""Addresses: client administration, sessions, focus, life events, discharge, safety flags."""

from django.urls import URLPattern, path

from dashboard.views import care, clients, sessions

urlpatterns: list[URLPattern] = [
    path("clients/new/", clients.client_add, name="client_add"),
    path("clients/<uuid:pk>/access/", clients.client_access, name="client_access"),
    path("clients/<uuid:pk>/reason/", clients.client_reason, name="client_reason"),
    path("clients/<uuid:pk>/edit/", clients.client_edit, name="client_edit"),
    path("clients/<uuid:pk>/invite/", clients.client_invite, name="client_invite"),
    path("clients/<uuid:pk>/care/", care.client_care, name="client_care"),
    path("clients/<uuid:pk>/care/<uuid:row>/end/", care.client_care_end, name="client_care_end"),
    path("clients/<uuid:pk>/couple/", care.client_couple, name="client_couple"),
    path("clients/<uuid:pk>/discharge/", care.client_discharge, name="client_discharge"),
    path("clients/<uuid:pk>/beginning/", care.client_beginning, name="client_beginning"),
    path("clients/<uuid:pk>/return/", care.client_return, name="client_return"),
    path("clients/<uuid:pk>/focus/", care.client_focus, name="client_focus"),
    path("clients/<uuid:pk>/events/new/", care.client_event_add, name="client_event_add"),
    path("clients/<uuid:pk>/events/<uuid:row>/withdraw/", care.client_event_withdraw, name="client_event_withdraw"),
    path("clients/<uuid:pk>/events/<uuid:row>/restore/", care.client_event_restore, name="client_event_restore"),
    path("flags/<uuid:pk>/", sessions.flag, name="flag"),
]
