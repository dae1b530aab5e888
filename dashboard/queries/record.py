"""The overview of a client's record: every row is read once, in five queries beside those of the frame.

Sessions, scores of the twelve barriers, focus barriers, life events, open assignments; the rest is arithmetic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from assessments.models import Assignment
from assessments.queries.asked import open_assignments
from assessments.queries.barriers import BarrierColumns, barrier_columns
from clients.barriers import BY_CODE, MAX_FOCUS, Barrier
from clients.models import Client, Episode, FocusBarrier, LifeEvent, SafetyFlag, TherapySession
from clients.queries.course import life_events
from reports.builders.barrier_map import BarrierMap, assemble, ends_of
from reports.builders.scores import signed
from reports.charts.barrier_map import Row

State = FocusBarrier.State
Attendance = TherapySession.Attendance
LATEST_EVENTS = 5


@dataclass(frozen=True, slots=True)
class FocusLine:
    """A barrier in focus: its row of the map and the latest rating of each rater."""

    row: Row
    clinician: float | None

    @property
    def change(self) -> str:
        """The client's raw change since the baseline; empty with fewer than two answers."""
        return "" if self.row.change is None else signed(self.row.change)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A barrier that waits for a decision."""

    barrier: Barrier
    by_client: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """One barrier whose rating differs from the one before."""

    name: str
    before: float
    now: float


@dataclass(frozen=True, slots=True)
class Since:
    """What the client's latest submission changed against the one before, barrier by barrier, in raw numbers."""

    day: date
    before: date
    moved: tuple[Moved, ...]
    same: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the overview. ``plan`` is empty while nothing was answered or held."""

    episode: Episode | None
    plan: BarrierMap
    last: TherapySession | None
    next: TherapySession | None
    work: list[Assignment]
    focus: tuple[FocusLine, ...]
    proposals: tuple[Proposal, ...]
    events: tuple[LifeEvent, ...]
    since: Since | None
    today: date
    held: int = 0
    submissions: int = 0
    answered: datetime | None = None
    elsewhere: bool = False
    """The client's latest answers are about another relationship than the one that measures are about."""

    @property
    def overdue(self) -> int:
        """How many assignments are past their day."""
        return sum(row.due_on is not None and row.due_on < self.today for row in self.work)

    @property
    def proposed(self) -> set[str]:
        """Opaque codes that wait for a decision."""
        return {one.barrier.opaque for one in self.proposals}

    @property
    def ticked(self) -> set[str]:
        """What the focus form begins with: what is in focus, and what is proposed as far as there is room."""
        chosen = {line.row.opaque for line in self.focus}
        return chosen | self.proposed if len(chosen | self.proposed) <= MAX_FOCUS else chosen


def overview(client: Client, episode: Episode | None, *, at: datetime | None = None) -> Overview:
    """Read the overview of a client that was loaded through access; without an episode there is nothing to read."""
    at = at or timezone.now()
    today = client.practice.today(at)
    if episode is None:
        return Overview(None, BarrierMap((), ()), None, None, [], (), (), (), None, today)
    sessions = list(
        TherapySession.objects.filter(client=client, episode=episode).defer("note").order_by("starts_at", "id")
    )
    held = [row for row in sessions if row.attendance == Attendance.HELD]
    ahead = [row for row in sessions if row.attendance == Attendance.PLANNED and row.starts_at > at]
    columns = barrier_columns(client, episode, sessions=held)
    focus = list(FocusBarrier.objects.filter(client=client, episode=episode).order_by("starts_on", "id"))
    events = list(life_events(client, episode))
    decided = [row for row in focus if row.starts_on is not None]
    plan = assemble(client, columns.all, focus=decided, events=events, ends=ends_of(columns.sent))
    return Overview(
        episode=episode,
        plan=plan,
        last=held[-1] if held else None,
        next=ahead[0] if ahead else None,
        work=_work(client, at),
        focus=_focus(focus, plan),
        proposals=_proposals(focus),
        events=tuple(reversed(events[-LATEST_EVENTS:])),
        since=since_last(client, columns),
        today=today,
        held=len(held),
        submissions=len(columns.sent),
        answered=columns.sent[-1].at if columns.sent else None,
        elsewhere=bool(columns.sent) and columns.sent[-1].relationship not in (None, client.relationship_id),
    )


def _work(client: Client, at: datetime) -> list[Assignment]:
    """What is still asked; of its versions only the titles are shown."""
    rows = open_assignments(client, at).select_related(None).select_related("version__instrument")
    return list(rows.defer("version__data"))


def _focus(rows: Sequence[FocusBarrier], plan: BarrierMap) -> tuple[FocusLine, ...]:
    by_code = {row.code: row for row in plan.rows}
    active = sorted((row for row in rows if row.state == State.ACTIVE), key=lambda row: row.slot or 0)
    return tuple(FocusLine(by_code[row.barrier], _latest_clinician(by_code[row.barrier])) for row in active)


def _latest_clinician(row: Row) -> float | None:
    return next((cell.clinician for cell in reversed(row.cells) if cell.clinician is not None), None)


def _proposals(rows: Sequence[FocusBarrier]) -> tuple[Proposal, ...]:
    waiting = [row for row in rows if row.state == State.PROPOSED]
    waiting.sort(key=lambda row: (not row.proposed_by_client, row.proposed_at, str(row.pk)))
    return tuple(Proposal(BY_CODE[row.barrier], row.proposed_by_client, row.proposed_at) for row in waiting)


def since_last(client: Client, columns: BarrierColumns) -> Since | None:
    """Between the last two columns with answers about the same relationship; nothing while there are fewer."""
    rated = [column.client for column in columns.all if column.client]
    if not rated:
        return None
    latest = rated[-1]
    before = next((one for one in reversed(rated[:-1]) if one.relationship == latest.relationship), None)
    if before is None:
        return None
    pairs = [(code, before.values.get(code), latest.values.get(code)) for code in BY_CODE]
    moved = tuple(
        Moved(str(BY_CODE[code].name), old, new)
        for code, old, new in pairs
        if old is not None and new is not None and old != new
    )
    same = sum(old is not None and old == new for _code, old, new in pairs)
    return Since(
        day=client.practice.today(latest.at),
        before=client.practice.today(before.at),
        moved=moved,
        same=same,
        unanswered=len(pairs) - same - len(moved),
    )


def screen_state(client: Client, flags: Sequence[SafetyFlag]) -> str:
    """What the latest safety screen says, as a code: ``none``, ``flag`` (one is open), ``closed`` (something was
    reported, and its flag is closed), ``unanswered``, or ``nothing`` (nothing reported, which is never "safe").

    ``flags`` are all of the client's, for whoever may see safety.
    """
    day = client.safety_screened_on
    if day is None:
        return "none"
    if any(flag.state != SafetyFlag.State.CLOSED for flag in flags):
        return "flag"
    if any(client.practice.today(flag.raised_at) == day for flag in flags):
        return "closed"
    return "nothing" if client.safety_cleared else "unanswered"
