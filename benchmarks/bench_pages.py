"""Caseload and client record: server time against the same template drawn from constant data."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from benchmarks.run import benchmark, preparation
from benchmarks.urls import DRAWN, KEPT
from practice.models import Membership

CLIENTS, COUPLES, SESSIONS = 100, 20, 30
SIGNED_IN = "page: session and sign-in"
_state: dict[str, Any] = {}


@preparation
def one_busy_clinician() -> None:
    """100 clients (20 couples) of one clinician, one of them with 30 sessions; a browser that is signed in."""
    from assessments.queries.library import latest_versions
    from dashboard.caseload_table import case_rows
    from dashboard.demo import build
    from dashboard.demo.case import Case, Plan
    from dashboard.demo.names import people
    from dashboard.mapgrid import grid

    now, random = timezone.now(), Random(7)
    versions = {version.instrument.slug: version for version in latest_versions()}
    clinician = build._small(now - timezone.timedelta(days=900))
    folks = iter(people(random, CLIENTS))
    size = build.Size(CLIENTS - 1, 6, 6)
    build._cases(random, [clinician], versions, size, COUPLES, folks, now, flags=False)
    plan = Plan(first=(now - timezone.timedelta(days=7 * SESSIONS)).date(), every=7, count=SESSIONS, hour=9)
    notice = clinician.practice.notices.get(version=1)
    case = Case(random, clinician=clinician, notice=notice, versions=versions, plan=plan, now=now)
    (client,) = case.play([next(folks)])
    settings.ROOT_URLCONF = "benchmarks.urls"
    settings.ALLOWED_HOSTS = ["testserver"]
    browser = Browser()
    browser.force_login(Membership.objects.get(pk=clinician.pk).user)
    _state.update(
        browser=browser, caseload=reverse("dashboard:caseload"), record=reverse("dashboard:client", args=[client.pk])
    )
    DRAWN["caseload"] = lambda context: {"rows": case_rows(context["page"].cases, pick=True)}
    DRAWN["record"] = lambda context: {"grid": grid(context["client"].pk, context["found"].plan)}
    for name, module in (("caseload", "dashboard.views.caseload"), ("record", "dashboard.views.record")):
        with _kept(name, module):
            browser.get(_state[name])


@contextmanager
def _kept(name: str, module: str) -> Iterator[None]:
    """Keep what the page hands to its template."""
    from django.shortcuts import render

    def keep(request: Any, template: str, context: dict[str, object], **more: Any) -> Any:
        KEPT[name] = (template, dict(context))
        return render(request, template, context, **more)

    with patch(f"{module}.render", keep):
        yield


def _get(path: str) -> str:
    response = _state["browser"].get(path)
    assert response.status_code == 200, response.status_code
    return f"{len(response.content) // 1024} kB"


@benchmark(SIGNED_IN)
def session_only() -> object:
    return _get("/bench/nothing/")


@benchmark("page: caseload, constant data")
def caseload_constant() -> object:
    return _get("/bench/caseload/")


@benchmark("page: caseload of 100 clients", against="page: caseload, constant data", at_most=3)
def caseload_page() -> object:
    return _get(_state["caseload"])


@benchmark("page: caseload, a page of 50 rows", against=SIGNED_IN, at_most=15, unit="ms above")
def caseload_cpu() -> object:
    return _get(_state["caseload"])


@benchmark("page: record, constant data")
def record_constant() -> object:
    return _get("/bench/record/")


@benchmark("page: record with 30 sessions", against="page: record, constant data", at_most=3)
def record_page() -> object:
    return _get(_state["record"])
