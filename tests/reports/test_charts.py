"""Charts: escaped, described, with their table twin; page parts have classes only, print parts concrete colours."""

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest

from reports.charts import (
    PAGE,
    PRINT,
    BarrierMap,
    Cell,
    Column,
    Event,
    LineChart,
    MapEvent,
    Point,
    Row,
    Series,
    Span,
    Tick,
    barrier_map,
    line_chart,
    sparkline,
)
from reports.charts.spark import EMPTY

NS = "{http://www.w3.org/2000/svg}"
WORDS = dict.fromkeys(("client", "clinician", "focus", "event", "missing"), "word")


def chart(**fields):
    client = Series("client", "Client", (Point(0, 4, "1 Mar"), Point(7, None, "8 Mar"), Point(14, 2, "15 Mar")))
    clinician = Series("clinician", "Clinician", (Point(14, 3, "15 Mar"),))
    given = {"ident": "c", "title": "T", "description": "D", "series": (client, clinician)}
    return LineChart(**given | fields)


def plan(columns=2, **fields):
    days = [dt.date(2026, 3, 1) + dt.timedelta(7 * i) for i in range(columns)]
    cells = tuple(Cell(i % 5, None if i else 2, in_focus=i == 1) for i in range(columns))
    row = Row("control", "b10", "Control issues", "steering", cells, True, "1 Mar", 0, 1, columns)
    return BarrierMap(tuple(Column(str(day), str(day), day) for day in days), (row,), **fields)


def texts(svg):
    return [node.text for node in ET.fromstring(svg).iter(f"{NS}text")]


def test_a_line_chart_is_an_image_with_title_and_description():
    root = ET.fromstring(line_chart(chart(), PAGE))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "c-t c-d"
    assert {node.get("id"): node.text for node in root[:2]} == {"c-t": "T", "c-d": "D"}


def test_a_gap_breaks_the_line_and_is_no_zero():
    root = ET.fromstring(line_chart(chart(), PAGE))
    assert list(root.iter(f"{NS}polyline")) == []
    shown = [node.find(f"{NS}title").text for node in root.iter(f"{NS}circle") if node.find(f"{NS}title") is not None]
    assert shown == ["Client, 1 Mar: 4", "Client, 15 Mar: 2"]


def test_points_without_a_gap_are_joined():
    series = Series("client", "Client", (Point(0, 4, "a"), Point(7, 3, "b"), Point(14, None, "c"), Point(21, 1, "d")))
    lines = list(ET.fromstring(line_chart(chart(series=(series,)), PAGE)).iter(f"{NS}polyline"))
    assert [len(line.get("points").split()) for line in lines] == [2]


def test_client_and_clinician_differ_in_shape():
    root = ET.fromstring(line_chart(chart(), PAGE))
    assert {node.get("class") for node in root.iter(f"{NS}circle")} == {"c-client-dot"}
    assert {node.get("class") for node in root.iter(f"{NS}rect")} == {"c-clinician-dot"}


def test_the_page_has_classes_and_neither_style_nor_colour():
    full = chart(
        events=(Event(3, "Grief"),), spans=(Span(2, 9, "In focus"),), baseline=4, baseline_label="B", band=(1, 2)
    )
    svg = line_chart(full, PAGE) + barrier_map(plan(), PAGE, ident="m", title="T", description="D", words=WORDS)
    assert not re.search(r"style=|#[0-9a-f]{6}|currentColor|var\(", svg)


def test_print_has_colours_and_no_class_on_its_parts():
    svg = line_chart(chart(), PRINT) + barrier_map(plan(), PRINT, ident="m", title="T", description="D", words=WORDS)
    assert re.findall(r'class="([^"]*)"', svg) == ["chart", "chart"]
    assert not re.search(r"currentColor|var\(", svg)


@pytest.mark.parametrize("palette", [PAGE, PRINT])
def test_hostile_text_stays_text(palette):
    hostile = '<script>"&\x00'
    full = chart(title=hostile, description=hostile, events=(Event(3, hostile),), ticks=(Tick(0, hostile),))
    svg = line_chart(full, palette)
    assert "<script" not in svg
    assert ET.fromstring(svg)[0].text == '<script>"&'


def test_the_twin_has_every_point_of_a_day():
    twice = Series("client", "Client", (Point(0, 4, "1 Mar"), Point(0, 3, "1 Mar"), Point(9, None, "10 Mar")))
    own = Series("clinician", "Clinician", (Point(0, 2, "1 Mar"),))
    rows = chart(series=(twice, own)).table()
    assert [(row.label, row.values) for row in rows] == [
        ("1 Mar", ("4", "2")),
        ("1 Mar", ("3", "–")),
        ("10 Mar", ("–", "–")),
    ]
    assert chart(series=(twice, own)).columns == ("Client", "Clinician")


def test_values_beyond_the_range_are_drawn_at_its_edge():
    series = Series("client", "Client", (Point(0, 99, "a"),))
    inside = Series("client", "Client", (Point(0, 4, "a"),))
    at = [
        re.findall(r'<circle[^>]*cy="([^"]+)"', line_chart(chart(series=(one,)), PAGE))[0] for one in (series, inside)
    ]
    assert at[0] == at[1]


def test_an_empty_chart_is_still_valid():
    ET.fromstring(line_chart(chart(series=()), PAGE))
    assert chart(series=()).count == 0


def test_sparkline_points_go_from_left_to_right_and_from_the_scale_not_the_data():
    spark = sparkline("0:4 7:2 14:0", width=80, height=20)
    assert spark == (("3.0,3.0 40.0,10.0 77.0,17.0",), "77.0", "17.0", 3)


def test_a_single_point_has_no_line():
    assert sparkline("0:2", width=80, height=20) == ((), "77.0", "10.0", 1)


@pytest.mark.parametrize("points", ["", "nonsense", "1:", "1:x 2:3"])
def test_what_cannot_be_read_gives_the_empty_sparkline(points):
    assert sparkline(points) == EMPTY


def test_the_map_prints_every_number_and_says_what_is_missing():
    cells = (Cell(3, 2), Cell(None, None))
    row = Row("past", "b02", "Past", "old", cells, False, "", 3, 3, 1)
    drawn = BarrierMap(plan().columns, (row,))
    svg = barrier_map(drawn, PRINT, ident="m", title="T", description="D", words=WORDS)
    assert texts(svg)[:5] == ["2026-03-01", "2026-03-08", "Past", "3", "2"]
    assert svg.count('h3.6"') == 2  # the dash of the cell without an answer, and in the legend


def test_the_map_marks_focus_and_events():
    svg = barrier_map(
        plan(events=(MapEvent("a", "Grief", "1 Mar", 0),)), PAGE, ident="m", title="T", description="D", words=WORDS
    )
    assert svg.count('class="c-mark"') == 2  # above its column, and in the legend
    assert svg.count('class="c-focus"') == 3  # ring, underline of one cell, legend


def test_a_long_map_is_split_with_its_events():
    parts = plan(5, events=(MapEvent("a", "Grief", "1 Mar", 3),)).parts(2)
    assert [len(part.columns) for part in parts] == [2, 2, 1]
    assert [len(part.rows[0].cells) for part in parts] == [2, 2, 1]
    assert [[event.column for event in part.events] for part in parts] == [[], [1], []]


def test_change_needs_two_ratings():
    assert plan().rows[0].change == 1
    once = Row("past", "b02", "Past", "old", (), False, "", 3, 3, 1)
    assert once.change is None


@pytest.mark.parametrize(
    ("value", "shade"), [(None, "heat-none"), (0, "heat-0"), (2.5, "heat-2"), (4, "heat-4"), (9, "heat-4")]
)
def test_shades(value, shade):
    assert Cell(value, None).heat == shade
