"""The record on paper: one episode, whole, in a fixed number of queries; no private note, answers or safety."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.queries.scores import scores_series
from clients.models import Client, Episode, LifeEvent, TherapySession
from clients.queries.course import life_events, sessions
from dashboard.queries.record import FocusLine, overview
from dashboard.queries.record_course import course_line
from dashboard.queries.record_goals import GoalLine, episode_goals, goal_lines
from dashboard.queries.record_lines import Judge, Reason, ScaleLine, lines, reasons, split, versions_of
from dashboard.queries.record_measures import Answered, answered_in
from reports.charts import PRINT, BarrierMap, barrier_map

COLUMNS = 10
"""So many sessions of the barrier map stand side by side on paper."""


@dataclass(frozen=True, slots=True)
class MapPart:
    """Some sessions of the barrier map: the picture, and the same in numbers, a row a barrier."""

    title: str
    picture: SafeString
    heads: tuple[str, ...]
    rows: tuple[tuple[str, bool, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One instrument: its table, and why lines have no verdict."""

    answered: Answered
    lines: tuple[ScaleLine, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """Everything of one episode that goes on paper."""

    episode: Episode | None
    focus: tuple[FocusLine, ...] = ()
    goals: tuple[GoalLine, ...] = ()
    maps: tuple[MapPart, ...] = ()
    measures: tuple[Measure, ...] = ()
    events: tuple[LifeEvent, ...] = ()
    sessions: tuple[TherapySession, ...] = ()


def printed(client: Client, episode: Episode | None, *, notes: bool, at: datetime | None = None) -> Printed:
    """Read what is printed of a client that was loaded through access; the notes are read only where asked for."""
    if episode is None:
        return Printed(None)
    at = at or timezone.now()
    found = overview(client, episode, at=at)
    line = course_line(client, episode, client.practice.today(at))
    rows: QuerySet[TherapySession] = sessions(client).filter(episode=episode)
    return Printed(
        episode=episode,
        focus=found.focus,
        goals=goal_lines(client, episode_goals(client, episode), episode, line),
        maps=tuple(_maps(found.plan)),
        measures=_measures(client, episode),
        events=tuple(life_events(client, episode)),
        sessions=tuple((rows if notes else rows.defer("note")).order_by("starts_at", "id")),
    )


def _measures(client: Client, episode: Episode) -> tuple[Measure, ...]:
    """Each answered instrument with its scales, as on the measures tab: all scores in one query."""
    answered = answered_in(client, episode)
    names = {
        f"{one.version.definition.slug}.{scale.key}": one.pk
        for one in answered
        for scale in one.version.definition.scales
    }
    series = split(scores_series(client, episode, list(names))) if names else []
    judging = Judge(client.practice, versions_of(series))
    several = len({one.relationship for one in series if one.respondent == "client"}) > 1
    found = []
    for one in answered:
        mine = [row for row in series if names[row.scale] == one.pk]
        table = tuple(lines(one.version.definition, mine, judging, client.practice.zone, several=several))
        found.append(Measure(one, table, reasons(table)))
    return tuple(found)


def _maps(plan: BarrierMap) -> Iterator[MapPart]:
    """The map in parts that fit on paper, each as picture and as table."""
    if plan.is_empty:
        return
    words = {
        "client": _("client, 0 to 4"),
        "clinician": _("clinician"),
        "focus": _("in focus"),
        "event": _("life event"),
        "missing": _("not answered"),
    }
    for number, part in enumerate(plan.parts(COLUMNS), 1):
        ends = {"first": part.columns[0].title, "last": part.columns[-1].title}
        title = _("%(first)s to %(last)s") % ends if len(part.columns) > 1 else part.columns[0].title
        yield MapPart(
            title=title,
            picture=barrier_map(
                part,
                PRINT,
                ident=f"map-{number}",
                title=_("Barrier map, %(span)s") % {"span": title},
                description=_("The same stands in the table below, in numbers."),
                words=words,
            ),
            heads=tuple(
                column.title if column.since_then else format_date(column.day, "j M y") for column in part.columns
            ),
            rows=tuple(
                (row.name, row.focus_now, tuple(f"{cell.client_text} / {cell.clinician_text}" for cell in row.cells))
                for row in part.rows
            ),
        )
