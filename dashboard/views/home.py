"""The start page: everybody is sent to where their work is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from clients.models import Client

STARTS = (("clinician", "dashboard:caseload"), ("supervisor", "dashboard:team"), ("owner", "dashboard:people"))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Staff to their first role's page, clients to their day; who belongs nowhere is told so."""
    membership = request.membership  # type: ignore[attr-defined]
    if membership:
        return redirect(next(page for role, page in STARTS if role in membership.roles))
    if Client.objects.filter(user=request.user.pk).exists():
        return redirect("portal:today")
    return render(request, "dashboard/people/nowhere.html")
