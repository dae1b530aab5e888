"""Answers on paper: an empty form to print, and typing in what a client filled in."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments import fields
from assessments.actions.paper import Entered, ask_and_enter, enter
from assessments.answers import Asked, questions_for
from assessments.models import Assignment, InstrumentVersion, Response
from clients.access import Denied
from clients.models import Client
from clients.queries.course import latest_episode
from dashboard.forms.paper import PaperForm
from dashboard.frames import frame
from dashboard.gates import member
from dashboard.opening import record
from dashboard.queries import paper as query
from dashboard.queries.library import versions_of
from dashboard.requests import StaffRequest
from practice.errors import Refused
from practice.grants import Permission
from practice.requests import MemberRequest

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])


@READ_WRITE
@record(Permission.WORK)
def paper(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """Enter the paper for an assignment. What was sent meanwhile is shown instead."""
    assignment = _assignment(client, row)
    draft = getattr(assignment, "response", None)
    if assignment.state != Assignment.State.OPEN or assignment.episode.ends_on is not None:
        return redirect("dashboard:assignment", client.pk, row)
    assignment.client = client
    asked = query.asked_on_paper(client, assignment.version, assignment.episode, draft)
    form = PaperForm(request.POST or None, client=client, asked=asked)
    context: dict[str, Any] = {"form": form, "version": assignment.version, "assignment": assignment, "draft": draft}
    return _entering(
        request, client, form, context, lambda: enter(by=request.user, assignment=assignment, sheet=form.sheet())
    )


@READ_WRITE
@record(Permission.WORK)
def papers(request: StaffRequest, client: Client) -> HttpResponse:
    """Choose a measure (``?m=``), then assign and enter it in one step."""
    lines = query.on_paper(client)
    chosen = next((one for one, _open in lines if str(one.instrument_id) == request.GET.get("m")), None)
    episode = latest_episode(client)
    if chosen is None or episode is None:
        return render(request, "dashboard/paper/choose.html", frame(request, client, lines=lines))
    asked = query.asked_on_paper(client, chosen, episode, None)
    form = PaperForm(request.POST or None, client=client, asked=asked)
    opened = next((row for one, row in lines if one.pk == chosen.pk and row), None)
    context: dict[str, Any] = {"form": form, "version": chosen, "opened": opened}
    version: InstrumentVersion = chosen
    return _entering(
        request,
        client,
        form,
        context,
        lambda: ask_and_enter(by=request.user, client=client, version=version, sheet=form.sheet()),
    )


def _entering(
    request: StaffRequest, client: Client, form: PaperForm, context: dict[str, Any], do: Callable[[], Entered]
) -> HttpResponse:
    """Show the page, or enter what it sent: what is wrong stands at its field or question, with all that was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            entered = do()
        except Refused as refusal:
            form.refuse(refusal)
        else:
            if entered.response is not None:
                messages.success(request, _("The answers are in the record, where they stand in time."))
                return redirect("dashboard:response", client.pk, entered.response.pk)
            form.errors_by_answer = entered.errors
    context = {**context, "rows": form.rows(), "definition": context["version"].definition}
    return render(request, "dashboard/paper/paper.html", frame(request, client, **context))


def _assignment(client: Client, row: uuid.UUID) -> Assignment:
    found = query.open_assignment(client, row)
    if found is None:
        raise Denied("assignment", row)
    return found


@require_safe
@record(Permission.WORK)
def paper_print(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """The empty form of an assignment with the client's own goals and focus, under the client's code, not the name."""
    assignment = _assignment(client, row)
    draft = getattr(assignment, "response", None)
    asked = query.asked_on_paper(client, assignment.version, assignment.episode, draft)
    context = {
        "version": assignment.version,
        "definition": assignment.version.definition,
        "rows": fields.fields_of(asked.questions, {}),
        "code": client.code,
        "practice": client.practice,
        "anchors": Response.Anchor.labels,
        "assignment": assignment,
        "client": client,
        "section": "caseload",
    }
    return render(request, "dashboard/paper/print.html", context)


@require_safe
@member()
def instrument_print(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """An empty form of any measure for clients, from the library."""
    versions = versions_of(pk)
    if not versions or "client" not in versions[0].definition.respondents:
        raise Denied("instrument", pk)
    definition = versions[0].definition
    context = {
        "version": versions[0],
        "definition": definition,
        "rows": fields.fields_of(questions_for(definition, Asked("client")), {}),
        "practice": request.membership.practice,
        "anchors": Response.Anchor.labels,
        "section": "library",
    }
    return render(request, "dashboard/paper/print.html", context)
