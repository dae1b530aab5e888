"""Two days of a record side by side."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients.models import Client
from dashboard.forms.compare import CompareForm
from dashboard.frames import frame
from dashboard.opening import record
from dashboard.queries.compare import compare
from dashboard.queries.compare_days import answered_days, read_scores
from dashboard.requests import StaffRequest
from practice.grants import Permission
from reports.charts import PAGE
from reports.charts.dumbbell import dumbbell_chart


@require_safe
@record(Permission.SEE_CLINICAL)
def client_compare(request: StaffRequest, client: Client) -> HttpResponse:
    """``?a=`` and ``?b=`` are the days, ``?e=`` an earlier episode; without days, the first and the latest answers."""
    context = frame(request, client)
    episodes = context["frame"].episodes
    episode = next((one for one in episodes if str(one.number) == request.GET.get("e")), context["frame"].episode)
    if episode is None:
        return render(request, "dashboard/record/compare.html", context)
    found, versions = read_scores(client, episode)
    days = answered_days(client, found, versions)
    last = min(episode.ends_on or context["frame"].today, context["frame"].today)
    given = {name: request.GET[name] for name in ("a", "b", "e") if name in request.GET}
    if days and not given.keys() & {"a", "b"}:
        given |= {"a": days[-1].day.isoformat(), "b": days[0].day.isoformat()} if len(days) > 1 else {}
    form = CompareForm(given if given.keys() & {"a", "b"} else None, first=episode.starts_on, last=last)
    shown = compare(client, episode, form.days(), found, versions) if form.is_bound and form.is_valid() else None
    context |= {
        "form": form,
        "episodes": episodes,
        "episode": episode,
        "earlier": episode != context["frame"].episode,
        "days": days,
        "found": shown,
        "picture": dumbbell_chart(shown.chart, PAGE) if shown and shown.chart else "",
    }
    return render(request, "dashboard/record/compare.html", context)
