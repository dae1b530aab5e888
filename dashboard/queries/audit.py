"""Reading the audit trail of one practice: filters, pages by key, rows with names for people to read."""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clients.access import clients_for
from clients.models import Client
from dashboard.audit_words import PART_OF_RECORD, is_quiet, subject_words, words
from practice import paging
from practice.grants import Permission
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
    """One event in words. ``actor`` is empty for the system and for somebody who was not signed in.

    ``quiet``: it could tell of a safety flag, which this reader may not see of this client; so it says that a part of
    the record was opened or changed, and which colleague did it, and no more.
    """

    event: AuditEvent
    actor: str
    what: str
    subject: str
    client: str
    detail: str
    quiet: bool = False


@dataclass(frozen=True)
class _Known:
    """Of a client: the code, their user, and whether the reader sees safety flags."""

    code: str = ""
    user_id: uuid.UUID | None = None
    seen: bool = False


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


def lines(
    practice: Practice, chosen: Filter, after: str, *, reader: User
) -> tuple[list[Line], paging.Page[AuditEvent]]:
    """A page of lines, latest first, in three queries (four on later pages)."""
    page = paging.page(events(practice, chosen), ("-at", "-id"), after)
    return list(_lines(practice, page.rows, reader)), page


def _known(practice: Practice, rows: Sequence[AuditEvent], reader: User) -> dict[uuid.UUID | None, _Known]:
    ids = {row.client_id for row in rows if row.client_id}
    seen = Exists(clients_for(reader, Permission.SEE_SAFETY).filter(pk=OuterRef("pk")))
    found = Client.objects.filter(practice=practice, pk__in=ids).annotate(seen=seen)
    rows_of = found.values_list("pk", "code", "user_id", "seen")
    return {pk: _Known(code, user_id, sees) for pk, code, user_id, sees in rows_of}


def _lines(practice: Practice, rows: Sequence[AuditEvent], reader: User) -> Iterator[Line]:
    people = {row.actor_id for row in rows if row.actor_id}
    people |= {row.subject_id for row in rows if row.subject_id and row.subject == "user"}
    names: dict[uuid.UUID | None, str] = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    clients = _known(practice, rows, reader)
    for row in rows:
        client = clients.get(row.client_id, _Known())
        if not client.seen and is_quiet(row.action, row.subject, row.detail.get("page")):
            yield _quiet(row, client, names)
            continue
        detail = dict(row.detail)
        if row.subject == "user" and row.subject_id != row.actor_id:
            detail = {"of": names.get(row.subject_id, "")} | detail
        yield Line(
            event=row,
            actor=names.get(row.actor_id, ""),
            what=words(row.action),
            subject=subject_words(row.action, row.subject),
            client=client.code,
            detail=describe(detail),
        )


def _quiet(row: AuditEvent, client: _Known, names: dict[uuid.UUID | None, str]) -> Line:
    """What the client did looks like what the system did: a flag is raised by nobody."""
    actor = "" if row.actor_id == client.user_id else names.get(row.actor_id, "")
    opened = row.action in (*READS, "denied")
    what = words(row.action) if opened else str(PART_OF_RECORD)
    return Line(
        event=row,
        actor=actor,
        what=what,
        subject=str(PART_OF_RECORD) if opened else "",
        client=client.code,
        detail="",
        quiet=True,
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


def export(practice: Practice, chosen: Filter, *, reader: User) -> Iterator[list[str]]:
    """Rows for a CSV file, latest first, heading included; read in chunks by key. Every cell is text."""
    yield list(HEAD)
    after, given = "", 0
    while given < EXPORT_ROWS:
        page = paging.page(events(practice, chosen), ("-at", "-id"), after, size=CHUNK)
        for line in _lines(practice, page.rows, reader):
            yield [text_cell(value) for value in _cells(line)]
        given += len(page.rows)
        if not page.next_query:
            return
        after = str(page.rows[-1].pk)


def _cells(line: Line) -> tuple[object, ...]:
    event = line.event
    at = event.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if line.quiet:
        action = event.action if line.subject else "record"
        actor = event.actor_id if line.actor else ""
        return (at, line.actor, actor, action, event.basis, "record", "", line.client, line.detail, "")
    return (
        at,
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
