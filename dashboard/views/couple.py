"""The couple page of a client's record."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients.models import Client
from dashboard.frames import frame
from dashboard.opening import record
from dashboard.queries.couple import couple_page
from dashboard.requests import StaffRequest
from practice import audit
from practice.grants import Permission


@require_safe
@record(Permission.SEE_CLINICAL)
def couple(request: StaffRequest, client: Client) -> HttpResponse:
    """What both agreed to show each other, and what was asked of both. Where it shows anything of the partner's, that
    record's access list says so too."""
    page = couple_page(request.user, client, request.relationships)
    partner = page.partner
    if partner is not None and page.opens_partner:
        audit.write("opened", by=request.user, record=partner, client=partner.pk, basis=page.basis, page="couple")
    return render(request, "dashboard/record/couple.html", frame(request, client, page=page))
