"""Answering: introduction, pages, autosave, review, sending, receipt. The same in every place (``place.py``)."""

import json
import secrets
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments import fields
from assessments.actions import answering
from assessments.actions.anchoring import compare
from assessments.actions.naming import name_relationship
from assessments.errors import Busy, ConsentNeeded, LateDraft, NotAsked
from assessments.models import Response
from clients.queries.joining import current_notice
from portal import pages, screens
from portal.place import AnswerPlace, NotBegun
from portal.sheet import Sheet
from practice.errors import Refused

MAX_PAGE_KEY = 32
NEW = "new"
"""Sent for a relationship that was not named before."""
MAX_BASE = 1_000_000


def intro(request: HttpRequest, place: AnswerPlace) -> HttpResponse:
    """What this is, how long it takes, who sees it, which relationship is asked; POST begins or goes on."""
    if _sent(place):
        return redirect(place.url("done"))
    if not place.asked:
        raise NotAsked
    notice = place.missing_consent()
    if notice is not None and place.signed_in:
        raise ConsentNeeded
    if request.method == "POST":
        return _begin(request, place)
    if place.response is not None and notice is None and "about" not in request.GET:
        return redirect(_resume(place, Sheet(place.response)))
    return screens.intro(request, place)


def page(request: HttpRequest, place: AnswerPlace, number: int) -> HttpResponse:
    """One page of questions; POST saves it and goes on. Works without script."""
    if request.method != "POST" and _sent(place):
        return redirect(place.url("done"))
    sheet = Sheet(_draft(place))
    shown = sheet.page(number)
    if shown is None:
        return redirect(place.url("review"))
    if request.method != "POST":
        return screens.page(request, place, sheet, number)
    return _save_page(request, place, sheet, number)


def save(request: HttpRequest, place: AnswerPlace) -> HttpResponse:
    """The autosave: JSON with key, base revision and answers. Whatever else it holds is not looked at."""
    response = _draft(place)
    sent = _json(request)
    if sent is None:
        return JsonResponse({"message": "not an autosave"}, status=400)
    try:
        if sent["anchor"] is not None:
            compare(response=response, anchor=sent["anchor"])
            return JsonResponse({"revision": response.revision})
        saved = answering.save(
            response=response, answers=sent["answers"], key=sent["key"], base=sent["base"], by=place.by
        )
    except Busy:
        return JsonResponse({"busy": True}, status=503)
    except (LateDraft, NotAsked):
        raise
    except Refused as refused:
        return JsonResponse({"message": str(refused), "errors": {}}, status=400)
    if saved.errors:
        return JsonResponse({"errors": saved.errors, "revision": saved.revision}, status=400)
    response.refresh_from_db(fields=["answers", "revision"])
    sheet = Sheet(response)
    told = sheet.elsewhere(saved.conflicts, saved.revision) if saved.conflicts else {}
    return JsonResponse(
        {"revision": saved.revision, "conflicts": told, "answered": sheet.answered, "total": sheet.total}
    )


def review(request: HttpRequest, place: AnswerPlace) -> HttpResponse:
    """Every question with its answer, before sending."""
    if _sent(place):
        return redirect(place.url("done"))
    return screens.review(request, place, Sheet(_draft(place)))


def submit(request: HttpRequest, place: AnswerPlace) -> HttpResponse:
    """Send; again gives the same receipt."""
    if not _sent(place):
        response = _draft(place)
        try:
            compare(response=response, anchor=request.POST.get("anchor", response.anchor))
            answering.submit(response=response, by=place.by)
        except (LateDraft, NotAsked):
            raise
        except Refused as refused:
            if refused.field == "anchor":
                return screens.review(request, place, Sheet(response), anchor_error=str(refused), status=400)
            return screens.review(request, place, Sheet(response), error=str(refused), status=400)
    return redirect(place.url("done"))


def done(request: HttpRequest, place: AnswerPlace) -> HttpResponse:
    """The receipt and what happens next: a thank-you, never a score."""
    if not _sent(place):
        return redirect(place.url())
    context = {"place": place, "response": place.response}
    return pages.show(request, "portal/answer/done.html", place.client.practice, context)


# --- steps of the above -------------------------------------------------------------------------------------------
def _sent(place: AnswerPlace) -> bool:
    return place.response is not None and place.response.state == Response.State.SUBMITTED


def _draft(place: AnswerPlace) -> Response:
    """The draft. Late, no longer asked, without consent, not begun: said by exceptions; a GET never begins one."""
    response = place.response
    if response is not None and response.state == Response.State.SUBMITTED:
        raise LateDraft
    if not place.asked:
        raise NotAsked
    if place.missing_consent() is not None:
        raise ConsentNeeded
    if response is None:
        raise NotBegun
    return response


def _begin(request: HttpRequest, place: AnswerPlace) -> HttpResponse:
    relationship, known = request.POST.get("relationship", ""), request.POST.get("about", "")
    typed = (relationship, known)
    agreed = not place.signed_in and request.POST.get("agreed") == _notice_id(place)
    if place.missing_consent() is not None and not agreed:
        return screens.intro(request, place, consent_missing=True, typed=typed, status=400)
    if known == NEW and not relationship.strip():
        missing = _("Name the other relationship, or choose one that is shown.")
        return screens.intro(request, place, error=missing, typed=typed, status=400)
    response = answering.start(assignment=place.assignment, by=place.by, agreed=agreed)
    try:
        name_relationship(response=response, relationship=relationship, known=_id(known), by=place.by)
    except LateDraft:
        raise
    except Refused as refused:
        return screens.intro(request, place, error=str(refused), typed=typed, status=400)
    return redirect(_resume(place, Sheet(response)))


def _id(text: str) -> uuid.UUID | None:
    """The chosen relationship; none for "another one", and a made-up one where it is no id, to be refused."""
    if text in ("", NEW):
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _notice_id(place: AnswerPlace) -> str:
    notice = current_notice(place.client.practice)
    return str(notice.pk) if notice else ""


def _resume(place: AnswerPlace, sheet: Sheet) -> str:
    number = sheet.resume_at()
    return place.url("page", number=number) if number <= len(sheet.pages) else place.url("review")


def _save_page(request: HttpRequest, place: AnswerPlace, sheet: Sheet, number: int) -> HttpResponse:
    shown = sheet.pages[number - 1]
    sent = fields.posted(request.POST, shown.questions)
    changes = fields.changed(sent, request.POST.get("was", ""))
    if request.POST.get("go", "next") in {"next", "review"}:
        passed = (one.id for one in shown.questions if one.id not in sheet.answers)
        changes = {**dict.fromkeys(passed), **changes}
    told: dict[str, str] = {}
    if changes:
        # A fresh key each time: a page brought back by the browser and sent again is a change of its own.
        key = f"{_page_key(request)}:{secrets.token_hex(3)}"
        base = request.POST.get("base", "")
        try:
            saved = answering.save(
                response=sheet.response,
                answers=changes,
                key=key,
                base=int(base) if base.isascii() and base.isdecimal() and len(base) < 7 else None,
                by=place.by,
            )
        except Busy as busy:
            return screens.page(request, place, sheet, number, typed=sent, message=str(busy), status=503)
        if saved.errors:
            return screens.page(request, place, sheet, number, typed=sent, errors=saved.errors, status=400)
        if saved.conflicts:
            sheet = Sheet(_reread(sheet.response))
            told = sheet.elsewhere(saved.conflicts, saved.revision)
    if told:
        return screens.page(request, place, sheet, number, conflicts=told)
    return redirect(_next(request, place, sheet, number))


def _reread(response: Response) -> Response:
    response.refresh_from_db(fields=["answers", "revision", "state"])
    return response


def _page_key(request: HttpRequest) -> str:
    key = "".join(letter for letter in request.POST.get("key", "") if letter.isascii() and letter.isalnum())
    return key[:MAX_PAGE_KEY] or secrets.token_hex(8)


def _next(request: HttpRequest, place: AnswerPlace, sheet: Sheet, number: int) -> str:
    """Where the pressed button leads."""
    go = request.POST.get("go", "next")
    if go == "back" and number > 1:
        return place.url("page", number=number - 1)
    if go == "next" and number < len(sheet.pages):
        return place.url("page", number=number + 1)
    if go == "later" and place.signed_in:
        messages.success(request, _("What you answered is saved. You can go on whenever you like."))
        return reverse("portal:today")
    return place.url("review")


def _json(request: HttpRequest) -> dict[str, Any] | None:
    """The autosave's key, base and answers, or how it compares; nothing when the body has another shape."""
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(sent, dict) or not isinstance(sent.get("answers"), dict):
        return None
    key, base = sent.get("key"), sent.get("base")
    if not isinstance(key, str) or type(base) is not int or not 0 <= base < MAX_BASE:
        return None
    anchor = sent.get("anchor")
    return {"answers": sent["answers"], "key": key, "base": base, "anchor": anchor if isinstance(anchor, str) else None}
