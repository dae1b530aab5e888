"""The client record: overview with the barrier map, one barrier, measures, homework."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients.access import Denied
from clients.barriers import BARRIERS, BY_OPAQUE, MAX_FOCUS
from clients.models import Client
from dashboard.frames import frame
from dashboard.mapgrid import grid
from dashboard.opening import record
from dashboard.queries import record as query
from dashboard.queries.record_barrier import barrier_page
from dashboard.queries.record_homework import homework, proposed
from dashboard.queries.record_measures import Measures, measures
from dashboard.requests import StaffRequest
from practice.grants import Permission
from reports.builders.positions import Picture
from reports.charts import PAGE, line_chart
from reports.charts.plane import PlaneChart, plane_chart
from reports.charts.spectrum import spectrum_chart

LARGE, SMALL = {"width": 520.0, "height": 230.0}, {"width": 400.0, "height": 210.0}
"""A chart alone, and charts that stand side by side: so that their texts stay readable at either size."""


@require_safe
@record(Permission.SEE_CLINICAL)
def client(request: StaffRequest, client: Client) -> HttpResponse:
    """The overview; ``?e=`` shows the map of an earlier episode alone."""
    context = frame(request, client, "client")
    episodes = context["frame"].episodes
    episode = next((one for one in episodes if str(one.number) == request.GET.get("e")), context["frame"].episode)
    found = query.overview(client, episode)
    sees_safety = Permission.SEE_SAFETY in context["frame"].permissions
    earlier = episode != context["frame"].episode
    context |= {
        "found": found,
        "episodes": episodes,
        "earlier": earlier,
        "grid": grid(client.pk, found.plan, episode.number if earlier else None) if found.plan.columns else None,
        "barriers": BARRIERS,
        "most_focus": MAX_FOCUS,
        "screen": query.screen_state(client, context["frame"].every_flag) if sees_safety else "",
    }
    return render(request, "dashboard/record/overview.html", context)


@require_safe
@record(Permission.SEE_CLINICAL)
def barrier(request: StaffRequest, client: Client, code: str) -> HttpResponse:
    """The chart of one barrier; ``code`` is opaque. ``?e=`` shows it in an earlier episode."""
    context = frame(request, client)
    episodes = context["frame"].episodes
    episode = next((one for one in episodes if str(one.number) == request.GET.get("e")), context["frame"].episode)
    if code not in BY_OPAQUE or episode is None:
        raise Denied("barrier", None)
    page = barrier_page(client, episode, BY_OPAQUE[code])
    context |= {
        "page": page,
        "picture": line_chart(page.chart.picture, PAGE, **LARGE) if page.chart else "",
        "episodes": episodes,
        "episode": episode,
        "earlier": episode != context["frame"].episode,
    }
    return render(request, "dashboard/record/barrier.html", context)


@require_safe
@record(Permission.SEE_CLINICAL)
def client_measures(request: StaffRequest, client: Client) -> HttpResponse:
    """Scores, charts and pictures of one instrument at a time, or the client's own goals."""
    found = measures(client, episode=request.GET.get("e", ""), instrument=request.GET.get("m", ""))
    context = frame(request, client, "client_measures", found=found, **drawn(found))
    return render(request, "dashboard/record/measures.html", context)


def drawn(found: Measures) -> dict[str, Any]:
    """Everything on the tab that is a picture, each with what it was drawn from."""
    chosen = found.chosen
    return {
        "charts": [
            (scale, chart.picture, line_chart(chart.picture, PAGE, **SMALL))
            for scale, chart in (chosen.charts if chosen else ())
        ],
        "pictures": [(one, placed(one)) for one in (chosen.pictures if chosen else ())],
        "goals": [(one, line_chart(one.chart.picture, PAGE, **SMALL) if one.chart else "") for one in found.goal_lines],
    }


def placed(picture: Picture) -> str:
    """A spectrum or a plane as SVG."""
    if isinstance(picture.chart, PlaneChart):
        return plane_chart(picture.chart, PAGE)
    return spectrum_chart(picture.chart, PAGE)


@require_safe
@record(Permission.SEE_CLINICAL)
def client_homework(request: StaffRequest, client: Client) -> HttpResponse:
    """Exercises for the focus barriers, with reasons."""
    context = frame(request, client, "client_homework", proposed=proposed(client))
    context["found"] = homework(request.user, client, context["frame"].episode)
    return render(request, "dashboard/record/homework.html", context)
