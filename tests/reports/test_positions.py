"""Where answers lie: words and intervals of the spectrum and the plane, from what is known of the noise."""

import datetime as dt
import re
import xml.etree.ElementTree as ET

import pytest

from assessments.change import ALPHA, DIFFERENCE, Known
from reports.builders.positions import Answers, Noise, near, plane_of, spectrum_of
from reports.charts import PAGE, PRINT
from reports.charts.plane import Axis, PlaneChart, plane_chart
from reports.charts.spectrum import Line, Moment, SpectrumChart, Spot, spectrum_chart
from tests.factories.assessments import definitions

NS = "{http://www.w3.org/2000/svg}"
MARCH, MAY = dt.date(2026, 3, 3), dt.date(2026, 5, 5)
FULLY = {
    "position": Known(120, 1.2, 0.8, DIFFERENCE),
    "interdependence": Known(120, 0.8, 0.85, ALPHA),
    "anxiety": Known(120, 1.2, 0.85, ALPHA),
    "avoidance": Known(120, 1.2, 0.85, ALPHA),
}


def spectrum(*sets, known=None):
    definition = definitions()["relationship-spectrum"]
    return spectrum_of("s", definition, sets, Noise(definition, known or {}), "")


def plane(*sets, known=None):
    definition = definitions()["attachment-patterns"]
    return plane_of("p", definition, definition.planes[0], sets, Noise(definition, known or {}), "")


def at(position, beside, day=MAY):
    return Answers(day, {"position": position, "interdependence": beside})


def point(anxiety, avoidance, day=MAY):
    return Answers(day, {"anxiety": anxiety, "avoidance": avoidance})


class TestSpectrum:
    def test_only_where_all_three_are_scored(self):
        assert spectrum(at(None, 3.0)) is None
        assert spectrum(at(1.0, None)) is None
        assert spectrum() is None

    def test_both_are_always_shown_and_zero_is_not_interdependence(self):
        found = spectrum(at(0.0, 1.5))
        assert found.chart.columns == ("Position", "Interdependence")
        assert [row.values for row in found.chart.table()] == [("0.00", "1.50")]
        assert "A position near 0 is not yet interdependence" in " ".join(found.words)

    def test_without_known_noise_it_is_a_point_and_says_why(self):
        found = spectrum(at(-1.5, 3.0), known={"position": Known(people=7), "interdependence": Known(people=7)})
        assert not found.chart.moments[0].first.known
        assert found.words[-1] == (
            "Drawn as points: how far chance may move them is not known yet. 7 clients of this practice have answered"
            " this measure, and 30 are needed."
        )
        assert found.words[0].endswith(
            "some way from the middle, on the side of independence (separate lives, little leaning on each other)."
        )

    def test_the_interval_is_196_sem_cut_at_the_ends(self):
        error = 1.96 * 1.2 * 0.2**0.5
        inner, outer = spectrum(at(1.5, 3.0), known=FULLY), spectrum(at(3.8, 3.0), known=FULLY)
        spot = inner.chart.moments[0].first
        assert (spot.low, spot.high) == pytest.approx((1.5 - error, 1.5 + error))
        assert outer.chart.moments[0].first.high == 4
        assert inner.words[-1] == "The bars show how far chance may move a value."

    def test_an_interval_across_the_middle_names_no_side(self):
        found = spectrum(at(0.5, 3.0), known=FULLY)
        assert "may lie on either side of it" in found.words[0]
        assert "codependence" not in found.words[0]

    def test_few_people_are_provisional(self):
        few = {key: Known(40, one.sd, one.reliability, one.kind) for key, one in FULLY.items()}
        assert "provisional" in spectrum(at(1.5, 3.0), known=few).words[-1]

    def test_answers_to_another_version_have_no_interval(self):
        old = Answers(MARCH, {"position": 2.0, "interdependence": 1.0}, known=False)
        found = spectrum(old, at(1.5, 3.0), known=FULLY)
        assert [one.first.known for one in found.chart.moments] == [False, True]
        assert found.words[-1].startswith("Where there is no bar")

    def test_first_and_latest_alone(self):
        found = spectrum(at(3.0, 1.0, MARCH), at(None, 2.0), at(2.0, 2.0, dt.date(2026, 4, 1)), at(1.0, 3.0))
        assert [(one.label, one.first.value, one.latest) for one in found.chart.moments] == [
            ("First, 3 Mar 2026", 3.0, False),
            ("Latest, 5 May 2026", 1.0, True),
        ]
        assert "First, 3 Mar 2026: position 3.00, interdependence 1.00." in found.words

    def test_another_measure_has_none(self):
        definition = definitions()["attunement"]
        assert spectrum_of("s", definition, [at(1, 1)], Noise(definition, {})) is None

    def test_no_word_grades_or_judges(self):
        for value in (-4, -2, -0.4, 0, 0.4, 2, 4):
            text = " ".join(spectrum(at(value, 2.0)).words)
            assert not re.search(r"severe|mild|healthy|unhealthy|better|worse|good|bad|codependent", text)


class TestPlane:
    @pytest.mark.parametrize(
        ("anxiety", "avoidance", "named"),
        [
            (6.5, 6.5, "wants closeness and fears it"),
            (6.5, 1.5, "wants closeness and worries about losing it"),
            (1.5, 6.5, "keeps some distance and relies on oneself"),
            (1.5, 1.5, "at ease with being close and being apart"),
            (4.5, 6.5, ""),
            (6.5, 3.6, ""),
            (4.0, 4.0, ""),
        ],
    )
    def test_a_leaning_is_named_only_where_both_intervals_clear_the_middle(self, anxiety, avoidance, named):
        found = plane(point(anxiety, avoidance), known=FULLY)
        assert found.leaning == named
        assert ("A leaning, not a type" in " ".join(found.words)) is bool(named)

    def test_no_leaning_without_known_noise(self):
        found = plane(point(7.0, 7.0))
        assert found.leaning == ""
        assert "No leaning is named while it is not known how far chance may move the point." in found.words

    def test_one_side_alone_is_not_enough(self):
        known = {"anxiety": FULLY["anxiety"]}
        assert plane(point(7.0, 7.0), known=known).leaning == ""

    def test_how_near_the_middle_in_words(self):
        words = plane(point(4.33, 2.0)).words
        assert words[0].endswith("4.33 on a line from 1 to 7, 0.33 above 4: close to the middle.")
        assert words[1].endswith(
            "2.00 on a line from 1 to 7, 2.00 below 4: nearer to the end of the line than to its middle."
        )

    def test_disorganised_is_never_said(self):
        for anxiety in (1, 4, 7):
            for avoidance in (1, 4, 7):
                found = plane(point(anxiety, avoidance), known=FULLY)
                assert "organi" not in " ".join((*found.words, found.leaning))

    def test_only_where_both_were_scored_together(self):
        assert plane(point(None, 5.0), point(5.0, None)) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (4, "in the middle"),
        (4.5, "close to the middle"),
        (3, "some way from the middle"),
        (7, "nearer to the end of the line than to its middle"),
    ],
)
def test_near(value, words):
    assert near(value, 1, 7) == words


def test_near_on_a_line_without_length():
    assert near(1, 1, 1) == "in the middle"


HOSTILE = '<script>"&\x00'
EDGE = Moment(HOSTILE, Spot(-99, -99, 99), Spot(99, 98, 100))


def drawn(palette):
    line = Line(HOSTILE, -4, 4, HOSTILE, HOSTILE, HOSTILE)
    flat = Line("flat", 2, 2)
    moments = (Moment("then", Spot(1.0), Spot(1.0), latest=False), EDGE)
    yield spectrum_chart(SpectrumChart("s", HOSTILE, HOSTILE, line, flat, moments), palette)
    yield plane_chart(PlaneChart("p", HOSTILE, HOSTILE, Axis(HOSTILE, 1, 7), Axis("flat", 3, 3), moments), palette)
    yield spectrum_chart(SpectrumChart("e", "t", "d", line, line, ()), palette)
    yield plane_chart(PlaneChart("e", "t", "d", Axis("x", 1, 7), Axis("y", 1, 7), ()), palette)


@pytest.mark.parametrize("palette", [PAGE, PRINT])
def test_pictures_are_images_and_hostile_text_stays_text(palette):
    for svg in drawn(palette):
        root = ET.fromstring(svg)
        assert root.get("role") == "img"
        assert "<script" not in svg
        assert "nan" not in svg


def test_pictures_on_the_page_have_classes_alone_and_print_has_colours():
    assert not re.search(r"style=|#[0-9a-f]{6}|currentColor|var\(", "".join(drawn(PAGE)))
    assert set(re.findall(r'class="([^"]*)"', "".join(drawn(PRINT)))) == {"chart"}


def test_everything_stays_inside_the_picture():
    for svg in drawn(PAGE):
        root = ET.fromstring(svg)
        width, height = float(root.get("width")), float(root.get("height"))
        for circle in root.iter(f"{NS}circle"):
            assert 0 <= float(circle.get("cx")) <= width
            assert 0 <= float(circle.get("cy")) <= height


def test_the_latest_is_filled_and_the_first_open():
    found = spectrum(at(3.0, 1.0, MARCH), at(1.0, 3.0))
    marks = [node.get("class") for node in ET.fromstring(spectrum_chart(found.chart, PAGE)).iter(f"{NS}circle")]
    assert marks == ["c-client-open", "c-client-dot"] * 3  # two lines and the legend


def test_intervals_are_drawn_only_where_known():
    known, unknown = spectrum(at(1.0, 3.0), known=FULLY), spectrum(at(1.0, 3.0))
    assert spectrum_chart(known.chart, PAGE).count("c-interval") == 2
    assert spectrum_chart(unknown.chart, PAGE).count("c-interval") == 0
    both = plane(point(5.0, 3.0), known=FULLY)
    assert plane_chart(both.chart, PAGE).count("c-interval") == 2
