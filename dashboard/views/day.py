"""The clinician's day: one session on one page (prepare, record, close), its autosave, the week."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import access
from clients.access import clients_for
from clients.barriers import BY_CODE
from clients.models import Client, TherapySession
from clients.queries.private_notes import own_note
from dashboard import session_parts as parts
from dashboard.forms.sessions import NewSessionForm
from dashboard.frames import frame, permissions
from dashboard.gates import member
from dashboard.opening import record
from dashboard.queries import week as week_query
from dashboard.queries.session import SessionPage, session_page
from dashboard.requests import StaffRequest
from dashboard.views.care import own_membership
from practice import audit
from practice.errors import Clash, Refused
from practice.grants import Permission
from practice.requests import MemberRequest

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])
PLACES = {
    "rate": "look-back",
    "skip": "look-back",
    "event": "events",
    "focus": "afterwards",
    "propose": "afterwards",
    "next": "next-date",
}
"""Where on the page one goes on after a button."""
DECIDED = (TherapySession.Attendance.HELD, TherapySession.Attendance.MISSED)


def stored_session(client: Client, row: uuid.UUID) -> TherapySession:
    """A session of a client that was loaded through access, or ``Denied``."""
    found = access.get_child(TherapySession.objects.select_related("clinician__user", "episode"), client, row)
    found.client = client
    return found


@READ_WRITE
@record(Permission.SEE_CLINICAL, write=Permission.WORK)
def session(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """One session: forms for the care team, the same in plain words for other readers."""
    stored, may = stored_session(client, row), permissions(request)
    page = session_page(
        request.user, client, stored, works=Permission.WORK in may, sees_safety=Permission.SEE_SAFETY in may
    )
    data, do = _posted(request)
    forms = parts.page_forms(client, page, data)
    clash: list[tuple[str, str]] = []
    invalid = [form for form in forms.values() if form.is_bound and not form.is_valid()]
    if data is not None and not invalid:
        try:
            done = parts.save_page(by=request.user, client=client, page=page, forms=forms, do=do, at=timezone.now())
        except parts.NotSaved as refused:
            clash = _refuse(request, page, forms, refused, data)
        else:
            _say(request, done, do)
            place = PLACES.get(do, "")
            return redirect(reverse("dashboard:session", args=[client.pk, row]) + (f"#{place}" if place else ""))
    author = own_membership(request, client) if Permission.PRIVATE_NOTES in may else None
    private = own_note(stored, author)
    context: dict[str, Any] = {
        "page": page,
        "session": stored,
        "forms": forms,
        "invalid": [form for form in forms.values() if form.is_bound and form.errors],
        "clash": clash,
        "own_rating": page.rating is not None and page.rating.submitted_by_id == request.user.pk,
        "grid": forms["ratings"].lines() if "ratings" in forms else [],
        "proposed": {BY_CODE[code].opaque for code in page.proposed},
        "offered": _offered(page, forms),
        "writes_private": author is not None,
        "own_private": private is not None and bool(private.text),
        "reads_private": bool(access.private_note_authors(request.user, client)),
    }
    return render(request, "dashboard/session/session.html", frame(request, client, "client_sessions", **context))


def _posted(request: StaffRequest) -> tuple[Any, str]:
    """What was posted, to be changed where a clash is shown, and what the button does.

    ``close-held`` and ``close-missed`` say in one press what became of a session that is still planned.
    """
    if request.method != "POST":
        return None, ""
    data = request.POST.copy()
    do, _dash, attendance = data.get("do", "save").partition("-")
    if do != "close":
        return data, data.get("do", "save")
    if attendance in DECIDED and data.get("attendance") == TherapySession.Attendance.PLANNED:
        data["attendance"] = attendance
    return data, do


def _offered(page: SessionPage, forms: parts.Forms) -> list[tuple[Any, Any, Any]]:
    """Each exercise on offer with its box to tick and the field for one's own words."""
    form = forms.get("proposals")
    if form is None or page.homework is None:
        return []
    ticks = form["propose"].subwidgets
    return [
        (one, tick, form[f"words-{one.version.pk}"]) for one, tick in zip(page.homework.offered, ticks, strict=True)
    ]


def _refuse(
    request: StaffRequest, page: SessionPage, forms: parts.Forms, refused: parts.NotSaved, data: Any
) -> list[tuple[str, str]]:
    """Put the refusal at its field; of a clash, what is stored, and the next save goes on from that."""
    form = forms[refused.part]
    if form.is_bound:
        form.refuse(refused.refusal)
    else:  # a button was pressed whose part was not sent along
        messages.error(request, str(refused.refusal))
    if not isinstance(refused.refusal, Clash):
        return []
    names = ("facts", "note") if refused.part in ("facts", "note") else (refused.part,)
    fresh = [found for name in names if (found := parts.part_form(name, page.session.client, page.session, None))]
    for one in fresh:
        for name, token in parts.tokens(one).items():
            data[name] = token
    return [line for one in fresh for line in one.stored()]  # type: ignore[attr-defined]


def _say(request: StaffRequest, done: parts.Done, do: str) -> None:
    """What was done, in words."""
    words = {"rate": _("Your ratings are saved."), "skip": _("It is noted that you did not rate this time.")}
    if done.closed is not None:
        asked = _("The client is asked how it was.") if done.closed.asked else str(done.closed.why_not)
        messages.success(request, " ".join(filter(None, [_("The session is closed."), asked])))
    elif done.reopened:
        messages.success(request, _("The session is open again."))
    elif do in words:
        messages.success(request, words[do])
    else:
        messages.success(request, _("Saved."))
    if done.event:
        messages.success(request, _("The life event is on the map."))
    if done.proposed:
        text = ngettext("%(n)d exercise is proposed.", "%(n)d exercises are proposed.", done.proposed)
        messages.success(request, text % {"n": done.proposed})
    if done.added is not None:
        messages.success(request, _("The next date is added."))
        hint_at_others(request, done.added)


def hint_at_others(request: StaffRequest, added: TherapySession) -> None:
    """That the clinician has another session at about that time: a hint, not a refusal."""
    pair = {added.pk}
    if added.couple_id:
        rows = TherapySession.objects.filter(couple=added.couple_id, starts_at=added.starts_at)
        pair |= set(rows.values_list("pk", flat=True))
    found = week_query.near(request.user, added.clinician, [added.starts_at], but=pair)[added.starts_at]
    for one in found:
        words = {"time": date_format(timezone.localtime(one.starts_at), "H:i"), "name": one.name}
        text = (
            _("At %(time)s there is another session: %(name)s.") if one.name else _("Another session is at %(time)s.")
        )
        messages.warning(request, text % words)


@require_POST
@record(Permission.WORK)
def session_save(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """Autosave of one part: JSON says when it was saved, what was refused, or what somebody else stored meanwhile."""
    stored, part = stored_session(client, row), request.POST.get("part", "")
    if part not in parts.AUTOSAVED:
        return HttpResponseBadRequest()
    form: Any = parts.part_form(part, client, stored, request.POST)
    if form is None or not form.is_valid():
        return JsonResponse({"errors": form.errors if form else {}}, status=422)
    try:
        parts.save_part(by=request.user, session=stored, part=part, form=form)
    except Clash as clash:
        fresh: Any = parts.part_form(part, client, stored_session(client, row), None)
        answer = {"stored": fresh.stored(), "values": parts.values(fresh), "seen": parts.tokens(fresh)}
        return JsonResponse({"message": str(clash), **answer}, status=409)
    except Refused as refusal:
        form.refuse(refusal)
        return JsonResponse({"errors": form.errors}, status=422)
    fresh = parts.part_form(part, client, stored_session(client, row), None)
    now = date_format(timezone.localtime(), "H:i")
    return JsonResponse({"saved": _("Saved %(time)s") % {"time": now}, "seen": parts.tokens(fresh)})


@require_safe
@record(Permission.WORK, audited=False)
def session_ratings(request: StaffRequest, client: Client, row: uuid.UUID) -> HttpResponse:
    """The ratings stand on the session's page; addresses from before lead there."""
    stored_session(client, row)
    return redirect(reverse("dashboard:session", args=[client.pk, row]) + "#ratings")


@READ_WRITE
@member(Permission.WORK)
def week(request: MemberRequest) -> HttpResponse:
    """One's own sessions of a week, ``?w=2026-W48``; this week without one. Posted: on to adding a session."""
    membership = request.membership
    today = membership.practice.today()
    monday = week_query.week_of(request.GET.get("w", ""), today)
    mine = clients_for(request.user, Permission.WORK).filter(
        practice=membership.practice_id, status=Client.Status.ACTIVE
    )
    form = NewSessionForm(
        request.POST or None, clients=mine.order_by("last_name", "first_name", "id"), day=max(today, monday)
    )
    if request.method == "POST" and form.is_valid():
        address = reverse("dashboard:session_add", args=[form.cleaned_data["client"].pk])
        return redirect(f"{address}?day={form.cleaned_data['day'].isoformat()}")
    found = week_query.week(membership, request.user, monday)
    audit.write("opened-list", by=request.user, practice=membership.practice_id, subject="week")
    context = {"week": found, "today": today, "section": "week", "form": form}
    return render(request, "dashboard/session/week.html", context)
