"""One submission."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assessments.actions.corrections import may_be_about
from assessments.models import Correction, Response
from assessments.queries.answers import answers_of
from assessments.queries.library import passport
from assessments.queries.responses import counts, readable_answers
from assessments.scoring import private_talk_hits, risk_hits
from clients import access
from clients.models import Client
from dashboard.frames import frame, permissions
from dashboard.opening import record
from dashboard.queries.assign import flag_of
from dashboard.queries.putting_right import history_of
from dashboard.requests import StaffRequest
from practice.grants import Permission


@require_safe
@record(Permission.SEE_CLINICAL)
def response(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """The answers of one submission with its scores. What is asked in the room only needs the right to see safety."""
    found = access.get_child(readable_answers(client), client, row)
    definition = found.version.definition
    sees_safety = Permission.SEE_SAFETY in permissions(request)
    if definition.in_room_only and not sees_safety:
        raise access.Denied("response", row)
    history = history_of(request.user, client, found)
    context: dict[str, Any] = {
        "response": found,
        "history": history,
        "withdrawn": next((line for line in history if line.kind == Correction.Kind.WITHDRAWN), None),
        "may_be_about": may_be_about(found),
        "sheet": answers_of(found),
        "passport": passport(found.version, client.practice),
        "counts": counts(found),
        "is_clinician": found.respondent == Response.Respondent.CLINICIAN,
        "risk": set(risk_hits(definition, found.answers)) if sees_safety else set(),
        "private_talk": set(private_talk_hits(definition, found.answers)) if sees_safety else set(),
        "flag": flag_of(client, found.pk) if sees_safety else None,
    }
    context = frame(request, client, **context)
    context["hide_flags"] = [flag.pk for flag in context["frame"].flags] == [getattr(context["flag"], "pk", None)]
    return render(request, "dashboard/assign/response.html", context)
