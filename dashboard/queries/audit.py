"""Reading the audit trail of one practice: filters, pages by key, rows with names for people to read."""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from dashboard.audit_words import subject_words, words
from practice import paging
from practice.localtime import at_or_after
from practice.models import AuditEvent, Membership, Practice, User
from practice.spreadsheets import text_cell

READS = ("opened", "opened-list")
SIGN_IN = (
    "signed-in",
    "signed-out",
    "sign-in-failed",
    "second-step-failed",
    "password-changed",
    "password-reset",
    "second-step-on",
    "second-step-off",
    "second-step-renewed",
)
KINDS = (
    ("r", _("Openings")),
    ("w", _("Changes")),
    ("s", _("Sign-in")),
    ("d", _("Denied")),
)
CHUNK = 500
EXPORT_ROWS = 100_000


@dataclass(frozen=True)
class Filter:
    """What to show: of one person (a user's id), of one kind, between two days (both inclusive)."""

    person: Any = None
    kind: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Line:
    """One event in words. ``actor`` is empty for the system and for somebody who was not signed in."""

    event: AuditEvent
    actor: str
    what: str
    subject: str
    client: str
    detail: str


def events(practice: Practice, chosen: Filter) -> QuerySet[AuditEvent]:
    """The practice's events that the filter lets through."""
    rows = AuditEvent.objects.filter(practice_id=practice.pk)
    if chosen.person:
        rows = rows.filter(Q(actor_id=chosen.person) | Q(subject="user", subject_id=chosen.person))
    if chosen.kind:
        rows = rows.filter(_kind(chosen.kind))
    if chosen.since:
        rows = rows.filter(at__gte=_start(chosen.since, practice.zone))
    if chosen.until:
        rows = rows.filter(at__lt=_start(chosen.until + timedelta(days=1), practice.zone))
    return rows


def _start(day: date, zone: ZoneInfo) -> datetime:
    return at_or_after(datetime.combine(day, time()), zone)


def _kind(kind: str) -> Q:
    if kind == "r":
        return Q(action__in=READS)
    if kind == "s":
        return Q(action__in=SIGN_IN)
    if kind == "d":
        return Q(action="denied")
    return ~Q(action__in=(*READS, *SIGN_IN, "denied"))


def lines(practice: Practice, chosen: Filter, after: str) -> tuple[list[Line], paging.Page[AuditEvent]]:
    """A page of lines, latest first, in three queries (four on later pages)."""
    page = paging.page(events(practice, chosen), ("-at", "-id"), after)
    return list(_lines(practice, page.rows)), page


def _lines(practice: Practice, rows: Sequence[AuditEvent]) -> Iterator[Line]:
    people = {row.actor_id for row in rows if row.actor_id}
    people |= {row.subject_id for row in rows if row.subject_id and row.subject == "user"}
    names: dict[uuid.UUID | None, str] = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    clients = Client.objects.filter(practice=practice, pk__in={row.client_id for row in rows if row.client_id})
    codes: dict[uuid.UUID | None, str] = dict(clients.values_list("pk", "code"))
    for row in rows:
        detail = dict(row.detail)
        if row.subject == "user" and row.subject_id != row.actor_id:
            detail = {"of": names.get(row.subject_id, "")} | detail
        yield Line(
            event=row,
            actor=names.get(row.actor_id, ""),
            what=words(row.action),
            subject=subject_words(row.action, row.subject),
            client=codes.get(row.client_id, ""),
            detail=describe(detail),
        )


def describe(detail: dict[str, Any]) -> str:
    """The detail's codes and counts in one line."""
    parts = [f"{key} {_plain(value)}" for key, value in detail.items() if value not in ("", None, [], {})]
    return " · ".join(parts).replace("_", " ")


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


HEAD = (
    *("time_utc", "person", "person_id", "action", "basis"),
    *("subject", "subject_id", "client_code", "detail", "request"),
)


def export(practice: Practice, chosen: Filter) -> Iterator[list[str]]:
    """Rows for a CSV file, latest first, heading included; read in chunks by key. Every cell is text."""
    yield list(HEAD)
    after, given = "", 0
    while given < EXPORT_ROWS:
        page = paging.page(events(practice, chosen), ("-at", "-id"), after, size=CHUNK)
        for line in _lines(practice, page.rows):
            yield [text_cell(value) for value in _cells(line)]
        given += len(page.rows)
        if not page.next_query:
            return
        after = str(page.rows[-1].pk)


def _cells(line: Line) -> tuple[object, ...]:
    event = line.event
    return (
        event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        line.actor,
        event.actor_id,
        event.action,
        event.basis,
        event.subject,
        event.subject_id,
        line.client,
        line.detail,
        event.request_id,
    )


def membership_of(practice: Practice, pk: str) -> Membership | None:
    """A member of the practice by id, for a stored filter; nothing for one that is gone or not theirs."""
    return Membership.objects.filter(practice=practice, pk=pk).first() if pk else None
