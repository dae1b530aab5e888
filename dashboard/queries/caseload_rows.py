"""What is read of the rows that are shown: burden, barriers in focus, the latest check-in, verdicts. A query each.

Series are looked up by client. Whose ratings they are is compared here and not in SQL: SQLite would else take the
index of practice, scale and respondent, and read that scale of the whole practice.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from assessments.models import Response, Trajectory
from clients.barriers import BY_CODE
from clients.models import Client, FocusBarrier
from dashboard.cases import CheckIn, Row, Series
from dashboard.queries.record_lines import Judge
from practice.models import Practice
from practice.prepared import Prepared

CHECKIN = "session-checkin"
PREFIX, BURDEN = "barriers.", "barriers.burden"
SLIDERS = ("connected", "myself", "heard", "at-ease", "hopeful")
TALK = "talk-instead"
CLIENT = "client"


def _burdens(practice: uuid.UUID, clients: list[uuid.UUID]) -> QuerySet[Any]:
    lines = Trajectory.objects.filter(practice=practice, client__in=clients, scale=BURDEN, episode__ends_on=None)
    whose, versions = ("client_id", "respondent", "relationship"), ("baseline_version", "latest_version")
    return lines.values_list(*whose, "baseline", "latest", "count", "points", *versions)


def _focuses(practice: uuid.UUID, clients: list[uuid.UUID]) -> QuerySet[Any]:
    own = {"practice": practice, "scale": Concat(Value(PREFIX), F("barrier")), "episode": F("episode")}
    line = FilteredRelation(
        "client__trajectories", condition=Q(**{f"client__trajectories__{name}": value for name, value in own.items()})
    )
    found = FocusBarrier.objects.filter(practice=practice, client__in=clients, state="active").annotate(line=line)
    whose = ("client_id", "barrier", "line__respondent", "line__relationship")
    figures = ("line__baseline", "line__latest", "line__count", "line__points")
    return found.order_by("slot").values_list(*whose, *figures)


def _latest_checkins(practice: uuid.UUID, clients: list[uuid.UUID]) -> QuerySet[Any]:
    latest = Response.objects.filter(
        practice=practice,
        client=OuterRef("pk"),
        version__instrument__slug=CHECKIN,
        respondent=CLIENT,
        state="submitted",
        episode__ends_on=None,
    ).order_by("-submitted_at")
    wanted = Client.objects.filter(pk__in=clients).values_list(Subquery(latest.values("pk")[:1]))
    return Response.objects.filter(pk__in=wanted).values_list("client_id", "submitted_at", "answers")


_BURDEN, _FOCUS, _CHECKINS = Prepared(_burdens), Prepared(_focuses), Prepared(_latest_checkins)


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
    lines = _BURDEN.rows(practice=practice.pk, clients=list(missing))
    for row in missing.values():
        row.has_burden = True
    for client_id, respondent, about, baseline, latest, count, points, *versions in lines:
        if respondent == CLIENT and about == missing[client_id].about:
            change = latest - baseline if count > 1 else None
            one = Series("", latest, change, count, points, baseline=baseline)
            one.baseline_version, one.latest_version = versions
            missing[client_id].burden = one


def focus(rows: Iterable[Row], practice: Practice) -> None:
    """The barriers in focus by slot, each with the client's ratings of it in its episode, where there are any."""
    missing = _by_id(row for row in rows if not row.has_focus)
    if not missing:
        return
    for row in missing.values():
        row.has_focus = True
    names = {code: (str(barrier.name), barrier.opaque) for code, barrier in BY_CODE.items()}
    for client_id, code, respondent, about, *line_of in _FOCUS.rows(practice=practice.pk, clients=list(missing)):
        row, (name, opaque) = missing[client_id], names[code]
        if not row.focus or row.focus[-1].opaque != opaque:
            row.focus.append(Series(name, opaque=opaque))
        if respondent == CLIENT and about == row.about:
            _put(row.focus[-1], *line_of)


def _put(one: Series, baseline: float, latest: float, count: int, points: str) -> None:
    one.baseline, one.latest, one.count, one.points = baseline, latest, count, points
    one.change = latest - baseline if count > 1 else None


def _checkins(rows: Iterable[Row], practice: Practice) -> None:
    """The latest check-in that each client sent in the open episode."""
    by_id = _by_id(rows)
    if not by_id:
        return
    found = _CHECKINS.rows(practice=practice.pk, clients=list(by_id))
    for client_id, at, answers in found:
        values = tuple((name, answers[name]) for name in SLIDERS if isinstance(answers.get(name), int | float))
        by_id[client_id].checkin = CheckIn(at, answers.get(TALK) is True, values)


def _verdicts(lines: list[Series], practice: Practice) -> None:
    """Whether each change of the burden is more than chance, or why nothing is said of it: by the record's rule, with
    what is known of the version that was answered."""
    judging = Judge(practice, {one.latest_version for one in lines if one.latest_version}, [BURDEN])
    for one in lines:
        if one.change is None or one.latest_version is None or one.baseline_version is None:
            continue
        first, latest = (one.baseline, one.baseline_version), (one.latest, one.latest_version)
        verdict = judging.between(BURDEN, first, latest, one.count)
        one.verdict, one.reason = verdict.words, verdict.reason
