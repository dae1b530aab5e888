"""The library of measures and exercises: for every member of the practice, without any client's data."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.queries import library as assessments
from clients.access import Denied
from clients.barriers import BARRIERS
from dashboard.gates import member
from dashboard.queries import library as query
from homework.schema import AREAS, ARTICLES
from practice.requests import MemberRequest


def _tabs(current: str) -> list[dict[str, object]]:
    return [
        {"label": _("Measures"), "url": reverse("dashboard:library"), "current": current == "measures"},
        {"label": _("Exercises"), "url": reverse("dashboard:exercises"), "current": current == "exercises"},
    ]


@require_safe
@member()
def library(request: MemberRequest) -> HttpResponse:
    context = {"versions": assessments.latest_versions(), "tabs": _tabs("measures")}
    return render(request, "dashboard/library/measures.html", context)


@require_safe
@member()
def instrument(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    versions = query.versions_of(pk)
    if not versions:
        raise Denied("instrument", pk)
    context = {
        "version": versions[0],
        "definition": versions[0].definition,
        "versions": versions,
        "passport": assessments.passport(versions[0], request.membership.practice),
        "section": "library",
    }
    return render(request, "dashboard/library/instrument.html", context)


@require_safe
@member()
def exercises(request: MemberRequest) -> HttpResponse:
    barrier, setting = request.GET.get("b", ""), request.GET.get("s", "")
    context = {
        "lines": query.exercises(barrier=barrier, setting=setting),
        "barriers": BARRIERS,
        "settings": [("s", _("on one’s own")), ("t", _("together")), ("e", _("either way"))],
        "barrier": barrier,
        "setting": setting,
        "tabs": _tabs("exercises"),
        "section": "library",
    }
    return render(request, "dashboard/library/exercises.html", context)


@require_safe
@member()
def exercise(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    version = query.newest_exercise(pk)
    if version is None:
        raise Denied("exercise", pk)
    definition = version.definition
    context = {
        "version": version,
        "definition": definition,
        "barriers": [barrier for barrier in BARRIERS if barrier.code in definition.barriers],
        "areas": [AREAS[area] for area in definition.areas],
        "sources": [(source.article, ARTICLES[source.article], source.idea) for source in definition.sources],
        "section": "library",
    }
    return render(request, "dashboard/library/exercise.html", context)


@require_safe
@member()
def exercise_handout(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """An exercise as a page to print and take home: what the client reads, nothing for the clinician alone."""
    version = query.newest_exercise(pk)
    if version is None:
        raise Denied("exercise", pk)
    context = {"version": version, "definition": version.definition, "section": "library"}
    return render(request, "dashboard/library/handout.html", context)
