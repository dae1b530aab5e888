"""Asking several clients of the caseload at once. The selection is posted from page to page, never in an address."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from assessments.actions.several import MOST, Asked
from assessments.actions.several import assign_several as ask
from assessments.models import Assignment
from assessments.queries.library import latest_versions
from clients.access import Denied
from clients.models import Client
from dashboard.choice import Choice
from dashboard.forms.caseload import SeveralForm
from dashboard.gates import member
from dashboard.queries.several import outlook
from dashboard.views.caseload import in_reach
from practice import audit
from practice.errors import Refused
from practice.grants import Permission
from practice.requests import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@member(Permission.WORK)
def assign_several(request: MemberRequest) -> HttpResponse:
    """From the caseload (``do`` is nothing), look what would happen (``preview``, ``start``, ``leave``),
    ask (``assign``)."""
    clients, choice, do = _selected(request), Choice.read(request.POST), request.POST.get("do", "")
    back = reverse("dashboard:caseload") + choice.query()
    if len(clients) > MOST:
        messages.error(request, _("At most %(most)s clients can be asked at once.") % {"most": MOST})
        return redirect(back)
    if not clients:
        return render(request, "dashboard/caseload/several.html", {"back": back, "section": "caseload"})
    versions = latest_versions()
    form = SeveralForm(_data(request, versions) if do else None, clients=clients, versions=versions)
    if do == "assign" and form.is_valid():
        try:
            asked = ask(by=request.user, leave_out=_ids(form.left_out()), **form.fields_for_action())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            _told(request, asked)
            return redirect(back)
    audit.write("opened-list", by=request.user, practice=request.membership.practice_id, subject="caseload")
    channel = str(form["channel"].value())
    context: dict[str, Any] = {
        "form": form,
        "outlook": outlook(clients, versions, form.chosen(), form.left_out(), channel),
        "back": back,
        "choice": choice,
        "section": "caseload",
    }
    fragment = do == "preview" and "HX-Request" in request.headers
    name = "_several_people.html" if fragment else "several.html"
    return render(request, f"dashboard/caseload/{name}", context)


def _ids(texts: Any) -> set[uuid.UUID]:
    """These ids; what is none is denied like an id that does not exist."""
    try:
        return {uuid.UUID(text) for text in texts}
    except ValueError:
        raise Denied("client", None) from None


def _selected(request: MemberRequest) -> list[Client]:
    """The chosen clients by name. One that is not in the reader's care denies the whole."""
    ids = _ids(request.POST.getlist("client"))
    rows = in_reach(request).filter(pk__in=ids).exclude(status=Client.Status.MERGED).select_related("practice")
    found = list(rows.order_by("last_name", "first_name", "pk"))
    missing = ids - {client.pk for client in found}
    if missing:
        raise Denied("client", min(missing))
    return found


def _data(request: MemberRequest, versions: list[Any]) -> QueryDict:
    """What was posted; with the start pack, or everybody of whom something is left out, ticked where that was asked."""
    data = request.POST.copy()
    if request.POST.get("do") == "start":
        data.setlist("versions", [str(one.pk) for one in versions if one.definition.start_pack])
    elif request.POST.get("do") == "leave":
        data.setlist("leave", request.POST.getlist("client"))
    return data


def _told(request: MemberRequest, asked: Asked) -> None:
    words = ngettext("%(count)s client is asked.", "%(count)s clients are asked.", asked.clients)
    messages.success(request, words % {"count": asked.clients})
    if asked.left_out:
        count = len(asked.left_out)
        words = ngettext(
            "Of %(count)s client something was left out.", "Of %(count)s clients something was left out.", count
        )
        messages.info(request, words % {"count": count})
    if any(one.channel == Assignment.Channel.LINK for one in asked.made):
        messages.info(request, _("Each link waits in its client’s record, under what is open, to be handed over."))
