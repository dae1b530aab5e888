"""The caseload: one row a client, partners of a couple next to each other, read from trajectories only.

A page has a fixed number of queries whatever its length: clients, partners, sessions, assignments, burden, focus
barriers, flags. Names and couples are read of the whole caseload, one clinician's; all else of one page.
"""

import base64
import binascii
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, F, FilteredRelation, Max, Min, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext

from assessments.models import NO_RELATIONSHIP, Assignment, Trajectory
from clients.barriers import BY_CODE
from clients.models import Client, FocusBarrier, Partner, TherapySession
from dashboard.queries.alerts import Flag
from practice.models import Membership, Practice

PAGE = 50
BURDEN, PREFIX = "barriers.burden", "barriers."
ORDER = ("last_name", "first_name", "id")
SHOWN = ("first_name", "last_name", "called", "code")
"""What is read of each client."""


@dataclass(frozen=True, slots=True)
class Series:
    """The latest value of a scale, its change since this episode's baseline, and its points as in ``Trajectory``."""

    name: str
    latest: float | None = None
    change: float | None = None
    count: int = 0
    points: str = ""

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
    people = list(clients.order_by(*ORDER).only(*SHOWN))
    pairs = _pairs(people)
    seconds = {second.pk for second in pairs.values()}
    leaders = _after([client for client in people if client.pk not in seconds], after)
    shown = _fitting(leaders, pairs)
    more, leaders = len(leaders) > len(shown), shown
    cases = [Case((Row(client), Row(pairs[client.pk])) if client.pk in pairs else (Row(client),)) for client in leaders]
    rows = {row.client.pk: row for case in cases for row in case.rows}
    _fill(rows, membership.practice, at)
    for flag in flags:
        if flag.client_id in rows:
            rows[flag.client_id].flag = flag.id
    return Page(cases, page_key(leaders[-1]) if more else "", bool(after))


def _pairs(people: Sequence[Client]) -> dict[uuid.UUID, Client]:
    """The second partner by the first one's id, where both are among these people; the first comes first here."""
    by_id = {client.pk: client for client in people}
    order = {pk: place for place, pk in enumerate(by_id)}
    seats: dict[uuid.UUID, list[uuid.UUID]] = {}
    for couple, client in Partner.objects.filter(ended=False, client__in=order).values_list("couple_id", "client_id"):
        seats.setdefault(couple, []).append(client)
    both = [sorted(pair, key=order.__getitem__) for pair in seats.values() if len(pair) == 2]
    return {first: by_id[second] for first, second in both}


def _fitting(leaders: list[Client], pairs: Mapping[uuid.UUID, Client]) -> list[Client]:
    """As many cases as make up to ``PAGE`` rows; a couple, which has two, is never parted."""
    rows = 0
    for place, leader in enumerate(leaders):
        rows += 2 if leader.pk in pairs else 1
        if rows > PAGE:
            return leaders[: max(place, 1)]
    return leaders


def page_key(client: Client) -> str:
    """The opaque key of the page after this client: its id only, never a name."""
    return base64.urlsafe_b64encode(client.pk.bytes).decode().rstrip("=")


def _after(leaders: list[Client], key: str) -> list[Client]:
    """Those that follow the one whose key it is; all of them for any other key. It is looked up among these only: the
    place of somebody else's client must not show in whose names follow."""
    try:
        pk = uuid.UUID(bytes=base64.urlsafe_b64decode(key + "=="))
    except (ValueError, binascii.Error):
        return leaders
    place = next((place for place, client in enumerate(leaders, 1) if client.pk == pk), 0)
    return leaders[place:]


def _fill(rows: dict[uuid.UUID, Row], practice: Practice, at: datetime) -> None:
    ids = list(rows)
    _sessions(rows, ids, practice, at)
    _assignments(rows, ids, practice, practice.today(at))
    _burden(rows, ids, practice)
    _focus(rows, ids, practice)


def _sessions(rows: dict[uuid.UUID, Row], ids: list[uuid.UUID], practice: Practice, at: datetime) -> None:
    dates = (
        TherapySession.objects.filter(practice=practice, client__in=ids)
        .values("client_id")
        .annotate(
            last=Max("starts_at", filter=Q(attendance="held", starts_at__lte=at)),
            next=Min("starts_at", filter=Q(attendance="planned", starts_at__gt=at)),
        )
        .values_list("client_id", "last", "next")
    )
    for client_id, last, upcoming in dates:
        rows[client_id].last_session, rows[client_id].next_session = last, upcoming


def _assignments(rows: dict[uuid.UUID, Row], ids: list[uuid.UUID], practice: Practice, today: date) -> None:
    work = (
        Assignment.objects.filter(practice=practice, client__in=ids, state="open", episode__ends_on=None)
        .values("client_id")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=today)))
        .values_list("client_id", "open", "overdue")
    )
    for client_id, count, overdue in work:
        rows[client_id].open, rows[client_id].overdue = count, overdue


_OWN = {
    "respondent": "client",
    "relationship": Coalesce(F("client__relationship_id"), Value(NO_RELATIONSHIP), output_field=UUIDField()),
}
"""A series of the client's own answers about the relationship that the measures are about now."""


def _burden(rows: dict[uuid.UUID, Row], ids: list[uuid.UUID], practice: Practice) -> None:
    """The burden of the open episode, with its sparkline."""
    lines = Trajectory.objects.filter(
        practice=practice, client__in=ids, scale=BURDEN, episode__ends_on=None, **_OWN
    ).values_list("client_id", "baseline", "latest", "count", "points")
    for client_id, baseline, latest, count, points in lines:
        change = latest - baseline if count > 1 else None
        rows[client_id].burden = Series("", latest, change, count, points)


def _focus(rows: dict[uuid.UUID, Row], ids: list[uuid.UUID], practice: Practice) -> None:
    """The barriers in focus by slot, each with the client's ratings of it in its episode, where there are any."""
    scale = Concat(Value(PREFIX), F("barrier"))
    own = {"scale": scale, "practice": practice, "episode": F("episode"), **_OWN}
    line = FilteredRelation(
        "client__trajectories", condition=Q(**{f"client__trajectories__{name}": value for name, value in own.items()})
    )
    found = (
        FocusBarrier.objects.filter(practice=practice, client__in=ids, state="active")
        .annotate(line=line)
        .order_by("slot")
    )
    wanted = ("client_id", "barrier", "line__baseline", "line__latest", "line__count")
    names = {code: str(barrier.name) for code, barrier in BY_CODE.items()}
    for client_id, code, baseline, latest, count in found.values_list(*wanted):
        change = latest - baseline if count and count > 1 else None
        rows[client_id].focus.append(Series(names[code], latest, change, count or 0))
