"""Addresses: the caseload and the team."""

from django.urls import path

from dashboard.views import caseload as views

urlpatterns = [
    path("caseload/", views.caseload, name="caseload"),
    path("team/", views.team, name="team"),
    path("team/<uuid:pk>/", views.team_member, name="team_member"),
]
