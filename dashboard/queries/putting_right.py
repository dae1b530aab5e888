"""The history of what was put right: of one submission, and of a whole record."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.answers import questions_for
from assessments.models import Correction, Response
from assessments.queries.answers import asked_for, readable, texts_of
from assessments.queries.library import published
from assessments.schema import Question
from clients.access import clients_for
from clients.models import Client, TherapySession
from practice import paging
from practice.grants import Permission
from practice.models import User

Kind = Correction.Kind


MOVED: dict[str, Promise] = {
    "episodes": gettext_lazy("Episodes that stay apart"),
    "sessions": gettext_lazy("Sessions with notes"),
    "responses": gettext_lazy("Submissions and ratings"),
    "assignments": gettext_lazy("Measures asked"),
    "focus": gettext_lazy("Barriers in focus, now or before"),
    "goals": gettext_lazy("Goals"),
    "events": gettext_lazy("Life events"),
    "relationships": gettext_lazy("Relationships named"),
    "proposals": gettext_lazy("Exercises proposed"),
    "reports": gettext_lazy("Reports"),
    "supervision": gettext_lazy("Brought to supervision"),
    "corrections": gettext_lazy("Entries of this history"),
    "couples": gettext_lazy("Links to a partner"),
    "care": gettext_lazy("Care that runs"),
    "care_past": gettext_lazy("Care that ended"),
    "consents": gettext_lazy("Consents"),
}
"""What moves when two records are joined, by code, in the order of reading. Not private notes, not safety flags."""


CONTACT: dict[str, Promise] = {
    "email": gettext_lazy("Email: %(text)s"),
    "phone": gettext_lazy("Phone: %(text)s"),
    "contact_note": gettext_lazy("To mind when contacting: %(text)s"),
    "sign_in": gettext_lazy("Signs in as: %(text)s"),
}


def counted_words(counts: Mapping[str, int]) -> list[tuple[str | Promise, int]]:
    """How much moves, in words."""
    return [(words, counts[code]) for code, words in MOVED.items() if code in counts]


@dataclass(frozen=True, slots=True)
class Change:
    """One answer of a correction: the question, how it read before, and after."""

    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One correction. ``elsewhere``: the other client of a move, for whoever may open that record."""

    pk: UUID
    kind: str
    what: str | Promise
    at: datetime
    who: str
    reason: str
    changes: tuple[Change, ...] = ()
    told: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    response_id: UUID | None = None
    session_id: UUID | None = None
    elsewhere: Client | None = None
    away_id: UUID | None = None
    """The submission in that other record."""


def history_of(user: User, client: Client, response: Response) -> list[HistoryLine]:
    """What was put right about one submission of this client, latest first. Three queries, with answers put right one
    more."""
    rows = list(_corrections(client).filter(response=response).order_by("made_at", "pk"))
    others = _elsewhere(user, client, rows)
    found, later = [], None
    for row in reversed(rows):
        changes: tuple[Change, ...] = ()
        kept = _kept(row)
        if "answers" in kept:
            after = later or {"answers": response.answers, "texts": texts_of(response)}
            changes, later = tuple(_changes(response, kept, after)), kept
        found.append(_line(row, kept, others, changes=changes))
    return found


def put_right(
    user: User, client: Client, *, sees_safety: bool, after: str = ""
) -> tuple[list[HistoryLine], paging.Page[Correction]]:
    """A page of everything that was put right in the record, latest first; what is asked in the room only is for
    whoever may see safety."""
    rows = _corrections(client)
    if not sees_safety:
        versions = rows.exclude(response=None).order_by().values_list("response__version", flat=True).distinct()
        hidden = [pk for pk in versions if published(pk).definition.in_room_only]
        rows = rows.exclude(response__version__in=hidden)
    page = paging.page(rows, ("-made_at", "-id"), after)
    others = _elsewhere(user, client, page.rows)
    return [_line(row, _kept(row), others) for row in page.rows], page


def _corrections(client: Client) -> QuerySet[Correction]:
    return Correction.objects.filter(practice=client.practice_id, client=client).select_related(
        "made_by", "response__version__instrument", "response__session"
    )


def _kept(row: Correction) -> dict[str, Any]:
    return json.loads(row.before) if row.before else {}


def _line(
    row: Correction, kept: Mapping[str, Any], others: Mapping[UUID, Client], changes: tuple[Change, ...] = ()
) -> HistoryLine:
    here = row.response if row.response and row.response.client_id == row.client_id else None
    session = kept.get("session")
    return HistoryLine(
        pk=row.pk,
        kind=row.kind,
        what=_("Session entered by mistake") if session else row.get_kind_display(),
        at=row.made_at,
        who=row.made_by.name,
        reason=row.reason,
        changes=changes,
        told=tuple(_told(kept)),
        subject=row.response.version.instrument.title if row.response else "",
        response_id=here.pk if here else None,
        session_id=UUID(session) if session else None,
        elsewhere=others.get(row.pk),
        away_id=row.response_id if row.response and row.response.client_id != row.client_id else None,
    )


def _told(kept: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What stood there before, as (name, text)."""
    if "about" in kept:
        yield _("It said"), kept["about"] or _("nothing")
    if "session" in kept:
        attendance = dict(TherapySession.Attendance.choices).get(kept["attendance"], "")
        starts_at = parse_datetime(kept["starts_at"])
        if starts_at is not None:
            yield _("The session"), f"{date_format(timezone.localtime(starts_at), 'j M Y, H:i')}, {attendance}"
        if kept["note"]:
            yield _("Its note"), kept["note"]
    if "code" in kept:
        yield _("The other record"), kept["code"]
        for label, there in ((_("That record said"), kept["record"]), (_("This record said"), kept.get("here", {}))):
            if words := _contact(there):
                yield label, words
        for episode in kept["episodes"]:
            days = [date.fromisoformat(episode[name]) for name in ("starts_on", "ends_on") if episode[name]]
            span = " – ".join(date_format(day, "j M Y") for day in days)
            yield _("Episode that became part of one"), ": ".join(filter(None, (span, episode["closing_note"])))


def _contact(said: Mapping[str, str]) -> str:
    """How the person was reached and signed in, a line each; what is not there did not change."""
    lines = []
    if "safe_contact" in said:
        way = dict(Client.SafeContact.choices).get(said["safe_contact"], said["safe_contact"])
        lines.append(_("Safe way of contact: %(way)s") % {"way": way})
    for name, words in CONTACT.items():
        if name in said:
            lines.append(words % {"text": said[name] or _("nothing")})
    return "\n".join(lines)


def _changes(response: Response, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    """Each answer that differs between two states of the answers, in the order of asking."""
    values = {**before["answers"], **after["answers"]}
    for question in questions_for(response.version.definition, asked_for(response, values)):
        text = question.wording(response.respondent)
        if question.frame_label:
            text = f"{text} ({question.frame_label})"
        pairs: list[tuple[str, str, Question | None]] = [(text, question.id, question)]
        if question.note_id:
            pairs.append((_("Note: %(question)s") % {"question": text}, question.note_id, None))
        for words, name, asked in pairs:
            old, new = _shown(asked, name, before), _shown(asked, name, after)
            if old != new:
                yield Change(words, old or _("left open"), new or _("left open"))


def _shown(question: Question | None, name: str, state: Mapping[str, Any]) -> str:
    if question is None or question.kind == "text":
        return str(state["texts"].get(name, ""))
    return readable(question, state["answers"].get(name))


def _elsewhere(user: User, client: Client, rows: Sequence[Correction]) -> dict[UUID, Client]:
    """By correction: the other record of a move, where the reader may open that too. Two queries, where one moved."""
    moves = [row for row in rows if row.kind in (Kind.MOVED_AWAY, Kind.MOVED_HERE) and row.response_id]
    if not moves:
        return {}
    other = Correction.objects.filter(
        response__in={row.response_id for row in moves}, kind__in=(Kind.MOVED_AWAY, Kind.MOVED_HERE)
    ).exclude(client=client)
    places: dict[tuple[Any, ...], Any] = {
        (response, at, kind): whose
        for response, at, kind, whose in other.values_list("response", "made_at", "kind", "client")
    }
    may = {row.pk: row for row in clients_for(user, Permission.SEE_CLINICAL).filter(pk__in=set(places.values()))}
    found = {}
    for row in moves:
        counter = Kind.MOVED_HERE if row.kind == Kind.MOVED_AWAY else Kind.MOVED_AWAY
        place = places.get((row.response_id, row.made_at, counter))
        if place in may:
            found[row.pk] = may[place]
    return found
