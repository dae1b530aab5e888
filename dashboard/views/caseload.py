"""The caseload: who needs this clinician, and everybody in a list that is narrowed, searched, sorted and exported."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clients.access import clients_for
from clients.models import Client
from clients.queries.absence import Standing
from dashboard import choice as codes
from dashboard.caseload_table import case_rows, reasons, shared_words
from dashboard.cases import slider_names
from dashboard.choice import Choice
from dashboard.forms.caseload import FilterForm, SearchForm
from dashboard.gates import member
from dashboard.queries import alerts, caseload_page, closed, needs
from dashboard.queries import caseload as query
from dashboard.queries import caseload_export as export
from practice import audit, spreadsheets
from practice.grants import Permission
from practice.queries import memberships_of
from practice.requests import MemberRequest

KEY = "caseload-search"
"""The searched name is kept in the session, with the practice it was searched in; the address says if it counts."""


def in_reach(request: MemberRequest) -> QuerySet[Client]:
    """The clients of this practice in the reader's care, whatever their status.

    Who belongs to one practice has clients there only; asking for the practice too would make SQLite walk all of its
    clients instead of looking up these.
    """
    clients = clients_for(request.user, Permission.WORK)
    alone = len(memberships_of(request.user)) == 1
    return clients if alone else clients.filter(practice=request.membership.practice_id)


@require_safe
@member(Permission.WORK)
def caseload(request: MemberRequest) -> HttpResponse:
    """One's own clients in care; ``?s=`` gives the discharged, or everybody. Alerts are of all, on every tab."""
    at, choice = timezone.now(), Choice.read(request.GET)
    search = _searched(request, choice)
    work = in_reach(request)
    every, active = closed.in_care(work)
    found = alerts.read(every, request.membership, at)
    audit.write("opened-list", by=request.user, practice=request.membership.practice_id, subject="caseload")
    context = {
        "choice": choice,
        "search": search,
        "narrowed": bool(search or choice.narrowed),
        "tabs": _tabs(choice),
        "filters": FilterForm(choice),
        "chips": choice.chips(),
        "alerts": found,
        "standing": Standing(covered=tuple(found.covered)),
    }
    after = request.GET.get("after", "")
    if choice.tab != codes.IN_CARE:
        listed = closed.entries(work, choice, search=search, flags=found.flags)
        context |= {"page": closed.page(listed, after), "needs": needs.needs([], found)}
        return render(request, "dashboard/caseload/closed.html", _paged(context))
    rows = query.everyone(active, membership=request.membership, alerts=found, at=at)
    practice = request.membership.practice
    page = caseload_page.page(rows, choice, practice=practice, search=search, after=after)
    context |= {
        "page": page,
        "everybody": len(rows),
        "standing": Standing(tuple(found.covered), query.covering(rows)),
        "needs": needs.needs(rows, found),
        "rows": case_rows(page.cases, pick=True),
        "reasons": reasons(page.cases),
        "shared": shared_words(page.cases),
        "sliders": slider_names().values(),
    }
    return render(request, "dashboard/caseload/caseload.html", _paged(context))


def _paged(context: dict[str, Any]) -> dict[str, Any]:
    """With the addresses of the next page and of the first one."""
    page, choice = context["page"], context["choice"]
    start = reverse("dashboard:caseload")
    following = start + choice.query(after=page.after) if page.after else ""
    return context | {"next": following, "first": start + choice.query() if page.is_later else ""}


def _tabs(choice: Choice) -> list[dict[str, Any]]:
    start = reverse("dashboard:caseload")
    return [
        {"label": label, "url": start + Choice(tab=tab, named=choice.named).query(), "current": tab == choice.tab}
        for tab, label in codes.TABS.items()
    ]


def _searched(request: MemberRequest, choice: Choice) -> str:
    """What the list is searched for: what the session keeps, on the pages that follow from searching."""
    if not choice.named:
        return ""
    kept = request.session.get(KEY, {})
    return str(kept.get("text", "")) if kept.get("practice") == str(request.membership.practice_id) else ""


@require_POST
@member(Permission.WORK)
def caseload_search(request: MemberRequest) -> HttpResponse:
    """Keep what is searched for, or forget it; the filters stay."""
    form, choice = SearchForm(request.POST), Choice.read(request.POST)
    if "clear" not in request.POST and not form.is_valid():
        messages.error(request, _("Search for a name or a code of at most 80 characters."))
        return redirect(reverse("dashboard:caseload") + choice.query())
    text = "" if "clear" in request.POST else form.cleaned_data["q"]
    if text:
        request.session[KEY] = {"practice": str(request.membership.practice_id), "text": text}
    else:
        request.session.pop(KEY, None)
    return redirect(reverse("dashboard:caseload") + replace(choice, named=bool(text)).query())


@require_POST
@member(Permission.WORK)
def caseload_export(request: MemberRequest) -> HttpResponse:
    """The whole list as it is narrowed, searched and sorted now, as CSV or as a workbook."""
    choice, at = Choice.read(request.POST), timezone.now()
    table = _table(request, choice, at)
    form = "xlsx" if request.POST.get("as") == "xlsx" else "csv"
    audit.write(
        "caseload.exported",
        by=request.user,
        practice=request.membership.practice_id,
        subject="caseload",
        rows=len(table.rows),
        form=form,
        narrowed=choice.narrowed or bool(_searched(request, choice)),
    )
    content = spreadsheets.workbook(table) if form == "xlsx" else spreadsheets.csv_file(table)
    response = HttpResponse(content, content_type=spreadsheets.TYPES[form])
    name = f"list-{request.membership.practice.today(at).isoformat()}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    return response


def _table(request: MemberRequest, choice: Choice, at: datetime) -> spreadsheets.Table:
    work, search, membership = in_reach(request), _searched(request, choice), request.membership
    every, active = closed.in_care(work)
    found = alerts.read(every, membership, at)
    if choice.tab != codes.IN_CARE:
        listed = closed.entries(work, choice, search=search, flags=found.flags)
        return export.closed_table(listed, membership.practice)
    rows = query.everyone(active, membership=membership, alerts=found, at=at)
    shown = caseload_page.whole(rows, choice, practice=membership.practice, search=search)
    return export.table(shown, membership.practice)
