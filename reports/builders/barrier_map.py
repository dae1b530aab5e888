"""Computes the barrier map of an episode: 12 barriers × held sessions, and a last column "since then"."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from assessments.queries.barriers import BarrierColumn, Rated
from clients.barriers import BARRIERS, Barrier
from clients.models import Client, Episode, FocusBarrier, LifeEvent
from reports.builders.dates import SHORT, day_text
from reports.charts.barrier_map import BarrierMap, Cell, Column, MapEvent, Row

__all__ = ["BarrierMap", "Ends", "assemble", "ends_of"]


@dataclass(frozen=True, slots=True)
class Ends:
    """First and latest value of a series, and how many there are."""

    baseline: float
    latest: float
    count: int


@dataclass(frozen=True, slots=True)
class CourseRows:
    """Decided focus barriers, and life events that were not withdrawn (never their notes), in order of time."""

    focus: tuple[FocusBarrier, ...]
    events: tuple[LifeEvent, ...]

    def since(self, day: date | None) -> tuple[LifeEvent, ...]:
        """Events on or after a day."""
        return tuple(event for event in self.events if day is None or event.happened_on >= day)


def read_course(client: Client, episode: Episode) -> CourseRows:
    """Two queries."""
    focus = FocusBarrier.objects.filter(client=client, episode=episode, starts_on__isnull=False)
    events = LifeEvent.objects.filter(client=client, episode=episode, withdrawn_at=None).defer("note")
    return CourseRows(tuple(focus.order_by("starts_on", "id")), tuple(events.order_by("happened_on", "id")))


def assemble(
    client: Client,
    found: Sequence[BarrierColumn],
    *,
    focus: Iterable[FocusBarrier],
    events: Iterable[LifeEvent],
    ends: Mapping[str, Ends],
) -> BarrierMap:
    """The map of rows that were read already: focus barriers that were decided, and events, in order of time."""
    columns = tuple(_column(client, one) for one in found)
    decided = list(focus)
    rows = tuple(
        _row(barrier, found, columns, [one for one in decided if one.barrier == barrier.code], ends.get(barrier.code))
        for barrier in BARRIERS
    )
    return BarrierMap(columns=columns, rows=rows, events=_events(events, columns))


def ends_of(sent: Iterable[Rated]) -> dict[str, Ends]:
    """Baselines and latest ratings by barrier code of the client's submissions in order of time: of several
    relationships the one rated last, as the trajectories have them."""
    series: dict[tuple[str, uuid.UUID | None], list[int]] = {}
    for one in sent:
        for code, value in one.values.items():
            if value is not None:
                # Put at the end again: the series rated last stands last.
                values = series.pop((code, one.relationship), [])
                series[code, one.relationship] = [*values, value]
    return {code: Ends(values[0], values[-1], len(values)) for (code, _relationship), values in series.items()}


def moment_of(found: BarrierColumn) -> datetime:
    """The session's beginning; of "since then", the time of what was sent."""
    if found.session:
        return found.session.starts_at
    if found.client is None:
        raise ValueError("a column has a session or a submission")
    return found.client.at


def day_of(client: Client, found: BarrierColumn) -> date:
    """The same in the practice's zone."""
    return moment_of(found).astimezone(client.practice.zone).date()


def between(
    client: Client, columns: Sequence[BarrierColumn], since: date | None, until: datetime | None
) -> list[BarrierColumn]:
    """Columns from a day on, up to a moment."""
    return [
        one
        for one in columns
        if (since is None or day_of(client, one) >= since) and (until is None or moment_of(one) <= until)
    ]


def _column(client: Client, found: BarrierColumn) -> Column:
    day = day_of(client, found)
    long = day_text(day)
    later, first = found.session is None, found.number == 1
    title = _("Before the first session, until %(day)s") if first else _("Since the last session, until %(day)s")
    return Column(
        label=(_("Before") if first else _("Since then")) if later else day_text(day, SHORT),
        title=title % {"day": long} if later else long,
        day=day,
        session=found.session.pk if found.session else None,
        since_then=later,
        before_first=later and first,
        client_response=found.client.response_id if found.client else None,
        clinician_response=found.clinician.response_id if found.clinician else None,
        submissions=found.submissions,
    )


def _row(
    barrier: Barrier,
    found: Sequence[BarrierColumn],
    columns: Sequence[Column],
    focus: Sequence[FocusBarrier],
    ends: Ends | None,
) -> Row:
    active = next((one for one in focus if one.state == FocusBarrier.State.ACTIVE and one.starts_on), None)
    return Row(
        code=barrier.code,
        opaque=barrier.opaque,
        name=str(barrier.name),
        meaning=str(barrier.meaning),
        cells=tuple(
            Cell(
                client=one.client.values.get(barrier.code) if one.client else None,
                clinician=one.clinician.values.get(barrier.code) if one.clinician else None,
                in_focus=any(_runs_on(span, column.day) for span in focus),
            )
            for one, column in zip(found, columns, strict=True)
        ),
        focus_now=active is not None,
        focus_since=day_text(active.starts_on) if active and active.starts_on else "",
        baseline=ends.baseline if ends else None,
        latest=ends.latest if ends else None,
        count=ends.count if ends else 0,
    )


def _runs_on(focus: FocusBarrier, day: date) -> bool:
    return focus.starts_on is not None and focus.starts_on <= day and (focus.ends_on is None or day <= focus.ends_on)


def _events(events: Iterable[LifeEvent], columns: Sequence[Column]) -> tuple[MapEvent, ...]:
    """Life events above the first column on or after their day, lettered in order of time."""
    if not columns:
        return ()
    return tuple(
        MapEvent(
            mark=_letter(index),
            kind=event.get_kind_display(),
            day=day_text(event.happened_on),
            column=next((i for i, column in enumerate(columns) if column.day >= event.happened_on), len(columns) - 1),
        )
        for index, event in enumerate(events)
    )


def _letter(index: int) -> str:
    return chr(ord("a") + index % 26) + (str(index // 26) if index >= 26 else "")
