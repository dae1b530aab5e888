"""Items brought to supervision in words: what of the record they are about, and where that stands."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from assessments.models import Response
from assessments.queries.responses import submitted
from clients.access import Denied, get_child
from clients.barriers import BY_CODE, BY_OPAQUE
from clients.models import Client, SafetyFlag, SupervisionItem, TherapySession
from homework.models import Proposal

Kind = SupervisionItem.Kind
CODES: dict[str, str] = {kind.value[0]: kind.value for kind in Kind}
"""The kinds by the letters of addresses, which say nothing."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something of a record that may be brought; ``words`` names it and ``url`` opens it."""

    kind: str
    pk: uuid.UUID
    barrier: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One item with what it is about. ``url`` is empty where the reader may not open that."""

    item: SupervisionItem
    words: str
    url: str
    own: bool

    @property
    def waits(self) -> bool:
        return self.item.state == SupervisionItem.State.WAITING


def _when(moment: Any) -> str:
    return format_date(localtime(moment), "j M Y, H:i")


def subject(client: Client, letter: str, text: str, opaque: str) -> Subject:
    """What an address names, of this client only; ``Denied`` for anything else. The reader cares for the client."""
    kind = CODES.get(letter or "c", "")
    if kind == Kind.CLIENT:
        return Subject(kind, client.pk, "", _("The whole record"), reverse("dashboard:client", args=[client.pk]))
    if kind == Kind.BARRIER and opaque in BY_OPAQUE:
        barrier = BY_OPAQUE[opaque]
        return Subject(kind, client.pk, barrier.code, *_barrier(client.pk, barrier.code))
    rows: dict[str, QuerySet] = {
        Kind.SESSION: TherapySession.objects.all(),
        Kind.FLAG: SafetyFlag.objects.all(),
        Kind.RESPONSE: submitted(client),
        Kind.EXERCISE: Proposal.objects.select_related("version__exercise"),
    }
    try:
        pk = uuid.UUID(text)
    except ValueError:
        pk = None
    if kind not in rows or pk is None:
        raise Denied("client", client.pk)
    row: Model = get_child(rows[kind], client, pk)
    return Subject(kind, pk, "", *_about(client.pk, kind, row))


def _barrier(client: uuid.UUID, code: str) -> tuple[str, str]:
    barrier = BY_CODE[code]
    return _("Barrier: %(name)s") % {"name": barrier.name}, reverse("dashboard:barrier", args=[client, barrier.opaque])


def _about(client: uuid.UUID, kind: str, row: Any) -> tuple[str, str]:
    if kind == Kind.SESSION:
        words = _("Session of %(when)s") % {"when": _when(row.starts_at)}
        return words, reverse("dashboard:session", args=[client, row.pk])
    if kind == Kind.FLAG:
        words = _("Safety flag of %(when)s") % {"when": _when(row.raised_at)}
        return words, reverse("dashboard:flag", args=[row.pk])
    if kind == Kind.RESPONSE:
        words = _("%(title)s, sent %(when)s") % {
            "title": row.version.instrument.title,
            "when": _when(row.submitted_at),
        }
        return words, reverse("dashboard:response", args=[client, row.pk])
    words = _("Exercise: %(title)s") % {"title": row.version.exercise.title}
    return words, reverse("dashboard:client_homework", args=[client])


def lines(items: Iterable[SupervisionItem], *, reader: uuid.UUID) -> list[Line]:
    """These items in words, for the member ``reader``; a query a kind at most, however many items there are.

    A flag, and answers given in the room only, are opened by the care team: who else was asked about them reads the
    question and talks with whoever brought it.
    """
    rows = list(items)
    wanted: dict[str, set[uuid.UUID]] = {}
    for item in rows:
        wanted.setdefault(item.kind, set()).add(item.subject_id)
    found = {kind: _rows(kind, ids) for kind, ids in wanted.items()}
    return [_line(item, found[item.kind].get(item.subject_id), item.brought_by_id == reader) for item in rows]


def _rows(kind: str, ids: set[uuid.UUID]) -> dict[uuid.UUID, Any]:
    queries: dict[str, QuerySet] = {
        Kind.SESSION: TherapySession.objects.defer("note"),
        Kind.FLAG: SafetyFlag.objects.only("raised_at", "client_id"),
        Kind.RESPONSE: Response.objects.select_related("version__instrument").defer("answers"),
        Kind.EXERCISE: Proposal.objects.select_related("version__exercise").defer("version__data"),
    }
    return {row.pk: row for row in queries[kind].filter(pk__in=ids)} if kind in queries else {}


def _line(item: SupervisionItem, row: Any, own: bool) -> Line:
    client = item.client_id
    record = reverse("dashboard:client", args=[client])
    if item.kind == Kind.BARRIER:
        return Line(item, *_barrier(client, item.barrier), own)
    if item.kind == Kind.CLIENT:
        return Line(item, _("The whole record"), record, own)
    if row is None or row.client_id != client:  # moved away since, or put right
        return Line(item, _("No longer in this record"), "", own)
    words, url = _about(client, item.kind, row)
    if not own and item.kind == Kind.FLAG:
        return Line(item, words, "", own)
    if not own and item.kind == Kind.RESPONSE and row.version.definition.in_room_only:
        return Line(item, _("A submission"), "", own)
    return Line(item, words, url, own)
