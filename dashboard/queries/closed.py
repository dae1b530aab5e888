"""The caseload's other lists: discharged clients, and everybody, with the dates of the latest episode."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, QuerySet, Subquery

from clients.models import Client, Episode, TherapySession
from dashboard import choice as codes
from dashboard.cases import Person
from dashboard.choice import Choice, plain
from dashboard.queries.alerts import Flag
from dashboard.queries.caseload_page import key_of, page_key

SIZE = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One client with the latest episode's dates, the last session held, and a safety flag that is not closed."""

    client: Person
    status: str
    since: date | None
    until: date | None
    last_session: datetime | None
    flag: Flag | None = None

    @property
    def is_discharged(self) -> bool:
        return self.status == Client.Status.DISCHARGED

    @property
    def status_words(self) -> str:
        return str(Client.Status(self.status).label)


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of entries. ``after`` is the key of the next one; ``count`` counts the whole list."""

    entries: list[Entry]
    after: str
    is_later: bool
    count: int


def chosen(clients: QuerySet[Client], tab: str) -> QuerySet[Client]:
    """The clients of a tab; an unknown code gives those in care. A record that was joined with another is nowhere."""
    if tab == codes.EVERYBODY:
        return clients.exclude(status=Client.Status.MERGED)
    return clients.filter(status=Client.Status.DISCHARGED if tab == codes.DISCHARGED else Client.Status.ACTIVE)


def in_care(clients: QuerySet[Client]) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """The ids of all these clients, and of those in care, in one query."""
    found = list(clients.values_list("pk", "status"))
    return [pk for pk, _status in found], [pk for pk, status in found if status == Client.Status.ACTIVE]


def entries(clients: QuerySet[Client], choice: Choice, *, search: str = "", flags: Sequence[Flag] = ()) -> list[Entry]:
    """All of this tab that was chosen, in the chosen order, in one query."""
    latest = Episode.objects.filter(client=OuterRef("pk")).order_by("-number")
    held = TherapySession.objects.filter(practice=OuterRef("practice"), client=OuterRef("pk"), attendance="held")
    rows = chosen(clients, choice.tab).annotate(
        since=Subquery(latest.values("starts_on")[:1]),
        until=Subquery(latest.values("ends_on")[:1]),
        last=Subquery(held.order_by("-starts_at").values("starts_at")[:1]),
    )
    flagged: dict[uuid.UUID, Flag] = {flag.client_id: flag for flag in reversed(flags)}
    words = plain(search).split()
    found = []
    people = ("pk", "code", "first_name", "last_name", "called")
    for *person, status, since, until, last in rows.values_list(*people, "status", "since", "until", "last"):
        client = Person(*person)
        flag = flagged.get(client.pk)
        if (flag or codes.FLAG not in choice.shows) and client.is_called(words):
            found.append(Entry(client, status, since, until, last, flag))
    found.sort(key=lambda one: one.client.order, reverse=choice.backwards and choice.sort == codes.NAME)
    if choice.sort == codes.LAST:
        met = [(one.last_session, one) for one in found if one.last_session]
        met.sort(key=lambda pair: pair[0], reverse=choice.backwards)
        found = [one for _at, one in met] + [one for one in found if not one.last_session]
    return found


def page(found: list[Entry], after: str) -> EntryPage:
    """One page of these. An unknown key gives the first."""
    anchor = key_of(after)
    start = next((place for place, one in enumerate(found, 1) if one.client.pk == anchor), 0)
    shown = found[start : start + SIZE]
    more = len(found) > start + SIZE
    return EntryPage(shown, page_key(shown[-1].client) if more else "", start > 0, len(found))
