"""Two days of an episode side by side: what stood then and what stood later, each as of the day, and what came between.

As of a day counts the latest score on or before it. Differences are raw; the two raters are never pooled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from assessments.change import Verdict, focus_note
from assessments.models import InstrumentVersion
from assessments.queries.barriers import PREFIX
from assessments.queries.scores import ScorePoint
from assessments.schema import Definition
from clients.barriers import BARRIERS
from clients.models import Client, Episode
from clients.queries.goals import goal_words
from dashboard.queries.compare_between import Happening, between
from dashboard.queries.compare_days import Found
from dashboard.queries.record_lines import Judge, Reason, digits_of, reasons
from practice.models import Practice
from reports.builders.dates import day_text
from reports.builders.scores import signed
from reports.charts.dumbbell import Dumbbell, DumbbellRow, Pair
from reports.charts.line import Who
from reports.charts.svg import show

RATERS = ("client", "clinician")
NOTED = Verdict("", False, "", "", None, None, None, None, "")
"""Where the note says already why nothing is compared."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One scale by one rater on both days: shown texts. ``note`` says why there is no difference."""

    title: str
    who: str
    is_clinician: bool
    clinician_only: bool
    then: str
    then_day: str
    now: str
    now_day: str
    change: str
    count: int
    note: str
    verdict: Verdict
    points: tuple[ScorePoint | None, ScorePoint | None]


@dataclass(frozen=True, slots=True)
class BarrierLine:
    """One of the twelve with both raters."""

    name: str
    opaque: str
    client: Compared
    clinician: Compared


@dataclass(frozen=True, slots=True)
class Table:
    """One measure's scales."""

    title: str
    lines: tuple[Compared, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole page. ``first`` and ``second`` are the days; ``held``: how many sessions lie between them."""

    first: date
    second: date
    barriers: tuple[BarrierLine, ...]
    barrier_reasons: tuple[Reason, ...]
    tables: tuple[Table, ...]
    chart: Dumbbell | None
    happenings: tuple[Happening, ...]
    focus_note: str

    @property
    def is_empty(self) -> bool:
        """Nothing was answered or rated on or before the second day."""
        return not self.barriers and not self.tables

    @property
    def has_clinician(self) -> bool:
        return any(line.clinician.now_day or line.clinician.then_day for line in self.barriers)


def compare(
    client: Client,
    episode: Episode,
    days: tuple[date, date],
    found: Found,
    versions: Mapping[object, InstrumentVersion],
) -> Comparison:
    """Both days of a client that was loaded through access, from scores that were read. Six queries."""
    reader = _Reader(client, days, found)
    judging = Judge(client.practice, reader.versions)
    words = goal_words(client, {scale.partition(".")[2] for scale, _who in found})
    lines = _barriers(reader, judging)
    rated = [line for line in lines if line.client.now_day or line.clinician.now_day]
    events = between(client, episode, days)
    return Comparison(
        first=days[0],
        second=days[1],
        barriers=tuple(lines) if rated else (),
        barrier_reasons=reasons([line.client for line in rated if line.client.now_day]),
        tables=tuple(_tables(reader, judging, versions, words)),
        chart=_chart(lines, days) if rated else None,
        happenings=events.happenings,
        focus_note=focus_note() if events.focused else "",
    )


class _Reader:
    """The points that count on each of the two days, by scale and rater."""

    def __init__(self, client: Client, days: tuple[date, date], found: Found) -> None:
        self.practice, self.found = client.practice, found
        self.ends = tuple(_end_of(day, client.practice) for day in days)
        self.pairs = {key: self._pair(points) for key, points in found.items()}
        self.versions = {point.version_id for pair in self.pairs.values() for point in pair if point is not None}

    def _pair(self, points: Sequence[ScorePoint]) -> tuple[ScorePoint | None, ScorePoint | None]:
        return _as_of(points, self.ends[0]), _as_of(points, self.ends[1])

    def count(self, key: tuple[str, str]) -> int:
        """How many values lie between the two that are compared, both counted."""
        then, now = self.pairs[key]
        if then is None or now is None:
            return 0 if now is None else 1
        return sum(
            point.value is not None and point.relationship == now.relationship and then.at <= point.at <= now.at
            for point in self.found[key]
        )

    def line(self, scale: str, who: str, title: str, digits: int, judging: Judge, *, only: bool = False) -> Compared:
        then, now = self.pairs.get((scale, who), (None, None))
        count = self.count((scale, who)) if (scale, who) in self.pairs else 0
        note = _note(who, then, now)
        value = None
        if then is not None and now is not None and not note:
            value = (now.value or 0.0) - (then.value or 0.0)
        judged = NOTED if note else judging.verdict(scale, who, then, now, count)
        return Compared(
            title=title,
            who=_("Clinician") if who == "clinician" else _("Client"),
            is_clinician=who == "clinician",
            clinician_only=only,
            then=show(then.value, digits) if then else "–",
            then_day=self._day(then),
            now=show(now.value, digits) if now else "–",
            now_day=self._day(now),
            change="–" if value is None else signed(value, digits),
            count=count,
            note=note,
            verdict=judged,
            points=(then, now),
        )

    def _day(self, point: ScorePoint | None) -> str:
        return day_text(self.practice.today(point.at)) if point else ""


def _end_of(day: date, practice: Practice) -> datetime:
    """The first moment after the day."""
    return datetime.combine(day + timedelta(days=1), time.min, practice.zone)


def _as_of(points: Sequence[ScorePoint], end: datetime) -> ScorePoint | None:
    before = [point for point in points if point.at < end and point.value is not None]
    return before[-1] if before else None


def _note(who: str, then: ScorePoint | None, now: ScorePoint | None) -> str:
    if now is None:
        return ""
    if then is None:
        return _("not rated by the first day") if who == "clinician" else _("not answered by the first day")
    if then.response_id == now.response_id:
        return _("the same rating on both days") if who == "clinician" else _("the same answers on both days")
    return _("about another relationship") if then.relationship != now.relationship else ""


def _barriers(reader: _Reader, judging: Judge) -> list[BarrierLine]:
    return [
        BarrierLine(
            name=str(barrier.name),
            opaque=barrier.opaque,
            client=reader.line(PREFIX + barrier.code, "client", str(barrier.name), 0, judging),
            clinician=reader.line(PREFIX + barrier.code, "clinician", str(barrier.name), 0, judging),
        )
        for barrier in BARRIERS
    ]


def _tables(
    reader: _Reader, judging: Judge, versions: Mapping[object, InstrumentVersion], words: Mapping[str, str]
) -> list[Table]:
    """A table a measure with anything to show, of the newest version's scales; single barriers stand apart."""
    newest = {row.definition.slug: row for row in versions.values()}
    made = []
    for slug, row in newest.items():
        lines = [
            reader.line(scale, who, title, digits, judging, only=only)
            for scale, title, digits, only in _scales(row.definition, slug, words)
            for who in RATERS
            if (scale, who) in reader.pairs and reader.pairs[scale, who][1] is not None
        ]
        if lines:
            made.append(Table(row.instrument.title, tuple(lines), reasons(lines)))
    return made


def _scales(definition: Definition, slug: str, words: Mapping[str, str]) -> list[tuple[str, str, int, bool]]:
    """Name, title, decimals, and whether it is for the clinician only."""
    found = [
        (f"{slug}.{scale.key}", scale.title, digits_of(scale), scale.visibility == "clinician_only")
        for scale in definition.scales
        if not (scale.single and scale.barrier)
    ]
    if any(item.kind == "goals" for item in definition.items):
        found += [
            (f"{slug}.{key}", _("Own goal: %(words)s") % {"words": text}, 0, False) for key, text in words.items()
        ]
    return found


def _chart(lines: Sequence[BarrierLine], days: tuple[date, date]) -> Dumbbell:
    clinician = any(point for line in lines for point in line.clinician.points)
    rows = tuple(
        DumbbellRow(
            line.name,
            tuple(
                Pair("clinician" if one.is_clinician else "client", _value(one, 0), _value(one, 1))
                for one in ((line.client, line.clinician) if clinician else (line.client,))
            ),
        )
        for line in lines
    )
    then, now = day_text(days[0]), day_text(days[1])
    names: tuple[tuple[Who, str], ...] = (("client", _("Client")),)
    if clinician:
        names = (*names, ("clinician", _("Clinician")))
    return Dumbbell(
        ident="two-days",
        title=_("The twelve barriers as of two days"),
        description=_(
            "For each barrier an open mark where the rating stood as of %(then)s, a filled one as of %(now)s, from 0 to"
            " 4; the clinician's own ratings are square and on a line below. The same stands in the table."
        )
        % {"then": then, "now": now},
        rows=rows,
        then=then,
        now=now,
        names=names,
        digits=0,
    )


def _value(line: Compared, place: int) -> float | None:
    """What the picture shows; answers about another relationship are not joined to these."""
    then, now = line.points
    if place == 0 and then is not None and now is not None and then.relationship != now.relationship:
        return None
    point = line.points[place]
    return None if point is None else point.value
