"""A progress report: builder and PDF in a warm process, and the memory it takes.

Another client each round: Typst remembers what it has already set, so that one client again and again would flatter.
"""

import itertools
import resource
from collections.abc import Iterator

from django.utils import timezone

from benchmarks.run import benchmark, preparation
from reports.builders.progress import build_progress
from reports.charts import PRINT, LineChart, Point, Series, line_chart
from reports.models import Report
from reports.pdf import progress_pdf
from tests.factories.reports import ReportFactory, course

CLIENTS, SESSIONS = 12, 30
MEGABYTES = 200
_rows: list[Report] = []
_turn: Iterator[Report]


@preparation
def reports() -> None:
    """Clients with 30 sessions each: two focus barriers' charts, burden, and the map."""
    global _turn
    for seed in range(CLIENTS):
        report = ReportFactory(client=course(SESSIONS, seed=seed), asked_at=timezone.now())
        _rows.append(Report.objects.select_related("client__practice", "asked_by").get(pk=report.pk))
    _turn = itertools.cycle(_rows)


@benchmark("report: builder and PDF", at_most=80, unit="ms")
def whole() -> str:
    report = next(_turn)
    data = progress_pdf(build_progress(report))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{len(data) // 1000} kB, {peak:.0f} MB peak{'' if peak <= MEGABYTES else f' (at most {MEGABYTES})  MISSED'}"


@benchmark("report: builder alone", against="report: builder and PDF")
def builder() -> None:
    build_progress(next(_turn))


@benchmark("chart of 30 points")
def chart() -> None:
    line_chart(_CHART, PRINT)


_CHART = LineChart(
    "chart",
    "Title",
    "Description",
    (Series("client", "Client", tuple(Point(i * 7, i % 5, f"{i}") for i in range(30))),),
)
