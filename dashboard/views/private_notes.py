"""Private notes: their author's own pages, and what a supervisor was let read. For everybody else they do not exist."""

import functools
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import access
from clients.actions.private_notes import grant_private_notes, revoke_private_notes, save_private_note
from clients.models import Client, PrivateNoteGrant, TherapySession
from clients.queries.private_notes import grants_of, newest_first, own_note, private_revisions, supervisors_of
from dashboard.forms.private_notes import GrantForm, PrivateNoteForm
from dashboard.frames import frame, permissions
from dashboard.opening import RecordView, record, shows, write_opened
from dashboard.requests import StaffRequest
from dashboard.views.care import own_membership
from dashboard.views.day import stored_session
from practice.errors import Clash, Refused
from practice.grants import Permission

READ_WRITE = require_http_methods(["GET", "HEAD", "POST"])


def private(view: RecordView) -> RecordView:
    """Decorate ``view(request, client, authors, **kwargs)``: 404 for whoever may read nobody's private notes here.

    That comes before anything else is asked, so that the page tells a supervisor without a grant, an owner or an
    emergency reader nothing. Writing needs the permission; each reading of the pages is recorded, also of
    one that answers a POST.
    """

    def inner(request: StaffRequest, client: Client, **kwargs: Any) -> HttpResponse:
        authors = access.private_note_authors(request.user, client)
        if not authors:
            raise access.Denied("privatenote", client.pk)
        reading = request.method in ("GET", "HEAD")
        via = "own" if Permission.PRIVATE_NOTES in permissions(request) else "grant"
        if reading:
            write_opened(request, client, "private_notes", via=via)
        response = view(request, client, authors=authors, **kwargs)
        if not reading and shows(response):
            write_opened(request, client, "private_notes", via=via)
        return response

    guarded = record(Permission.SEE_CLINICAL, write=Permission.PRIVATE_NOTES, audited=False)(inner)

    @functools.wraps(view)
    def opened(request: StaffRequest, pk: uuid.UUID, **kwargs: Any) -> HttpResponse:
        client, _relationships = access.opened(request.user, pk)
        if client is None or not access.private_note_authors(request.user, client):
            raise access.Denied("privatenote", pk)
        return guarded(request, pk, **kwargs)

    return opened


@require_safe
@private
def private_notes(request: StaffRequest, client: Client, authors: frozenset[uuid.UUID]) -> HttpResponse:
    """All private notes that the reader may read, latest session first; for an author, who else may."""
    return _page(request, client, authors)


def _page(
    request: StaffRequest, client: Client, authors: frozenset[uuid.UUID], form: GrantForm | None = None
) -> HttpResponse:
    own, today = own_membership(request, client), client.practice.today()
    writes = Permission.PRIVATE_NOTES in permissions(request)
    notes = [note for note in newest_first(access.private_notes(request.user, client)) if note.text]
    context: dict[str, Any] = {
        "notes": [(note, note.author_id == own.pk) for note in notes],
        "writes": writes,
        "grants": grants_of(client, own, today) if writes else [],
        "form": (form or GrantForm(readers=supervisors_of(own, today), today=today)) if writes else None,
    }
    return render(request, "dashboard/session/private_notes.html", frame(request, client, "client_sessions", **context))


@READ_WRITE
@private
def private_note(request: StaffRequest, client: Client, authors: frozenset[uuid.UUID], row: uuid.UUID) -> HttpResponse:
    """One session's private notes: one's own to write, others' to read where one may, and what they said before."""
    session = stored_session(client, row)
    own = own_membership(request, client) if Permission.PRIVATE_NOTES in permissions(request) else None
    note = own_note(session, own)
    form = PrivateNoteForm(request.POST or None, note=note) if own else None
    clash: list[tuple[str, str]] = []
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            _save(request, session, form)
        except Clash as refusal:
            form.refuse(refusal)
            fresh = PrivateNoteForm(note=note)
            clash, data = fresh.stored(), request.POST.copy()
            data["note_seen"] = str(fresh["note_seen"].value())
            form.data = data
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Your private note is saved."))
            return redirect("dashboard:private_note", client.pk, row)
    notes = newest_first(access.private_notes(request.user, client)).filter(session=session)
    context = {
        "session": session,
        "form": form,
        "clash": clash,
        "others": [one for one in notes if one.text and (own is None or one.author_id != own.pk)],
        "revisions": private_revisions(session, authors),
    }
    return render(request, "dashboard/session/private_note.html", frame(request, client, "client_sessions", **context))


def _save(request: StaffRequest, session: TherapySession, form: PrivateNoteForm, *, autosave: bool = False) -> None:
    data = form.cleaned_data
    save_private_note(by=request.user, session=session, text=data["text"], seen=data["note_seen"], autosave=autosave)


@require_POST
@private
def private_save(request: StaffRequest, client: Client, authors: frozenset[uuid.UUID], row: uuid.UUID) -> HttpResponse:
    """Autosave of one's own note; answers like ``dashboard:session_save``."""
    session, own = stored_session(client, row), own_membership(request, client)
    form = PrivateNoteForm(request.POST, note=own_note(session, own))
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    answer: dict[str, Any] = {}
    status = 200
    try:
        _save(request, session, form, autosave=True)
        answer["saved"] = _("Saved %(time)s") % {"time": date_format(timezone.localtime(), "H:i")}
    except Clash as refusal:
        status, answer["message"] = 409, str(refusal)
    fresh = PrivateNoteForm(note=own_note(session, own))
    if status == 409:
        answer |= {"stored": fresh.stored(), "values": {"text": fresh["text"].value()}}
    return JsonResponse(answer | {"seen": {"note_seen": fresh["note_seen"].value()}}, status=status)


@require_POST
@private
def private_grant(request: StaffRequest, client: Client, authors: frozenset[uuid.UUID]) -> HttpResponse:
    """Let a supervisor of one's own read until a day."""
    today = client.practice.today()
    form = GrantForm(request.POST, readers=supervisors_of(own_membership(request, client), today), today=today)
    if form.is_valid():
        try:
            grant_private_notes(by=request.user, client=client, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("They can read your private notes about this client until that day."))
            return redirect("dashboard:private_notes", client.pk)
    return _page(request, client, authors, form)


@require_POST
@private
def private_revoke(
    request: StaffRequest, client: Client, authors: frozenset[uuid.UUID], row: uuid.UUID
) -> HttpResponse:
    """Take it back at once; only one's own."""
    mine = PrivateNoteGrant.objects.filter(author=own_membership(request, client))
    revoke_private_notes(by=request.user, grant=access.get_child(mine, client, row))
    messages.success(request, _("They can no longer read your private notes about this client."))
    return redirect("dashboard:private_notes", client.pk)
