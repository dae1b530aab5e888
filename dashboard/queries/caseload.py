"""The caseload: one row a client, partners of a couple next to each other, read from trajectories only.

A page has a fixed number of queries whatever its length: clients, partners, sessions, assignments, focus barriers,
trajectories. What stands on top is read by ``alerts``.
"""

import base64
import binascii
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext

from assessments.models import NO_RELATIONSHIP, Assignment, Trajectory
from clients.barriers import BY_CODE
from clients.models import Client, FocusBarrier, Partner, TherapySession
from dashboard.queries.alerts import Flag
from practice.models import Membership
from reports.charts import Spark, sparkline

PAGE = 50
BURDEN = "barriers.burden"
ORDER = ("last_name", "first_name", "id")


@dataclass(frozen=True, slots=True)
class Series:
    """The latest value of a scale, its change since the baseline of this episode, and its sparkline."""

    name: str
    latest: float | None = None
    change: float | None = None
    count: int = 0
    points: Spark | None = None

    @property
    def change_words(self) -> str:
        """The raw change since the baseline, or why there is none."""
        if self.change is None:
            return gettext("first answer")
        if round(self.change, 1) == 0:
            return gettext("as at the start (%(n)d answers)") % {"n": self.count}
        text = gettext("%(change)s since the start (%(n)d answers)")
        return text % {"change": f"{self.change:+.1f}".replace("-", "−"), "n": self.count}


@dataclass(slots=True)
class Row:
    """What one line of the caseload shows of one client."""

    client: Client
    last_session: datetime | None = None
    next_session: datetime | None = None
    open: int = 0
    overdue: int = 0
    flag: uuid.UUID | None = None
    burden: Series | None = None
    last_answer: datetime | None = None
    focus: list[Series] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    """One client, or two partners of a couple who are both in this care."""

    rows: tuple[Row, ...]

    @property
    def is_couple(self) -> bool:
        return len(self.rows) == 2


@dataclass(frozen=True, slots=True)
class Page:
    """One page of cases and the keys of its neighbours."""

    cases: list[Case]
    after: str
    is_later: bool

    @property
    def next_query(self) -> str:
        return f"?after={self.after}" if self.after else ""


def read(
    clients: QuerySet[Client],
    *,
    membership: Membership,
    after: str = "",
    flags: Sequence[Flag] = (),
    at: datetime | None = None,
) -> Page:
    """One page of these clients. ``after`` is a page key from an earlier page; a bad one gives the first page.

    ``flags`` mark the rows of their clients; none for a supervisor, to whom they are shown only when escalated.
    """
    at = at or timezone.now()
    today = membership.practice.today(at)
    leaders = list(_after(_leaders(clients), after).order_by(*ORDER)[: PAGE + 1])
    more, leaders = len(leaders) > PAGE, leaders[:PAGE]
    partners = _partners(clients, leaders)
    rows = {client.pk: Row(client) for client in [*leaders, *partners.values()]}
    _fill(rows, today=today, at=at)
    for flag in flags:
        if flag.client_id in rows:
            rows[flag.client_id].flag = flag.id
    cases = [
        Case((rows[client.pk], rows[partners[client.pk].pk]) if client.pk in partners else (rows[client.pk],))
        for client in leaders
    ]
    return Page(cases, page_key(leaders[-1]) if more else "", bool(after))


def _leaders(clients: QuerySet[Client]) -> QuerySet[Client]:
    """Clients without the second of two partners (by name) who are both in this queryset."""
    mine = clients.values("pk")
    before = (
        Q(client__last_name__lt=OuterRef("last_name"))
        | Q(client__last_name=OuterRef("last_name"), client__first_name__lt=OuterRef("first_name"))
        | Q(
            client__last_name=OuterRef("last_name"),
            client__first_name=OuterRef("first_name"),
            client__lt=OuterRef("pk"),
        )
    )
    earlier_partner = Partner.objects.filter(
        before, ended=False, client__in=mine, couple__partners__client=OuterRef("pk"), couple__partners__ended=False
    )
    return clients.exclude(Exists(earlier_partner))


def _partners(clients: QuerySet[Client], leaders: list[Client]) -> dict[uuid.UUID, Client]:
    """The partner of each leader, where both are in this queryset."""
    seats = (
        Partner.objects.filter(
            ended=False,
            client__in=clients.values("pk"),
            couple__partners__client__in=[client.pk for client in leaders],
            couple__partners__ended=False,
        )
        .exclude(client=F("couple__partners__client"))
        .select_related("client")
        .annotate(leader=F("couple__partners__client"))
    )
    return {seat.leader: seat.client for seat in seats}


def page_key(client: Client) -> str:
    """The opaque key of the page after this client: its id only, never a name."""
    return base64.urlsafe_b64encode(client.pk.bytes).decode().rstrip("=")


def _after(clients: QuerySet[Client], key: str) -> QuerySet[Client]:
    try:
        pk = uuid.UUID(bytes=base64.urlsafe_b64decode(key + "=="))
    except (ValueError, binascii.Error):
        return clients
    # Looked up among these clients only: the place of somebody else's client must not show in whose names follow.
    last = clients.filter(pk=pk).values_list("last_name", "first_name").first()
    if last is None:
        return clients
    name, first = last
    return clients.filter(
        Q(last_name__gt=name) | Q(last_name=name, first_name__gt=first) | Q(last_name=name, first_name=first, pk__gt=pk)
    )


def _fill(rows: dict[uuid.UUID, Row], *, today: date, at: datetime) -> None:
    ids = list(rows)
    _sessions(rows, ids, at)
    _assignments(rows, ids, today)
    focus = list(
        FocusBarrier.objects.filter(client__in=ids, state="active").order_by("slot").values_list("client_id", "barrier")
    )
    series = _trajectories(rows, ids, {code for _client, code in focus})
    for client_id, code in focus:
        rows[client_id].focus.append(series.get((client_id, code)) or Series(str(BY_CODE[code].name)))


def _sessions(rows: dict[uuid.UUID, Row], ids: list[uuid.UUID], at: datetime) -> None:
    dates = (
        TherapySession.objects.filter(client__in=ids)
        .values("client_id")
        .annotate(
            last=Max("starts_at", filter=Q(attendance="held", starts_at__lte=at)),
            next=Min("starts_at", filter=Q(attendance="planned", starts_at__gt=at)),
        )
        .values_list("client_id", "last", "next")
    )
    for client_id, last, upcoming in dates:
        rows[client_id].last_session, rows[client_id].next_session = last, upcoming


def _assignments(rows: dict[uuid.UUID, Row], ids: list[uuid.UUID], today: date) -> None:
    work = (
        Assignment.objects.filter(client__in=ids, state="open", episode__ends_on=None)
        .values("client_id")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=today)))
        .values_list("client_id", "open", "overdue")
    )
    for client_id, count, overdue in work:
        rows[client_id].open, rows[client_id].overdue = count, overdue


def _trajectories(
    rows: dict[uuid.UUID, Row], ids: list[uuid.UUID], codes: set[str]
) -> dict[tuple[uuid.UUID, str], Series]:
    """Burden into the rows; these barriers by client and code. The client's own ratings in the open episode."""
    found: dict[tuple[uuid.UUID, str], Series] = {}
    trajectories = Trajectory.objects.filter(
        client__in=ids,
        scale__in=[BURDEN, *(f"barriers.{code}" for code in codes)],
        respondent="client",
        episode__ends_on=None,
        relationship=Coalesce("client__relationship_id", Value(NO_RELATIONSHIP), output_field=UUIDField()),
    ).values_list("client_id", "scale", "baseline", "latest", "count", "points", "latest_at")
    for client_id, scale, baseline, latest, count, points, latest_at in trajectories:
        code = scale.removeprefix("barriers.")
        name = str(BY_CODE[code].name) if code in BY_CODE else ""
        change = latest - baseline if count > 1 else None
        series = Series(name, latest, change, count, sparkline(points, width=80, height=20))
        if scale == BURDEN:
            rows[client_id].burden, rows[client_id].last_answer = series, latest_at
        else:
            found[client_id, code] = series
    return found
