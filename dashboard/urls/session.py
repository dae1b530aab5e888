"""Addresses: the session page, private notes, the week."""

from django.urls import URLPattern, path

from dashboard.views import day, private_notes, sessions

urlpatterns: list[URLPattern] = [
    path("week/", day.week, name="week"),
    path("clients/<uuid:pk>/sessions/", sessions.client_sessions, name="client_sessions"),
    path("clients/<uuid:pk>/sessions/new/", sessions.session_add, name="session_add"),
    path("clients/<uuid:pk>/sessions/<uuid:row>/", day.session, name="session"),
    path("clients/<uuid:pk>/sessions/<uuid:row>/save/", day.session_save, name="session_save"),
    path("clients/<uuid:pk>/sessions/<uuid:row>/ratings/", day.session_ratings, name="session_ratings"),
    path("clients/<uuid:pk>/private/", private_notes.private_notes, name="private_notes"),
    path("clients/<uuid:pk>/private/grants/", private_notes.private_grant, name="private_grant"),
    path("clients/<uuid:pk>/private/grants/<uuid:row>/revoke/", private_notes.private_revoke, name="private_revoke"),
    path("clients/<uuid:pk>/sessions/<uuid:row>/private/", private_notes.private_note, name="private_note"),
    path("clients/<uuid:pk>/sessions/<uuid:row>/private/save/", private_notes.private_save, name="private_save"),
]
