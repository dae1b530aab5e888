"""Bringing things to supervision: from the record, the agenda, one item."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_safe

from clients import access
from clients.actions.supervision import bring, discuss, put_back, take_back
from clients.models import Client, SupervisionItem
from clients.queries import supervision as items
from dashboard.forms.supervision import BringForm
from dashboard.frames import frame
from dashboard.gates import member
from dashboard.opening import record
from dashboard.queries import supervision as query
from dashboard.requests import StaffRequest
from dashboard.views.care import own_membership
from practice import audit, paging
from practice.errors import Refused
from practice.grants import REASON_NEEDED, Permission, Relationship
from practice.models import Membership
from practice.requests import MemberRequest

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])
State = SupervisionItem.State
MINE, TEAM, DONE = "mine", "team", "done"


@require_safe
@member(Permission.WORK, Permission.SEE_TEAM)
def supervision_agenda(request: MemberRequest) -> HttpResponse:
    """What one brought, what current supervisees brought, and what was talked about."""
    membership = request.membership
    rows = {MINE: items.own_items(membership), TEAM: items.brought_to(membership)}
    known = [code for code in _codes(membership) if code == request.GET.get("t")]
    code = known[0] if known else _codes(membership)[0]
    if code == DONE:
        chosen = items.visible(membership).filter(state=State.DISCUSSED)
    else:
        chosen = rows[code].filter(state=State.WAITING)
    page = paging.page(chosen, ("-brought_at", "-id"), request.GET.get("after", ""))
    audit.write("opened-list", by=request.user, practice=membership.practice_id, subject="agenda")
    here = f"{reverse('dashboard:supervision_agenda')}?t={code}"
    context: dict[str, Any] = {
        "tabs": _tabs(membership, code, {one: rows[one].filter(state=State.WAITING).count() for one in rows}),
        "code": code,
        "lines": query.lines(page.rows, reader=membership.pk),
        "next": page.next_query.replace("?", f"{here}&") if page.next_query else "",
        "first": here if page.is_later else "",
    }
    return render(request, "dashboard/supervision/agenda.html", context)


def _codes(membership: Membership) -> list[str]:
    return [*([MINE] if membership.is_clinician else []), *([TEAM] if membership.is_supervisor else []), DONE]


def _tabs(membership: Membership, current: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    labels = {MINE: _l("Brought by me"), TEAM: _l("Brought to me"), DONE: _l("Talked about")}
    url = reverse("dashboard:supervision_agenda")
    return [
        {"label": labels[code], "url": f"{url}?t={code}", "current": code == current, "count": counts.get(code, 0)}
        for code in _codes(membership)
    ]


@READ_WRITE
@record(Permission.WORK)
def supervision_bring(request: StaffRequest, client: Client) -> HttpResponse:
    """The address says what of the record (``?k=`` a letter, ``id``, ``b`` a barrier's opaque code)."""
    membership = own_membership(request, client)
    asked = (request.GET.get(name, "") for name in ("k", "id", "b"))
    subject = query.subject(client, *asked)
    same: dict[str, Any] = {"kind": subject.kind, "subject_id": subject.pk, "barrier": subject.barrier}
    waiting = items.own_items(membership).filter(**same, client=client, state=State.WAITING).first()
    form = BringForm(request.POST or None, initial={"question": waiting.question if waiting else ""})
    if request.method == "POST" and form.is_valid():
        try:
            item = bring(by=request.user, membership=membership, client=client, **same, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            undo = f"{reverse('dashboard:supervision_item', args=[item.pk])}?do=back"
            messages.success(request, _("It is on your list for supervision."), extra_tags=f"undo:{undo}")
            return redirect(subject.url)
    covers = request.relationships[0] == Relationship.COVER
    context: dict[str, Any] = {"form": form, "subject": subject, "waiting": waiting}
    context["readers"] = [] if covers else items.supervisors_of(membership)
    return render(request, "dashboard/supervision/bring.html", frame(request, client, **context))


@READ_WRITE
@member(Permission.WORK, Permission.SEE_TEAM)
def supervision_item(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """One item; ``do`` marks it as talked about, takes it back, or lets it wait again."""
    membership = request.membership
    item = items.visible(membership).filter(pk=pk).first()
    if item is None:
        raise access.Denied("supervisionitem", pk)
    if request.method == "POST":
        return _do(request, membership, item, request.POST.get("do") or request.GET.get("do", ""))
    request.relationships = access.relationships(request.user, item.client)
    request.basis = basis = next(iter(request.relationships), None)
    reason: dict[str, Any] = {"reason": "brought"} if basis in REASON_NEEDED else {}
    audit.write("opened", by=request.user, record=item, basis=str(basis or ""), page="supervision_item", **reason)
    (line,) = query.lines([item], reader=membership.pk)
    return render(request, "dashboard/supervision/item.html", {"line": line, "section": "supervision_agenda"})


def _do(request: StaffRequest, membership: Membership, item: SupervisionItem, code: str) -> HttpResponse:
    steps: dict[str, tuple[Any, str]] = {
        "discussed": (discuss, _("Marked as talked about.")),
        "back": (take_back, _("It is taken back. No supervisor sees it.")),
        "waiting": (put_back, _("It waits to be talked about again.")),
    }
    action, text = steps.get(code, steps["waiting"])
    try:
        action(by=request.user, membership=membership, item=item)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        undo = f"{reverse('dashboard:supervision_item', args=[item.pk])}?do=waiting"
        messages.success(request, text, extra_tags="" if code == "waiting" else f"undo:{undo}")
    return redirect("dashboard:supervision_agenda")
