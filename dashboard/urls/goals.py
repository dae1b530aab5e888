"""Addresses: own goals, which relationship a measure is about, paper entry."""

from django.urls import URLPattern, path

from dashboard.views import goals, paper, relationships

urlpatterns: list[URLPattern] = [
    path("clients/<uuid:pk>/goals/", goals.client_goals, name="client_goals"),
    path("clients/<uuid:pk>/goals/<uuid:row>/", goals.goal, name="goal"),
    path("clients/<uuid:pk>/goals/<uuid:row>/do/", goals.goal_do, name="goal_do"),
    path("clients/<uuid:pk>/relationship/", relationships.client_relationship, name="client_relationship"),
    path(
        "clients/<uuid:pk>/relationship/<uuid:row>/choose/",
        relationships.relationship_choose,
        name="relationship_choose",
    ),
    path("clients/<uuid:pk>/paper/", paper.papers, name="papers"),
    path("clients/<uuid:pk>/assignments/<uuid:row>/paper/", paper.paper, name="paper"),
    path("clients/<uuid:pk>/assignments/<uuid:row>/paper/print/", paper.paper_print, name="paper_print"),
    path("library/measures/<uuid:pk>/print/", paper.instrument_print, name="instrument_print"),
]
