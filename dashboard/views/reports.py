"""Reports: asking on the record, live progress, history, retry, download."""

import functools
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clients import access
from clients.models import Client
from dashboard.forms.reports import AskForm
from dashboard.frames import frame
from dashboard.gates import member
from dashboard.opening import RecordView, reason_given, record, why
from dashboard.queries import reports as query
from dashboard.requests import StaffRequest
from practice import audit, paging
from practice.errors import Refused
from practice.grants import REASON_NEEDED, Permission
from reports import actions, files
from reports.access import get_report
from reports.models import Report
from reports.queries import of_client


def report_row(view: RecordView) -> RecordView:
    """``view(request, report)`` for who may ask for a report about its client; a supervisor says why first."""

    @functools.wraps(view)
    def opened(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
        report = get_report(request.user, pk)
        request.basis = access.basis(request.user, report.client)
        if request.basis in REASON_NEEDED and not reason_given(request, report.client):
            if request.method not in ("GET", "HEAD"):
                raise PermissionDenied
            return redirect("dashboard:client_reason", pk=report.client_id)
        with timezone.override(report.client.practice.zone):
            return view(request, report)

    return opened


def _opened(request: StaffRequest, report: Report, page: str) -> None:
    reason = why(request, report.client)
    audit.write("opened", by=request.user, record=report, basis=str(request.basis or ""), page=page, **reason)


def _pager(page: paging.Page[Report], here: str, query_string: str = "") -> dict[str, str]:
    """Addresses of the first and the next page, with the filter kept."""
    more = f"&{query_string}" if query_string else ""
    return {
        "previous_url": here + (f"?{query_string}" if query_string else "") if page.is_later else "",
        "next_url": f"{here}{page.next_query}{more}" if page.next_query else "",
    }


def _tab(request: StaffRequest, client: Client, form: AskForm, status: int = 200) -> HttpResponse:
    page = paging.page(of_client(client), ("-asked_at", "-id"), request.GET.get("after", ""), size=20)
    shown = query.shown(page.rows, timezone.now())
    here = reverse("dashboard:client_reports", args=[client.pk])
    context = frame(request, client, "client_reports", form=form, shown=shown, **_pager(page, here))
    return render(request, "dashboard/reports/client_reports.html", context, status=status)


@require_safe
@record(Permission.ASK_REPORT)
def client_reports(request: StaffRequest, client: Client) -> HttpResponse:
    return _tab(request, client, AskForm())


@require_POST
@record(Permission.ASK_REPORT)
def report_ask(request: StaffRequest, client: Client) -> HttpResponse:
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            report = actions.ask_progress(
                by=request.user, client=client, options=form.options, key=form.cleaned_data["key"]
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("dashboard:report", pk=report.pk)
    return _tab(request, client, form, status=422)


@require_safe
@member(Permission.ASK_REPORT)
def history(request: StaffRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    page = query.history(request.user, request.membership.practice, state, request.GET.get("after", ""))
    audit.write("opened-list", by=request.user, practice=request.membership.practice_id, subject="reports")
    context: dict[str, Any] = {
        "shown": query.shown(page.rows, timezone.now()),
        **_pager(page, reverse("dashboard:reports"), f"state={state}" if state in query.STATES else ""),
        "state": state if state in query.STATES else "",
        "states": [(code, value.label) for code, value in query.STATES.items()],
    }
    return render(request, "dashboard/reports/history.html", context)


@require_safe
@report_row
def report(request: StaffRequest, report: Report) -> HttpResponse:
    _opened(request, report, "report")
    context = {"shown": query.show(report, timezone.now()), "report": report, "section": "reports"}
    return render(request, "dashboard/reports/report.html", context)


@require_safe
@report_row
def report_status(request: StaffRequest, report: Report) -> HttpResponse:
    """The part of the page that changes; it says itself when to be asked again."""
    context = {"shown": query.show(report, timezone.now()), "report": report}
    return render(request, "dashboard/reports/_status.html", context)


@require_POST
@report_row
def report_retry(request: StaffRequest, report: Report) -> HttpResponse:
    try:
        actions.retry(by=request.user, report=report)
    except Refused as refusal:
        messages.info(request, str(refusal))
    return redirect("dashboard:report", pk=report.pk)


@require_safe
@report_row
def report_file(request: StaffRequest, report: Report) -> HttpResponse:
    if report.state != Report.State.READY:
        return redirect("dashboard:report", pk=report.pk)
    try:
        data = files.read(report)
    except files.FileLost:
        actions.mark_lost(report)
        messages.error(request, _("The file is no longer there. Please make the report again."))
        return redirect("dashboard:report", pk=report.pk)
    _opened(request, report, "report_file")
    response = HttpResponse(data, content_type="application/pdf")
    asked = report.asked_at.astimezone(report.client.practice.zone)
    response["Content-Disposition"] = f'attachment; filename="report-{asked:%Y%m%d-%H%M}.pdf"'
    response["Cache-Control"] = "no-store, private"
    return response
