"""What is read of the rows that are shown: burden, barriers in focus, the latest check-in, verdicts. A query each."""

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery, UUIDField, Value
from django.db.models.functions import Coalesce, Concat

from assessments.change import Known, judge, why_not
from assessments.models import NO_RELATIONSHIP, Response, Trajectory
from assessments.queries.library import latest_version
from assessments.queries.psychometrics import newest_known
from clients.barriers import BY_CODE
from clients.models import Client, FocusBarrier
from dashboard.cases import CheckIn, Row, Series
from practice.models import Practice

MEASURE, CHECKIN = "barriers", "session-checkin"
PREFIX, BURDEN = "barriers.", "barriers.burden"
SLIDERS = ("connected", "myself", "heard", "at-ease", "hopeful")
TALK = "talk-instead"

_OWN = {
    "respondent": "client",
    "relationship": Coalesce(F("client__relationship_id"), Value(NO_RELATIONSHIP), output_field=UUIDField()),
}
"""A series of the client's own answers about the relationship that the measures are about now."""


def fill(rows: Sequence[Row], practice: Practice) -> None:
    """Everything that these rows lack."""
    burden(rows, practice)
    focus(rows, practice)
    _checkins(rows, practice)
    _verdicts([row.burden for row in rows if row.burden], practice)


def _by_id(rows: Iterable[Row]) -> dict[uuid.UUID, Row]:
    return {row.client.pk: row for row in rows}


def burden(rows: Iterable[Row], practice: Practice) -> None:
    """The burden of the open episode, with its sparkline."""
    missing = _by_id(row for row in rows if not row.has_burden)
    if not missing:
        return
    lines = Trajectory.objects.filter(
        practice=practice, client__in=list(missing), scale=BURDEN, episode__ends_on=None, **_OWN
    ).values_list("client_id", "baseline", "latest", "count", "points")
    for row in missing.values():
        row.has_burden = True
    for client_id, baseline, latest, count, points in lines:
        change = latest - baseline if count > 1 else None
        missing[client_id].burden = Series("", latest, change, count, points, baseline=baseline)


def focus(rows: Iterable[Row], practice: Practice) -> None:
    """The barriers in focus by slot, each with the client's ratings of it in its episode, where there are any."""
    missing = _by_id(row for row in rows if not row.has_focus)
    if not missing:
        return
    scale = Concat(Value(PREFIX), F("barrier"))
    own = {"scale": scale, "practice": practice, "episode": F("episode"), **_OWN}
    line = FilteredRelation(
        "client__trajectories", condition=Q(**{f"client__trajectories__{name}": value for name, value in own.items()})
    )
    found = (
        FocusBarrier.objects.filter(practice=practice, client__in=list(missing), state="active")
        .annotate(line=line)
        .order_by("slot")
    )
    for row in missing.values():
        row.has_focus = True
    wanted = ("client_id", "barrier", "line__baseline", "line__latest", "line__count", "line__points")
    names = {code: (str(barrier.name), barrier.opaque) for code, barrier in BY_CODE.items()}
    for client_id, code, baseline, latest, count, points in found.values_list(*wanted):
        change = latest - baseline if count and count > 1 else None
        name, opaque = names[code]
        missing[client_id].focus.append(Series(name, latest, change, count or 0, points or "", opaque, baseline))


def _checkins(rows: Iterable[Row], practice: Practice) -> None:
    """The latest check-in that each client sent in the open episode."""
    by_id = _by_id(rows)
    if not by_id:
        return
    latest = Response.objects.filter(
        practice=practice,
        client=OuterRef("pk"),
        version__instrument__slug=CHECKIN,
        respondent="client",
        state="submitted",
        episode__ends_on=None,
    ).order_by("-submitted_at")
    wanted = Client.objects.filter(pk__in=list(by_id)).values_list(Subquery(latest.values("pk")[:1]))
    found = Response.objects.filter(pk__in=wanted).values_list("client_id", "submitted_at", "answers")
    for client_id, at, answers in found:
        values = tuple((name, answers[name]) for name in SLIDERS if isinstance(answers.get(name), int | float))
        by_id[client_id].checkin = CheckIn(at, answers.get(TALK) is True, values)


def _verdicts(lines: list[Series], practice: Practice) -> None:
    """Whether each change of the burden is more than chance, or why nothing is said of it."""
    version = latest_version(MEASURE) if lines else None
    if version is None:
        return
    known = newest_known(practice, [BURDEN]).get(BURDEN, Known())
    silent = why_not(version.definition, BURDEN, known)
    for line in lines:
        if line.change is None:
            continue
        if silent:
            line.reason = silent
            continue
        verdict = judge(version.definition, BURDEN, known, baseline=line.baseline, latest=line.latest, count=line.count)
        line.verdict, line.reason = verdict.words, verdict.reason
