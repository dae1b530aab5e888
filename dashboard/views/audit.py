"""The audit trail: filters are posted and kept in the session, never in the address; export as CSV."""

import csv
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from dashboard.forms.settings import AuditFilterForm
from dashboard.gates import member
from dashboard.queries import audit as query
from dashboard.views.people import owner_page
from practice import audit
from practice.forms.dates import in_bounds
from practice.grants import Permission
from practice.models import Practice, User
from practice.requests import MemberRequest

KEY = "audit-filter"


def _chosen(request: MemberRequest, practice: Practice) -> tuple[query.Filter, dict[str, Any]]:
    """The filter kept for this practice, and as initial values of the form."""
    kept = request.session.get(KEY, {})
    if kept.get("practice") != str(practice.pk):
        return query.Filter(), {}
    person = query.membership_of(practice, kept.get("person", ""))
    since, until = (_day(kept.get(key, "")) for key in ("since", "until"))
    user = person.user_id if person else None
    chosen = query.Filter(person=user, kind=kept.get("kind", ""), since=since, until=until)
    return chosen, {"person": person, "kind": chosen.kind, "since": since, "until": until}


def _day(text: str) -> date | None:
    """A kept day; none for one that could not be typed now."""
    day = date.fromisoformat(text) if text else None
    return day if day and in_bounds(day) else None


def _keep(request: MemberRequest, practice: Practice, data: dict[str, Any]) -> None:
    person = data.get("person")
    request.session[KEY] = {
        "practice": str(practice.pk),
        "person": str(person.pk) if person else "",
        "kind": data.get("kind", ""),
        "since": data["since"].isoformat() if data.get("since") else "",
        "until": data["until"].isoformat() if data.get("until") else "",
    }


@owner_page
@member(Permission.MANAGE_PRACTICE)
def trail(request: MemberRequest) -> HttpResponse:
    practice = request.membership.practice
    if request.method == "POST" and "clear" in request.POST:
        request.session.pop(KEY, None)
        return redirect("dashboard:audit")
    chosen, initial = _chosen(request, practice)
    form = AuditFilterForm(request.POST or None, practice=practice, initial=initial)
    if request.method == "POST" and form.is_valid():
        _keep(request, practice, form.cleaned_data)
        return redirect("dashboard:audit")
    lines, page = query.lines(practice, chosen, request.GET.get("after", ""), reader=request.user)
    audit.write("opened-list", by=request.user, practice=practice.pk, subject="audit")
    context = {"form": form, "lines": lines, "page": page, "filtered": chosen != query.Filter()}
    return render(request, "dashboard/people/audit.html", context)


class _Echo:
    """A file that gives back what is written to it, for the CSV writer."""

    def write(self, text: str) -> str:
        return text


@require_POST
@member(Permission.MANAGE_PRACTICE)
def export(request: MemberRequest) -> StreamingHttpResponse:
    """The rows of the current filter; the export is itself recorded."""
    practice = request.membership.practice
    chosen, _initial = _chosen(request, practice)
    audit.write("audit.exported", by=request.user, practice=practice.pk, record=practice, filtered=bool(_initial))
    response = StreamingHttpResponse(_csv(practice, chosen, request.user), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{practice.today().isoformat()}.csv"'
    return response


def _csv(practice: Practice, chosen: query.Filter, reader: User) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in query.export(practice, chosen, reader=reader):
        yield writer.writerow(row)
