"""A progress report as a tagged PDF/UA-1, by Typst. Data go in as JSON; no markup is ever built from text.

``root`` is the template folder, so that nothing else can be read; the timestamp is the row's, so that the same report
gives the same bytes. One compiler a thread is kept warm (fonts are read once a process).
"""

import json
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clients.barriers import BY_CODE
from reports.builders.progress import ProgressReport
from reports.charts import PRINT, BarrierMap, barrier_map, line_chart
from reports.charts.svg import show
from reports.glyphs import FONTS, Cleaner

TEMPLATES = Path(__file__).parent / "typst"
MAP_COLUMNS = 30
"""Columns of a map that can still be read across a page."""
MAP_ROWS, CHART_ROWS = 30, 26
"""Lines of a table twin that fit a page, or half of one."""
_warm = threading.local()


def progress_pdf(report: ProgressReport) -> bytes:
    """The PDF. Raises ``typst.TypstError`` when it could not be made accessible (a missing title or alt text)."""
    cleaner = Cleaner()
    data = cleaner.tree(_data(report))
    data["replaced"] = ""
    if cleaner.replaced:
        shown = ", ".join(cleaner.replaced[:12])
        words = _("Characters that this document's fonts lack are shown as “?”: %(codes)s.")
        data["replaced"] = words % {"codes": shown}
    return compile_pdf("progress.typ", data, report.provenance.asked_at)


def compile_pdf(template: str, data: dict[str, Any], timestamp: datetime) -> bytes:
    """Compile a template of ``reports/typst`` with these data."""
    made = _compiler().compile(
        input=str(TEMPLATES / template),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=int(timestamp.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


def _compiler() -> typst.Compiler:
    if not hasattr(_warm, "compiler"):
        _warm.compiler = typst.Compiler(root=str(TEMPLATES), font_paths=_fonts(), ignore_system_fonts=True)
    return _warm.compiler


def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def _data(report: ProgressReport) -> dict[str, Any]:
    """What the template shows: texts, tables, and pictures as SVG."""
    source = report.provenance
    return {
        "lang": (get_language() or "en").split("-")[0],
        "title": _("Progress report for %(code)s") % {"code": report.client_code},
        "heading": _("Progress report"),
        "practice": report.practice,
        "client": report.client_name,
        "code": report.client_code,
        "period": report.period,
        "facts": [[fact.label, fact.value] for fact in report.facts],
        "summary": list(report.summary),
        "caution": report.caution,
        "events": [[fact.label, fact.value] for fact in report.events],
        "maps": _maps(report.barrier_map),
        "map_table": _twins(report.barrier_map),
        "chart_table": _chart_twins(report),
        "charts": [
            {
                "title": chart.picture.title,
                "note": chart.note,
                "alt": chart.picture.description,
                "svg": line_chart(chart.picture, PRINT, width=600, height=190),
            }
            for chart in report.charts
        ],
        "measures": [_measure(measure, report) for measure in report.measures],
        "passports": [
            {"version": one.version, "basis": one.basis, "lines": [*one.facts, one.verdict, *one.sources]}
            for one in report.passports
        ],
        "provenance": [
            [_("Asked by"), source.asked_by],
            [_("Asked at"), source.asked_text],
            [_("Shown"), ". ".join(source.filters)],
            [_("Formulas"), " ".join(source.formulas)],
            [_("Measures"), "; ".join(source.versions) or _("none answered")],
            [_("Inputs"), "SHA-256 " + source.inputs_hash],
        ],
        "hash": source.inputs_hash[:12],
        "made": source.asked_text,
        "words": _words(),
    }


def _measure(measure: Any, report: ProgressReport) -> dict[str, Any]:
    verdict = next((one.verdict for one in report.passports if one.title == measure.title), "")
    span = (
        _("Values from %(range)s.") % {"range": measure.range.replace("-", "\N{MINUS SIGN}")} if measure.range else ""
    )
    rows = [
        [
            row.scale,
            row.who,
            _dated(row.baseline, row.baseline_day),
            _dated(row.latest, row.latest_day),
            row.change,
            str(row.count),
            row.note,
        ]
        for row in measure.rows
    ]
    return {"title": measure.title, "note": f"{span} {verdict}".strip(), "rows": rows}


def _maps(plan: BarrierMap) -> list[dict[str, str]]:
    """The map in parts that can be read."""
    if plan.is_empty:
        return []
    words = {
        "client": _("client, 0 to 4"),
        "clinician": _("clinician"),
        "focus": _("in focus"),
        "event": _("life event"),
        "missing": _("not answered"),
    }
    parts = plan.parts(MAP_COLUMNS)
    found = []
    for index, part in enumerate(parts, 1):
        title = _("Barrier map, %(first)s to %(last)s") % {
            "first": part.columns[0].title,
            "last": part.columns[-1].title,
        }
        svg = barrier_map(part, PRINT, ident=f"map-{index}", title=title, description=_map_alt(part), words=words)
        found.append({"title": title, "alt": _map_alt(part), "svg": svg})
    return found


def _map_alt(plan: BarrierMap) -> str:
    """The map in sentences; every number stands in the table twin."""
    shape = _(
        "The barrier map: a row for each of the twelve barriers, a column for each session, from %(first)s to "
        "%(last)s. The darker a square, the more the client felt held up."
    ) % {"first": plan.columns[0].title, "last": plan.columns[-1].title}
    names = ", ".join(row.name for row in plan.rows if row.focus_now)
    focus = _("In focus: %(names)s.") % {"names": names} if names else _("No barrier is in focus.")
    return " ".join([shape, focus, _("Every rating stands in the table near the end of this report.")])


def _twins(plan: BarrierMap) -> dict[str, Any]:
    """The map's table twin: a line a session, a column a barrier, the client's before the clinician's rating.

    In parts that fit a page: a head that is repeated by the page break would not be read aloud.
    """
    rows = [
        [column.title, *(_pair(row.cells[index].client_text, row.cells[index].clinician_text) for row in plan.rows)]
        for index, column in enumerate(plan.columns)
    ]
    return {"heads": [row.name for row in plan.rows], "parts": _parts([] if plan.is_empty else rows, MAP_ROWS)}


def _chart_twins(report: ProgressReport) -> dict[str, Any]:
    """One table for the charts: a line a day, a column a chart, the client's before the clinician's value.

    A barrier's chart has its twin in the map's table already, unless more was sent between two sessions than it shows.
    """
    all_in_map = all(column.submissions <= 1 for column in report.barrier_map.columns)
    charts = [chart for chart in report.charts if not (all_in_map and chart.scale in BY_CODE)]
    days: dict[float, list[Any]] = {}
    for index, chart in enumerate(charts):
        for series in chart.picture.series:
            for point in series.points:
                line = days.setdefault(point.x, [point.label, *([["–"], ["–"]] for _chart in charts)])
                shown = line[index + 1][series.who == "clinician"]
                shown[:] = [*(one for one in shown if one != "–"), show(point.value, chart.picture.digits)]
    rows = [
        [line[0], *(_pair(*(", ".join(who) for who in cell)) for cell in line[1:])] for _x, line in sorted(days.items())
    ]
    half = min(CHART_ROWS, max(-(-len(rows) // 2), 6))
    return {"heads": [chart.picture.title for chart in charts], "parts": _parts(rows, half)}


def _pair(client: str, clinician: str) -> str:
    """Both ratings in one cell, such as “3 / 2”; a dash when there is neither."""
    return client if clinician == "–" else f"{client} / {clinician}"


def _dated(value: str, day: str) -> str:
    return f"{value} ({day})" if day else value


def _parts(rows: list[Any], size: int) -> list[list[Any]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _words() -> dict[str, str | list[str]]:
    """The template's own words."""
    return {
        "summary": _("Summary"),
        "map": _("Barrier map"),
        "map_note": _(
            "A square is the client's latest rating before that session (0 not at all to 4 a great deal), the small "
            "number below it the clinician's own rating. An underline marks a barrier in focus."
        ),
        "events": _("Life events"),
        "charts": _("Over time"),
        "scores": _("Scores"),
        "map_table": _("The barrier map as a table"),
        "chart_table": _("The charts as a table"),
        "table_note": _(
            "The client's rating, and after a stroke the clinician's. A dash: not answered, or not discussed."
        ),
        "day": _("Day"),
        "passports": _("About the measures"),
        "provenance": _("Where this report comes from"),
        "empty": _("The twelve barriers have not been rated in this period."),
        "no_scores": _("No measure has been answered in this period."),
        "heads": [_("Scale"), _("By"), _("Baseline"), _("Latest"), _("Change"), _("n")],
        "session": _("Session"),
        "page": _("Page"),
        "of": _("of"),
        "confidential": _("Confidential"),
        "inputs": _("inputs"),
    }
