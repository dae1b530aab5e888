"""A client's own goals: the tab, wording anew, and what one button does."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clients.access import get_child
from clients.actions.goals import agree_goal, end_goal, move_goal, restore_goal, reword_goal, set_goal
from clients.models import Client, Goal
from dashboard.forms.goals import GoalForm
from dashboard.frames import frame
from dashboard.opening import record
from dashboard.queries import goals as query
from dashboard.requests import StaffRequest
from practice.errors import Refused
from practice.grants import Permission
from reports.charts import PAGE, line_chart

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])
SIZE = {"width": 420.0, "height": 200.0}
ENDS = ("reached", "aside")


@READ_WRITE
@record(Permission.SEE_CLINICAL, write=Permission.WORK)
def client_goals(request: StaffRequest, client: Client) -> HttpResponse:
    """Goals with their course; POST sets one more. ``?e=`` shows an earlier episode."""
    form = GoalForm(request.POST or None, client=client, submit=_("Add the goal"))
    if request.method == "POST" and form.is_valid():
        try:
            set_goal(by=request.user, client=client, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The goal is set. It is asked at the next check-in."))
            return redirect("dashboard:client_goals", client.pk)
    context = frame(request, client, "client_goals", form=form)
    episodes = context["frame"].episodes
    episode = next((one for one in episodes if str(one.number) == request.GET.get("e")), context["frame"].episode)
    found = query.client_goals(client, episode)
    drawn = [(line, line_chart(line.chart, PAGE, **SIZE) if line.chart else "") for line in found.active]
    current = episode == context["frame"].episode and context["frame"].in_care
    may = current and context["frame"].can_work
    context |= {"found": found, "drawn": drawn, "episodes": episodes, "may": may, "current": current}
    return render(request, "dashboard/goals/goals.html", context)


@READ_WRITE
@record(Permission.WORK)
def goal(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """Other words for a goal that is worked on."""
    stored = get_child(Goal.objects.select_related("client__practice"), client, row)
    form = GoalForm(request.POST or None, client=client, submit=_("Keep these words"), initial={"words": stored.words})
    if request.method == "POST" and form.is_valid():
        try:
            reword_goal(by=request.user, goal=stored, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The goal has other words. Its ratings start afresh."))
            return redirect("dashboard:client_goals", client.pk)
    context = frame(request, client, "client_goals", form=form, goal=stored)
    return render(request, "dashboard/goals/goal.html", context)


@require_POST
@record(Permission.WORK)
def goal_do(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """What the pressed button says: reached, set aside, taken up again, agreed, up or down. Any other does nothing."""
    stored = get_child(Goal.objects.select_related("client__practice"), client, row)
    what = request.POST.get("do", "restore")
    try:
        told = _done(request, stored, what)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        back = reverse("dashboard:goal_do", args=[client.pk, row])
        if told:
            messages.success(request, told, extra_tags=f"undo:{back}" if what in ENDS else "")
    return redirect("dashboard:client_goals", client.pk)


def _done(request: StaffRequest, stored: Goal, what: str) -> str:
    """Do it; the words to say, or nothing."""
    by = request.user
    if what in ENDS:
        end_goal(by=by, goal=stored, reached=what == "reached")
        return _("The goal is reached.") if what == "reached" else _("The goal is set aside.")
    if what == "restore":
        restore_goal(by=by, goal=stored)
        return _("The goal is worked on again.")
    if what == "agreed":
        agree_goal(by=by, goal=stored, by_client=False)
        return _("The client's agreement is recorded.")
    if what in ("up", "down"):
        move_goal(by=by, goal=stored, up=what == "up")
    return ""
