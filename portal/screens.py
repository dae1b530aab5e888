"""The screens of answering as they are drawn: introduction, a page of questions, the review."""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse

from assessments import fields
from assessments.models import Response
from assessments.queries.earlier import answered_before
from clients.queries.care import place_in_couple
from clients.queries.relationships import relationships_of
from portal import pages
from portal.place import AnswerPlace
from portal.sheet import Sheet

MOST_KNOWN = 6
"""So many relationships named before are offered."""


def _about(place: AnswerPlace) -> str:
    return place.url() + "?about=1"


def intro(
    request: HttpRequest,
    place: AnswerPlace,
    *,
    error: str = "",
    consent_missing: bool = False,
    typed: tuple[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """With an error, what was typed stays: words for a relationship, and the chosen one of those named before."""
    definition = place.assignment.version.definition
    named = place.response.relationship_id if place.response else place.client.relationship_id
    context = {
        "place": place,
        "place_url": place.url(),
        "definition": definition,
        "coupled": place_in_couple(place.client) is not None,
        "notice": place.missing_consent(),
        "known": relationships_of(place.client)[:MOST_KNOWN] if definition.asks_relationship else [],
        "relationship": typed[0] if typed else "",
        "about": typed[1] if typed else str(named or ""),
        "error": error,
        "consent_missing": consent_missing,
        "begun": place.response is not None,
    }
    return pages.show(request, "portal/answer/intro.html", place.client.practice, context, status=status)


def page(
    request: HttpRequest,
    place: AnswerPlace,
    sheet: Sheet,
    number: int,
    *,
    typed: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    conflicts: dict[str, str] | None = None,
    message: str = "",
    status: int = 200,
) -> HttpResponse:
    """With errors, what was typed stays; ``conflicts`` says by answer id what another window had."""
    shown = sheet.pages[number - 1]
    definition = place.assignment.version.definition
    rows = fields.fields_of(shown.questions, {**sheet.answers, **(typed or {})}, errors=errors, conflicts=conflicts)
    on_page = {name for row in rows for name in (row.question.id, row.question.note_id)}
    context = {
        "place": place,
        "definition": definition,
        "fields": rows,
        "rated": fields.rated(shown.questions),
        "page": shown,
        "place_url": place.url("page", number=number),
        "save_url": place.url("save"),
        "about_url": _about(place),
        "count": len(sheet.pages),
        "last": number == len(sheet.pages),
        "sheet": sheet,
        "was": fields.was(shown.questions, sheet.answers),
        "key": secrets.token_hex(8),
        "from_review": "review" in request.GET or request.POST.get("go") == "review",
        "errors": [row for row in rows if row.error or row.note_error],
        "other_errors": [text for name, text in (errors or {}).items() if name not in on_page],
        "conflicts": [row for row in rows if row.conflict],
        "message": message,
    }
    return pages.show(request, "portal/answer/page.html", place.client.practice, context, status=status)


def review(
    request: HttpRequest,
    place: AnswerPlace,
    sheet: Sheet,
    *,
    error: str = "",
    anchor_error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Every question with its answer and the way to change it; and how things are compared with the last time."""
    lines = [
        {**line, "url": f"{place.url('page', number=line['page'])}?review=1#{line['field'].first_id}"}
        for line in sheet.lines()
    ]
    context = {
        "place": place,
        "definition": place.assignment.version.definition,
        "lines": lines,
        "open": sum(not line["answer"] for line in lines),
        "last_url": place.url("page", number=len(sheet.pages)),
        "submit_url": place.url("submit"),
        "about_url": _about(place),
        "response": sheet.response,
        "before": answered_before(sheet.response),
        "anchors": Response.Anchor.choices,
        "save_url": place.url("save"),
        "error": error,
        "anchor_error": anchor_error,
    }
    return pages.show(request, "portal/answer/review.html", place.client.practice, context, status=status)
