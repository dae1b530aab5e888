"""The client progress report: one frozen dataclass, computed once, shown as a page, a PDF or data.

Everything comes from rows dated up to the moment of asking, so that the same inputs give the same report. Answers to
the safety screen have no scale and free texts are never read: neither can be in it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, tzinfo

from django.utils.translation import gettext as _

from assessments.queries.barriers import barrier_columns
from clients.models import CareAssignment, Client, Episode
from clients.queries.care import care_team
from clients.queries.goals import goal_words
from practice.models import User
from reports.access import may_ask
from reports.builders.barrier_map import Ends, assemble, between, read_course
from reports.builders.dates import day_text
from reports.builders.instruments import Passport, passports
from reports.builders.options import ProgressOptions
from reports.builders.pictures import Chart, charts, time_line_of
from reports.builders.scores import BARRIERS, Measure, Series, measures, series_of
from reports.builders.words import summary
from reports.charts.barrier_map import BarrierMap
from reports.models import Report
from reports.queries import ScoreLine, answered_versions, score_lines

FORMULAS = "1"
"""Raised when a formula of this builder or of the scoring changes."""


class Withheld(Exception):
    """Who asked may no longer see this client: nothing is made."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it says."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the report comes from. ``inputs_hash``: SHA-256 of everything else in the report."""

    asked_by: str
    asked_at: datetime
    zone: str
    filters: tuple[str, ...]
    versions: tuple[str, ...]
    formulas: tuple[str, ...]
    inputs_hash: str = ""

    @property
    def asked_text(self) -> str:
        """Day and time of asking in the practice's zone."""
        return f"{day_text(self.asked_at.date())}, {self.asked_at:%H:%M} ({self.zone})"


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """All that is shown. ``asked_at`` of the provenance is also the PDF's timestamp."""

    practice: str
    client_name: str
    client_code: str
    period: str
    facts: tuple[Fact, ...]
    summary: tuple[str, ...]
    caution: str
    barrier_map: BarrierMap
    charts: tuple[Chart, ...]
    measures: tuple[Measure, ...]
    passports: tuple[Passport, ...]
    provenance: Provenance
    events: tuple[Fact, ...] = field(default=())


def build_progress(report: Report) -> ProgressReport:
    """Compute the report of this row. Raises ``Withheld`` when who asked may not ask any more."""
    client, asker = report.client, report.asked_by
    if not may_ask(asker, client):
        raise Withheld
    options = ProgressOptions.read(report.options)
    return _build(client, asker, report.asked_at, options)


def _build(client: Client, asker: User, at: datetime, options: ProgressOptions) -> ProgressReport:
    zone, today = client.practice.zone, client.practice.today(at)
    episode = _episode(client, today)
    since = options.since(today)
    first_day = max(since, episode.starts_on) if since else episode.starts_on
    lines = list(score_lines(client, episode, at))
    series = series_of(lines, zone)
    columns, course = barrier_columns(client, episode, until=at).all, read_course(client, episode)
    plan = assemble(
        client,
        between(client, columns, since, at),
        focus=course.focus,
        events=course.since(since),
        ends=_ends(series),
    )
    held = [one for one in between(client, columns, first_day, at) if one.session]
    known = passports(answered_versions(client, episode, at))
    shown = [one for one in series if any(point.day >= first_day for point in one.points)]
    draft = ProgressReport(
        practice=client.practice.name,
        client_name=client.full_name,
        client_code=client.code,
        period=_("%(start)s to %(end)s") % {"start": day_text(first_day), "end": day_text(today)},
        facts=_facts(client, episode, first_day, today),
        summary=summary(
            sessions=len(held),
            submissions=_responses(lines, "client", first_day, zone),
            rated=_responses(lines, "clinician", first_day, zone),
            start=day_text(first_day),
            end=day_text(today),
            plan=plan,
            series=series,
        ),
        caution=_(
            "These measures were written from popular articles. They are not validated and have no norms: the numbers "
            "describe this client over time and compare with nobody."
        ),
        barrier_map=plan,
        charts=charts(series, plan, options, time_line_of(course, first_day, today)),
        measures=measures(shown, known, goal_words(client, [one.key for one in shown])),
        passports=known,
        provenance=Provenance(
            asked_by=asker.name,
            asked_at=at.astimezone(zone),
            zone=client.practice.time_zone,
            filters=options.words(),
            versions=tuple(one.version for one in known),
            formulas=_formulas(),
        ),
        events=tuple(Fact(event.day, event.kind) for event in plan.events),
    )
    return _with_hash(draft)


def _with_hash(draft: ProgressReport) -> ProgressReport:
    data = json.dumps(draft, default=_plain, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(data.encode()).hexdigest()
    return replace(draft, provenance=replace(draft.provenance, inputs_hash=digest))


def _plain(value: object) -> object:
    """A dataclass as a dict of its fields, anything else as text."""
    names = getattr(value, "__dataclass_fields__", None)
    return {name: getattr(value, name) for name in names} if names else str(value)


def _responses(lines: Sequence[ScoreLine], who: str, start: date, zone: tzinfo) -> int:
    """How many scored responses this respondent gave since the start."""
    begin = datetime.combine(start, time.min, tzinfo=zone)
    return len({line.response for line in lines if line.who == who and line.at >= begin})


def _episode(client: Client, today: date) -> Episode:
    """The episode that runs on the day of asking, else the latest one."""
    rows = Episode.objects.filter(client=client).order_by("-number")
    episode = rows.filter(starts_on__lte=today).first() or rows.first()
    if episode is None:
        raise ValueError("a client has an episode from the start")
    return episode


def _ends(series: Sequence[Series]) -> dict[str, Ends]:
    """First and latest ratings by barrier; of several relationships the one rated last."""
    found: dict[str, tuple[date, Ends]] = {}
    for one in series:
        if one.slug == BARRIERS and one.who == "client" and one.values:
            ends = Ends(one.values[0].value, one.values[-1].value, len(one.values))
            if one.key not in found or found[one.key][0] <= one.values[-1].day:
                found[one.key] = (one.values[-1].day, ends)
    return {key: ends for key, (_day, ends) in found.items()}


def _facts(client: Client, episode: Episode, start: date, today: date) -> tuple[Fact, ...]:
    team = [
        f"{row.clinician.user.name} ({CareAssignment.Role(row.role).label.lower()})"
        for row in care_team(client, today)
        if row.starts_on <= today
    ]
    ended = day_text(episode.ends_on) if episode.ends_on and episode.ends_on <= today else ""
    since = _("since %(day)s") % {"day": day_text(episode.starts_on)}
    span = _("%(start)s to %(end)s") % {"start": day_text(episode.starts_on), "end": ended} if ended else since
    return (
        Fact(_("Client"), f"{client.full_name}, {client.code}"),
        Fact(_("Period"), _("%(start)s to %(end)s") % {"start": day_text(start), "end": day_text(today)}),
        Fact(_("Episode of care"), _("No. %(number)s, %(span)s") % {"number": episode.number, "span": span}),
        Fact(_("Care team"), ", ".join(team) or _("nobody at present")),
    )


def _formulas() -> tuple[str, ...]:
    return (
        _("Scoring rules, edition %(edition)s.") % {"edition": FORMULAS},
        _("A scale is scored at 80 % and at least 3 items answered, shorter scales only whole; means are prorated."),
        _("Baseline: the first score of this episode. Change: latest minus baseline, raw."),
    )
