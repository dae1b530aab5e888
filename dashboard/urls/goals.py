"""Addresses: own goals, which relationship a measure is about, paper entry."""

from django.urls import URLPattern, path

from dashboard.views import goals, relationships

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
]
