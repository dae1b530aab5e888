"""The time line of a record, and the record on paper."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients.models import Client
from dashboard.frames import frame
from dashboard.opening import record
from dashboard.queries import timeline, timeline_sources
from dashboard.queries.clients import BASES
from dashboard.queries.record_print import printed
from dashboard.queries.timeline_given import given
from dashboard.requests import StaffRequest
from practice.grants import Permission


@require_safe
@record(Permission.SEE_CLINICAL)
def client_timeline(request: StaffRequest, client: Client) -> HttpResponse:
    """Everything that happened, newest first; ``?k=`` chooses kinds by opaque codes."""
    context = frame(request, client, "client_timeline")
    built = context["frame"]
    reader = timeline.Reader(client, built.permissions, built.episodes, built.every_flag)
    offered = timeline_sources.offered(reader)
    codes = [code for code, _label in offered if code in request.GET.getlist("k")]
    page = timeline.page(
        reader,
        timeline_sources.SOURCES,
        given(reader),
        [timeline_sources.CODES[code] for code in codes],
        request.GET.get("after", ""),
    )
    here, chosen = reverse("dashboard:client_timeline", args=[client.pk]), [("k", code) for code in codes]
    context |= {
        "page": page,
        "kinds": [(code, label, code in codes) for code, label in offered],
        "chosen": codes,
        "first": _address(here, chosen) if page.is_later else "",
        "next": _address(here, [*chosen, ("after", page.after)]) if page.after else "",
    }
    return render(request, "dashboard/record/timeline.html", context)


@require_safe
@record(Permission.SEE_CLINICAL)
def client_print(request: StaffRequest, client: Client) -> HttpResponse:
    """The record of one episode (``?e=``) for paper or PDF; session notes only where asked for (``?n=1``)."""
    context = frame(request, client)
    built, notes = context["frame"], request.GET.get("n") == "1"
    episode = next((one for one in built.episodes if str(one.number) == request.GET.get("e")), built.episode)
    context |= {
        "found": printed(client, episode, notes=notes),
        "notes": notes,
        "printed_at": timezone.now(),
        "printed_as": BASES.get(built.basis, ""),
    }
    return render(request, "dashboard/record/print.html", context)


def _address(path: str, query: list[tuple[str, Any]]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
