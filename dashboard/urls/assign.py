"""Addresses: asking a client to answer, one submission, the clinician's ratings."""

from django.urls import path

from dashboard.views import answers
from dashboard.views import assign as views

urlpatterns = [
    path("clients/<uuid:pk>/assign/", views.assign, name="assign"),
    path("clients/<uuid:pk>/assignments/<uuid:row>/", views.assignment, name="assignment"),
    path("clients/<uuid:pk>/assignments/<uuid:row>/withdraw/", views.assignment_withdraw, name="assignment_withdraw"),
    path("clients/<uuid:pk>/assignments/<uuid:row>/link/", views.assignment_link, name="assignment_link"),
    path("clients/<uuid:pk>/assignments/<uuid:row>/room/", views.assignment_room, name="assignment_room"),
    path("clients/<uuid:pk>/responses/<uuid:row>/", answers.response, name="response"),
]
