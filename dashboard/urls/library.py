"""Addresses: instruments and exercises."""

from django.urls import path

from dashboard.views import library as views

urlpatterns = [
    path("library/", views.library, name="library"),
    path("library/measures/<uuid:pk>/", views.instrument, name="instrument"),
    path("library/exercises/", views.exercises, name="exercises"),
    path("library/exercises/<uuid:pk>/", views.exercise, name="exercise"),
    path("library/exercises/<uuid:pk>/handout/", views.exercise_handout, name="exercise_handout"),
]
