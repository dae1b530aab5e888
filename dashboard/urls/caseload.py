"""Addresses: the caseload and the team."""

from django.urls import path

from dashboard.views import caseload, several, team

urlpatterns = [
    path("caseload/", caseload.caseload, name="caseload"),
    path("caseload/search/", caseload.caseload_search, name="caseload_search"),
    path("caseload/export/", caseload.caseload_export, name="caseload_export"),
    path("caseload/assign/", several.assign_several, name="assign_several"),
    path("team/", team.team, name="team"),
    path("team/<uuid:pk>/", team.team_member, name="team_member"),
]
