"""The practice's settings and privacy notice, and choosing the practice one acts for."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dashboard.forms.settings import NoticeForm, SettingsForm
from dashboard.gates import member
from dashboard.views.people import own, owner_page
from practice import audit, paging
from practice.actions import settings as actions
from practice.errors import Denied, Refused
from practice.grants import Permission
from practice.middleware import MembershipMiddleware
from practice.models import PrivacyNotice
from practice.queries import memberships_of
from practice.requests import MemberRequest


@owner_page
@member(Permission.MANAGE_PRACTICE)
def practice_settings(request: MemberRequest) -> HttpResponse:
    practice = request.membership.practice
    form = SettingsForm(request.POST or None, practice=practice)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_settings(by=request.user, practice=practice, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("dashboard:practice_settings")
    return render(request, "dashboard/people/settings.html", {"form": form, "practice": practice})


@owner_page
@member(Permission.MANAGE_PRACTICE)
def notices(request: MemberRequest) -> HttpResponse:
    """All versions, and the form that publishes the next one (starting from the one in force)."""
    practice = request.membership.practice
    rows = PrivacyNotice.objects.filter(practice=practice).select_related("published_by")
    page = paging.page(rows, ("-version", "id"), request.GET.get("after", ""))
    latest = rows.order_by("-version").first()
    form = NoticeForm(request.POST or None, initial={"text": latest.text if latest else ""})
    if request.method == "POST" and form.is_valid():
        try:
            actions.publish_notice(by=request.user, practice=practice, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Published. Clients are asked to agree before their next answer."))
            return redirect("dashboard:notices")
    context = {"form": form, "page": page, "latest": latest, "section": "practice_settings"}
    return render(request, "dashboard/people/notices.html", context)


@require_safe
@member(Permission.MANAGE_PRACTICE)
def notice(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    row = own(request, PrivacyNotice.objects.select_related("published_by"), pk)
    return render(request, "dashboard/people/notice.html", {"notice": row, "section": "practice_settings"})


@require_POST
@member()
def switch_practice(request: MemberRequest) -> HttpResponse:
    """Act for another of one's practices from now on."""
    chosen = request.POST.get("practice", "")
    membership = next((row for row in memberships_of(request.user) if str(row.practice_id) == chosen), None)
    if membership is None:
        raise Denied("practice", None)
    request.session[MembershipMiddleware.KEY] = chosen
    audit.write("practice.switched", by=request.user, record=membership)
    return redirect("home")
