"""Which relationship a client's measures are about now."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clients.access import get_child
from clients.actions.relationships import choose_relationship
from clients.models import Client, Relationship
from dashboard.forms.goals import RelationshipForm
from dashboard.frames import frame
from dashboard.opening import record
from dashboard.queries.relationships import client_relationships
from dashboard.requests import StaffRequest
from practice.errors import Refused
from practice.grants import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@record(Permission.SEE_CLINICAL, write=Permission.WORK)
def client_relationship(request: StaffRequest, client: Client) -> HttpResponse:
    """The current one, those before, and a form for a new one."""
    form = RelationshipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            choose_relationship(by=request.user, client=client, words=form.cleaned_data["words"])
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved. What is answered from now on is about this relationship."))
            return redirect("dashboard:client_relationship", client.pk)
    context = frame(request, client, form=form, found=client_relationships(client))
    return render(request, "dashboard/goals/relationship.html", context)


@require_POST
@record(Permission.WORK)
def relationship_choose(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """Go on with a relationship that was named before."""
    known = get_child(Relationship.objects.all(), client, row)
    try:
        choose_relationship(by=request.user, client=client, known=known)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved. Its answers go on where they were."))
    return redirect("dashboard:client_relationship", client.pk)
