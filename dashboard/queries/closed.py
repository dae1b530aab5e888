"""The caseload's other lists: discharged clients, and everybody, with the dates of the latest episode."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Episode, TherapySession
from practice import paging

IN_CARE, DISCHARGED, EVERYBODY = "a", "b", "c"
TABS: tuple[tuple[str, Promise], ...] = (
    (IN_CARE, _("In care")),
    (DISCHARGED, _("Discharged")),
    (EVERYBODY, _("All")),
)
"""Opaque codes of the address (``?s=``): it says nothing about a client."""

ORDER = ("last_name", "first_name", "id")


@dataclass(frozen=True, slots=True)
class Entry:
    """One client with the latest episode's dates and the last session held."""

    client: Client
    since: date | None
    until: date | None
    last_session: datetime | None

    @property
    def is_discharged(self) -> bool:
        return self.client.status == Client.Status.DISCHARGED


def chosen(clients: QuerySet[Client], code: str) -> QuerySet[Client]:
    """The clients of a tab; an unknown code gives those in care."""
    if code == EVERYBODY:
        return clients
    discharged = Q(status=Client.Status.DISCHARGED)
    return clients.filter(discharged if code == DISCHARGED else ~discharged)


def entries(clients: QuerySet[Client], after: str) -> tuple[list[Entry], paging.Page[Client]]:
    """A page of clients by name, in two queries (three on later pages)."""
    latest = Episode.objects.filter(client=OuterRef("pk")).order_by("-number")
    rows: QuerySet[Any] = clients.annotate(
        since=Subquery(latest.values("starts_on")[:1]), until=Subquery(latest.values("ends_on")[:1])
    )
    page = paging.page(rows, ORDER, after)
    held = TherapySession.objects.filter(client__in=[row.pk for row in page.rows], attendance="held")
    last: dict[uuid.UUID, datetime] = dict(held.values_list("client_id").annotate(Max("starts_at")))
    return [Entry(row, row.since, row.until, last.get(row.pk)) for row in page.rows], page
