"""Two records of one person: choose the other, see what would happen, join them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.actions.merging import merge, trial
from clients.actions.merging import Joined
from clients.models import Client
from clients.queries.people import same_person
from dashboard.forms.putting_right import MergeForm
from dashboard.frames import frame
from dashboard.opening import record
from dashboard.queries.putting_right import counted_words
from dashboard.requests import StaffRequest
from practice.errors import Refused
from practice.grants import Permission

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])


@READ_WRITE
@record(Permission.CHANGE_IDENTITY)
def client_merge(request: StaffRequest, client: Client) -> HttpResponse:
    """The opened record stays, the chosen one joins it. One button shows what would happen, the other does it."""
    form = MergeForm(request.POST or None, by=request.user, client=client)
    shown: Joined | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if request.POST.get("do") == "merge":
                _merged(request, merge(by=request.user, keep=client, **data))
                return redirect("dashboard:client_corrections", client.pk)
            shown = trial(by=request.user, keep=client, gone=data["gone"], safe_contact=data["safe_contact"])
        except Refused as refusal:
            form.refuse(refusal)
    known = same_person(
        request.user, client.practice, first_name=client.first_name, last_name=client.last_name, email=client.email
    )
    context: dict[str, Any] = {
        "form": form,
        "shown": shown,
        "counts": counted_words(shown.counts) if shown else [],
        "gone": shown.gone if shown else None,
        "alike": [row for row in known if row.pk != client.pk],
    }
    return render(request, "dashboard/putting_right/merge.html", frame(request, client, **context))


def _merged(request: StaffRequest, joined: Joined) -> None:
    text = _("The two records are one now. What was put aside stands in the history. Safe contact: %(contact)s.")
    messages.success(request, text % {"contact": joined.keep.get_safe_contact_display()})
