"""Leave with a cover, and handing a caseload over: the clinician for oneself, the owner for anybody."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from clients.actions.common import RowProblems
from clients.actions.handover import hand_over
from clients.actions.leave import end_leave, take_leave
from clients.queries import absence
from clients.queries.people import clinicians
from dashboard.forms.leave import BackForm, HandoverForm, LeaveForm
from dashboard.gates import member
from practice import audit, paging
from practice.errors import Denied, Refused
from practice.grants import Permission
from practice.models import Membership
from practice.requests import MemberRequest

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])
arranger = member(Permission.WORK, Permission.MANAGE_PRACTICE)


def _section(request: MemberRequest, name: str = "leaves") -> dict[str, Any]:
    return {"section": name, "manages": request.membership.is_owner}


def _for_whom(request: MemberRequest) -> Membership | None:
    """The clinician whom the address names (``?of=``), for the owner; a clinician is asked for oneself alone.

    None: an owner who is no clinician has not said whom yet.
    """
    own = request.membership
    try:
        pk = uuid.UUID(request.GET.get("of", ""))
    except ValueError:
        pk = own.pk
    if pk == own.pk:
        return own if own.is_clinician else None
    found = clinicians(own.practice, own.practice.today()).filter(pk=pk).first() if own.is_owner else None
    if found is None:
        raise Denied("membership", pk)
    return found


def _choices(request: MemberRequest, clinician: Membership | None) -> dict[str, Any]:
    """For the owner: everybody to choose from. And the colleagues of the chosen clinician."""
    practice = request.membership.practice
    everybody = clinicians(practice, practice.today())
    return {
        "clinician": clinician,
        "everybody": everybody if request.membership.is_owner else [],
        "colleagues": everybody.exclude(pk=clinician.pk) if clinician else everybody.none(),
        "own": clinician is not None and clinician.pk == request.membership.pk,
    }


@require_safe
@arranger
def leaves(request: MemberRequest) -> HttpResponse:
    """One's own leaves and whom one stands in for; for the owner all that are not over."""
    membership = request.membership
    practice, today = membership.practice, membership.practice.today()
    rows = absence.live(practice).select_related("clinician__user", "cover__user")
    past = rows.filter(ends_on__lt=today)
    if not membership.is_owner:
        rows, past = rows.filter(clinician=membership), past.filter(clinician=membership)
    page = paging.page(past, ("-ends_on", "-id"), request.GET.get("after", ""), size=20)
    coming = list(rows.filter(ends_on__gte=today).order_by("starts_on", "id"))
    audit.write("opened-list", by=request.user, practice=practice.pk, subject="leaves")
    context = {
        "coming": absence.with_covers(coming),
        "past": absence.with_covers(page.rows),
        "page": page,
        "standing_in": absence.standing_in(membership, today) if membership.is_clinician else [],
        "handed": absence.handed_to(membership, today) if membership.is_clinician else [],
        "today": today,
        "first": reverse("dashboard:leaves") if page.is_later else "",
    }
    return render(request, "dashboard/leave/leaves.html", context | _section(request))


@READ_WRITE
@arranger
def leave_add(request: MemberRequest) -> HttpResponse:
    """From, to, who stands in, and somebody else for some clients."""
    clinician = _for_whom(request)
    context = _choices(request, clinician) | _section(request)
    if clinician is None:
        return render(request, "dashboard/leave/choose.html", context | {"target": "dashboard:leave_add"})
    today = clinician.practice.today()
    care = absence.care_during(clinician, today, None)
    form = LeaveForm(request.POST or None, care=care, colleagues=context["colleagues"], today=today)
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("starts_on", "ends_on", "cover")}
        try:
            leave = take_leave(by=request.user, clinician=clinician, covers=form.covers(), **data)
        except RowProblems as refusal:
            form.refuse(refusal)
            form.refuse_rows(refusal.rows)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            undo = f"undo:{reverse('dashboard:leave_cancel', args=[leave.pk])}" if leave.starts_on > today else ""
            messages.success(request, _("The leave is entered. Whoever stands in is told."), extra_tags=undo)
            return redirect("dashboard:leaves")
    if request.method != "POST":
        audit.write("opened-list", by=request.user, practice=clinician.practice_id, subject="leaves")
    return render(request, "dashboard/leave/add.html", context | {"form": form})


@READ_WRITE
@arranger
def leave_cancel(request: MemberRequest, pk: uuid.UUID) -> HttpResponse:
    """Back early, or not away at all."""
    membership = request.membership
    rows = absence.live(membership.practice).select_related("practice", "clinician__user", "cover__user")
    if not membership.is_owner:
        rows = rows.filter(clinician=membership)
    leave = rows.filter(pk=pk).first()
    if leave is None:
        raise Denied("leave", pk)
    today = leave.practice.today()
    begun = leave.starts_on <= today
    form = BackForm(request.POST or None, initial={"ends_on": min(today, leave.ends_on)}) if begun else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            end_leave(by=request.user, leave=leave, last=form.cleaned_data["ends_on"] if form else None)
        except Refused as refusal:
            if form is None:
                messages.error(request, str(refusal))
                return redirect("dashboard:leaves")
            form.refuse(refusal)
        else:
            messages.success(request, _("The leave ends then.") if begun else _("The leave is taken back."))
            return redirect("dashboard:leaves")
    context: dict[str, Any] = {"form": form, "begun": begun, "absence": absence.with_covers([leave])[0]}
    return render(request, "dashboard/leave/cancel.html", context | _section(request))


@READ_WRITE
@arranger
def handover(request: MemberRequest) -> HttpResponse:
    """Primary care of a whole caseload, or of some clients, from a day on. ``?client=``: the others stay at first."""
    clinician = _for_whom(request)
    context = _choices(request, clinician) | _section(request)
    if clinician is None:
        return render(request, "dashboard/leave/choose.html", context | {"target": "dashboard:handover"})
    today = clinician.practice.today()
    care, only = absence.primary_from(clinician, today), request.GET.get("client", "")
    form = HandoverForm(request.POST or None, care=care, colleagues=context["colleagues"], today=today, only=only)
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("starts_on", "sessions")}
        try:
            count = hand_over(by=request.user, clinician=clinician, to=form.targets(), **data)
        except RowProblems as refusal:
            form.refuse(refusal)
            form.refuse_rows(refusal.rows)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            text = ngettext("%(n)d client is handed over.", "%(n)d clients are handed over.", count) % {"n": count}
            messages.success(request, text)
            return redirect("dashboard:leaves")
    if request.method != "POST":
        audit.write("opened-list", by=request.user, practice=clinician.practice_id, subject="handover")
    return render(request, "dashboard/leave/handover.html", context | {"form": form})
