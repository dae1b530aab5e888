"""Bringing history: the owner's file of past administrations, its progress, its problems."""

import csv
import io
import uuid
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_safe

from assessments.actions import import_runs
from assessments.imports.columns import columns
from assessments.models import ImportRun, InstrumentVersion
from assessments.queries.imports import runs
from dashboard.forms.imports import ImportForm
from dashboard.gates import member
from dashboard.queries import imports as query
from dashboard.uploads import SealedUpload, pass_over
from dashboard.views.people import own, owner_page
from practice import audit
from practice.errors import Denied, Refused
from practice.grants import Permission
from practice.requests import MemberRequest
from practice.spreadsheets import text_cell

ENVELOPE = 20_000
"""Bytes of a form around its file."""


@require_safe
@member(Permission.MANAGE_PRACTICE)
def imports(request: MemberRequest) -> HttpResponse:
    practice, now = request.membership.practice, timezone.now()
    page = query.history(practice, request.GET.get("after", ""))
    audit.write("opened-list", by=request.user, practice=practice.pk, subject="history")
    context = {"shown": [query.show(row, now) for row in page.rows], "page": page, "section": "roster"}
    return render(request, "dashboard/imports/imports.html", context)


@csrf_exempt  # the token is in the form, which is read only once it is known where the file goes: see _import_new
@owner_page
@member(Permission.MANAGE_PRACTICE)
def import_new(request: MemberRequest) -> HttpResponse:
    """A file that is too large is refused, and nothing of it kept; any other is sealed while it comes."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.IMPORT_MAX_BYTES + ENVELOPE:
        form = ImportForm({}, versions=query.versions())
        form.full_clean()
        form.errors.clear()
        form.refuse_size()
        pass_over(request, 4 * settings.IMPORT_MAX_BYTES)
        return _form(request, form, status=413)
    upload = SealedUpload(request, uuid.uuid4())
    request.upload_handlers = [upload]
    return _import_new(request, upload)


@csrf_protect
def _import_new(request: MemberRequest, upload: SealedUpload) -> HttpResponse:
    versions = query.versions()
    initial = _checked(request.GET.get("measure", ""), versions)
    form = ImportForm(request.POST or None, request.FILES or None, versions=versions, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            run = import_runs.ask(
                by=request.user,
                practice=request.membership.practice,
                version=form.chosen,
                file=form.cleaned_data["file"],
                pk=upload.pk,
                rows=upload.lines - 1,
                dry_run=form.cleaned_data["dry_run"],
            )
        except Refused as refusal:
            form.refuse(refusal)
            return _form(request, form, status=400)
        return redirect("dashboard:import_run", pk=run.pk)
    return _form(request, form)


def _checked(measure: str, versions: list[InstrumentVersion]) -> dict[str, object]:
    """After a check: its measure, and this time to bring the file. A measure with a newer version is checked again."""
    found = next((str(version.pk) for version in versions if str(version.pk) == measure), None)
    return {"version": found, "dry_run": False} if found else {}


def _form(request: MemberRequest, form: ImportForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "guides": query.guides(), "section": "roster"}
    return render(request, "dashboard/imports/new.html", context, status=status)


@require_safe
@member(Permission.MANAGE_PRACTICE)
def import_template(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """An empty file with the columns that are needed, ready to be filled."""
    version = next((one for one in query.versions() if one.pk == pk), None)
    if version is None:
        raise Denied(InstrumentVersion._meta.model_name or "", pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{version.definition.slug}-template.csv"'
    response.write("\ufeff")
    csv.writer(response).writerow([column.name for column in columns(version.definition) if column.needed])
    return response


@require_safe
@member(Permission.MANAGE_PRACTICE)
def import_run(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    run = own(request, runs(request.membership.practice), pk)
    audit.write("opened", by=request.user, record=run, page="import_run")
    context = _state(run) | {"run": run, "section": "roster"}
    return render(request, "dashboard/imports/run.html", context)


@require_safe
@member(Permission.MANAGE_PRACTICE)
def import_status(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """The part of the page that changes; it says itself when to be asked again."""
    run = own(request, runs(request.membership.practice), pk)
    return render(request, "dashboard/imports/_status.html", _state(run))


def _state(run: ImportRun) -> dict[str, object]:
    problems = query.problems_of(run)
    return {"shown": query.show(run, timezone.now()), "problems": problems[: query.SHOWN], "kept": len(problems)}


@require_safe
@member(Permission.MANAGE_PRACTICE)
def import_problems(request: MemberRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """Every problem that was kept, as a file."""
    run = own(request, runs(request.membership.practice), pk)
    audit.write("opened", by=request.user, record=run, page="import_problems")
    response = StreamingHttpResponse(_lines(run), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return response


def _lines(run: ImportRun) -> Iterator[str]:
    yield "\ufeff"
    for row in ((_("line"), _("column"), _("problem")), *query.problems_of(run)):
        out = io.StringIO()
        csv.writer(out).writerow([cell if isinstance(cell, int) else text_cell(cell) for cell in row])
        yield out.getvalue()
