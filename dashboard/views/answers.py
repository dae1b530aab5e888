"""One submission, and the clinician's own ratings of a session."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments.actions.rating import RATED, rate
from assessments.models import Response
from assessments.queries.answers import answers_of
from assessments.queries.library import latest_version, passport
from assessments.queries.responses import rating_of, submitted
from assessments.scoring import private_talk_hits, risk_hits
from clients import access
from clients.models import Client, TherapySession
from dashboard.forms.assign import RatingForm
from dashboard.frames import frame, permissions
from dashboard.opening import record
from dashboard.queries.assign import flag_of
from dashboard.queries.ratings import comparison, current_ratings, rating_labels, wordings
from dashboard.requests import StaffRequest
from practice.errors import Refused
from practice.grants import Permission

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@record(Permission.SEE_CLINICAL)
def response(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """The answers of one submission with its scores. What is asked in the room only needs the right to see safety."""
    found = access.get_child(submitted(client), client, row)
    definition = found.version.definition
    sees_safety = Permission.SEE_SAFETY in permissions(request)
    if definition.in_room_only and not sees_safety:
        raise access.Denied("response", row)
    context: dict[str, Any] = {
        "response": found,
        "sheet": answers_of(found),
        "passport": passport(found.version, client.practice),
        "is_clinician": found.respondent == Response.Respondent.CLINICIAN,
        "risk": set(risk_hits(definition, found.answers)) if sees_safety else set(),
        "private_talk": set(private_talk_hits(definition, found.answers)) if sees_safety else set(),
        "flag": flag_of(found.pk) if sees_safety else None,
    }
    context = frame(request, client, **context)
    context["hide_flags"] = [flag.pk for flag in context["frame"].flags] == [getattr(context["flag"], "pk", None)]
    return render(request, "dashboard/assign/response.html", context)


@READ_WRITE
@record(Permission.WORK)
def session_ratings(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """The twelve in one grid. Earlier values and the client's own are shown only after rating."""
    session = access.get_child(TherapySession.objects.select_related("client__practice", "episode"), client, row)
    rated = rating_of(session)
    version = rated.version if rated else latest_version(RATED)
    if version is None:
        messages.error(request, _("The measure of the twelve barriers has not been loaded."))
        return redirect("dashboard:session", client.pk, session.pk)
    definition = version.definition
    form = RatingForm(
        request.POST or None,
        values=current_ratings(rated),
        labels=rating_labels(definition),
        wordings=wordings(definition),
    )
    if request.method == "POST" and form.is_valid():
        try:
            rate(by=request.user, session=session, ratings=form.ratings())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Your ratings are saved."))
            return redirect("dashboard:session_ratings", client.pk, session.pk)
    context: dict[str, Any] = {
        "session": session,
        "form": form,
        "rated": rated,
        "definition": definition,
        "key": rating_labels(definition),
        "grid": form.lines(),
        "comparison": comparison(client, session) if rated else None,
    }
    return render(request, "dashboard/assign/ratings.html", frame(request, client, **context))
