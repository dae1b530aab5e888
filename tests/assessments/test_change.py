"""The rules for verdicts: who gets one, who gets a reason, in which words."""

import json
import math
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from assessments.change import Known, band, focus_note, judge
from tests.factories.assessments import definitions

FULL = Known(120, 0.5, 0.9, "alpha")
SOME = Known(42, 0.5, 0.8, "alpha")
STABLE = Known(120, 0.5, 0.9, "retest", 120)


def told(slug, key, known, *, baseline=2.0, latest=1.0, count=2, family=1):
    return judge(definitions()[slug], key, known, baseline=baseline, latest=latest, count=count, family=family)


class TestReflective:
    def test_a_fall_beyond_chance(self):
        found = told("patterns-between-us", "total", FULL)
        assert (found.kind, found.words, found.provisional) == ("fall", "lower than chance explains", False)
        assert (found.reason, found.basis, found.change) == ("", "from 120 clients of this practice", -1.0)
        assert found.sem == pytest.approx(0.5 * math.sqrt(0.1))
        assert found.rci == pytest.approx(-1 / (found.sem * math.sqrt(2)))
        assert found.min_change == pytest.approx(1.96 * found.sem * math.sqrt(2))

    def test_a_rise_and_within_chance(self):
        assert told("patterns-between-us", "total", FULL, latest=3).words == "higher than chance explains"
        within = told("patterns-between-us", "total", FULL, latest=2.1)
        assert (within.kind, within.words) == ("none", "within what chance explains")

    def test_provisional_says_so(self):
        found = told("attachment-patterns", "anxiety", SOME)
        assert (found.kind, found.provisional) == ("fall", True)
        assert found.words == "lower than chance explains (provisional)"
        assert told("attachment-patterns", "anxiety", SOME, latest=2.0).words.endswith("explains (provisional)")
        assert told("attachment-patterns", "anxiety", SOME, latest=4.0).words.endswith("explains (provisional)")

    @pytest.mark.parametrize("slug_key", [("relationship-spectrum", "interdependence"), ("attunement", "giving")])
    def test_the_same_words_whatever_is_hoped_for(self, slug_key):
        assert told(*slug_key, FULL).words == told("patterns-between-us", "total", FULL).words

    def test_with_or_without_the_slug(self):
        assert told("attunement", "attunement.giving", FULL) == told("attunement", "giving", FULL)

    @pytest.mark.parametrize(
        ("known", "reason"),
        [
            (None, "No verdict: 0 clients of this practice have answered this scale, and 30 are needed."),
            (Known(1), "No verdict: 1 client of this practice has answered this scale, and 30 are needed."),
            (Known(29, 1, 0.9, "alpha"), "No verdict: 29 clients of this practice have answered this scale, and"),
            (Known(50, None, 0.9, "alpha"), "No verdict: the clients of this practice do not differ on this scale."),
            (Known(50, 0.0, 0.9, "alpha"), "No verdict: the clients of this practice do not differ on this scale."),
            (Known(50, 1.0), "No verdict: how reliable this scale is in this practice is not known yet."),
            (Known(50, 1.0, 0.9, "retest", 60), "No verdict: how reliable this scale is in this practice is not"),
            (Known(50, 1.0, -0.2, "alpha"), "No verdict: the answers in this practice are too inconsistent"),
            (Known(50, 1.0, 1.0, "alpha"), "No verdict: the answers in this practice are too inconsistent"),
            (Known(50, math.nan, 0.9, "alpha"), "No verdict: the clients of this practice do not differ"),
            (Known(50, 1.0, 0.9, "published"), "No verdict: the published values have no citation."),
        ],
    )
    def test_a_reason_with_its_numbers(self, known, reason):
        found = told("patterns-between-us", "total", known)
        assert found.reason.startswith(reason)
        assert (found.kind, found.words, found.basis, found.rci, found.change) == ("", "", "", None, -1.0)
        assert band(definitions()["patterns-between-us"], "total", known, 2.0) is None

    def test_three_items_are_too_few(self):
        assert told("attunement", "receiving", FULL).reason == "No verdict: the scale has 3 items, and 4 are needed."

    def test_two_points_are_needed(self):
        one = told("patterns-between-us", "total", FULL, count=1, latest=2.0)
        assert (one.reason, one.change) == ("One answer so far: a change needs two.", None)
        few = told("attachment-patterns", "anxiety", Known(20), count=1, latest=2.0)
        assert few.reason == "One answer so far: a change needs two."  # not how many others have answered
        alone = told("barriers", "control", STABLE, count=1)
        assert alone.reason == "A single item is shown as it is, without a verdict."  # two would not help
        none = told("patterns-between-us", "total", FULL, count=0, baseline=None, latest=None)
        assert none.reason == "Nothing to compare yet."
        assert told("patterns-between-us", "total", FULL, latest=math.nan).reason == "Nothing to compare yet."


class TestOtherScales:
    def test_a_checklist_goes_by_stable_pairs_alone(self):
        assert told("barriers", "burden", FULL).reason == (
            "No verdict: a checklist needs 50 pairs of answers given when things were about the same, and there are 0."
        )
        assert told("barriers", "burden", Known(120, 0.5, 0.9, "alpha", 60)).kind == ""
        found = told("barriers", "burden", STABLE)
        assert (found.kind, found.provisional) == ("fall", False)
        assert found.basis == "from 120 clients of this practice and 120 stable pairs"
        assert told("barriers", "burden", Known(120, 0.5, 0.9, "retest", 99)).provisional is True
        assert told("barriers", "burden", Known(120, 0.5, 0.9, "retest", 49)).kind == ""
        assert told("self-in-relationship", "values", STABLE).kind == "fall"  # of two items: pairs count

    def test_a_single_item_alone_never(self):
        assert told("barriers", "control", STABLE).reason == "A single item is shown as it is, without a verdict."

    def test_twelve_single_items_as_a_family(self):
        known = Known(120, 1.0, 0.9, "retest", 120)
        one = told("barriers", "control", known, family=12, latest=0.9)
        assert one.kind == "none"  # |RCI| 2.46: beyond 1.96, within 2.87
        assert 1.96 < abs(one.rci) < 2.87
        assert one.min_change == pytest.approx(2.865 * one.sem * math.sqrt(2), rel=1e-3)
        assert told("barriers", "control", known, family=12, latest=0.5).kind == "fall"
        few = told("barriers", "control", Known(120, 1.0, 0.9, "retest", 7), family=12)
        assert few.reason.startswith("No verdict: a single item needs 50 pairs of answers")
        assert few.reason.endswith(" given when things were about the same, and there are 7.")

    def test_a_count_never(self):
        reason = "A count of items is shown as it is, without a verdict."
        assert told("barriers", "high", STABLE).reason == reason

    def test_a_difference_by_the_reliability_of_differences(self):
        known = Known(120, 0.5, 0.8, "difference")
        assert told("relationship-spectrum", "position", known).kind == "fall"
        assert told("relationship-spectrum", "position", FULL).kind == ""
        assert told("secure-agreements", "gap", known).reason.startswith("No verdict: a checklist needs 50 pairs")
        assert told("secure-agreements", "gap", Known(120, 0.5, 0.8, "difference", 60)).kind == "fall"

    def test_own_goals_and_what_nobody_knows(self):
        for key in ("goals.sleep", "session-checkin.goals.sleep"):
            assert told("session-checkin", key, FULL).reason == "An own goal is shown as it is, without a verdict."
            assert band(definitions()["session-checkin"], key, FULL, 3.0) is None
        assert told("session-checkin", "goals", STABLE).reason.startswith("Own goals are shown as they are")
        for slug, key in (("session-checkin", "gone"), ("barriers", "goals.sleep"), ("safety-screen", "afraid")):
            assert told(slug, key, FULL).reason == "This version of the measure has no such scale."

    def test_published_values_with_their_citation(self):
        ours = definitions()["patterns-between-us"]
        passport = ours.passport.model_copy(update={"validated": True, "citation": "Somebody 2001"})
        published = ours.model_copy(update={"passport": passport})
        found = judge(
            published, "total", Known(sd=0.5, reliability=0.9, kind="published"), baseline=2, latest=1, count=2
        )
        assert (found.kind, found.provisional) == ("fall", False)
        assert found.basis == "from published values: Somebody 2001"


class TestBand:
    def test_round_the_baseline_and_within_the_scale(self):
        definition = definitions()["patterns-between-us"]
        least = told("patterns-between-us", "total", FULL).min_change
        assert band(definition, "total", FULL, 2.0) == pytest.approx((2 - least, 2 + least))
        assert band(definition, "total", FULL, 0.1) == pytest.approx((0, 0.1 + least))
        assert band(definition, "total", FULL, 4.0) == pytest.approx((4 - least, 4))
        assert band(definition, "total", FULL, None) is None
        assert band(definition, "total", FULL, math.inf) is None

    @given(st.floats(0, 4), st.floats(0, 4), st.floats(0.01, 3), st.floats(0, 0.99))
    def test_outside_the_band_is_a_verdict(self, baseline, latest, sd, r):
        definition, known = definitions()["patterns-between-us"], Known(200, sd, r, "alpha")
        low, high = band(definition, "total", known, baseline)
        found = judge(definition, "total", known, baseline=baseline, latest=latest, count=5)
        if latest < low or latest > high:
            assert found.kind in ("rise", "fall")
        elif low + 1e-9 < latest < high - 1e-9:
            assert found.kind == "none"


@given(
    st.sampled_from(sorted(definitions())),
    st.builds(
        Known,
        st.integers(0, 300),
        st.none() | st.floats(allow_nan=True, allow_infinity=True),
        st.none() | st.floats(allow_nan=True, allow_infinity=True),
        st.sampled_from(["alpha", "retest", "difference", "published", ""]),
        st.integers(0, 300),
    ),
    st.none() | st.floats(allow_nan=True, allow_infinity=True),
    st.none() | st.floats(allow_nan=True, allow_infinity=True),
    st.integers(0, 5),
    st.sampled_from([1, 12]),
)
def test_a_verdict_or_a_reason_and_never_nan(slug, known, baseline, latest, count, family):
    definition = definitions()[slug]
    for scale in definition.scales:
        found = judge(definition, scale.key, known, baseline=baseline, latest=latest, count=count, family=family)
        assert bool(found.kind) == bool(found.words) != bool(found.reason)
        numbers = (found.change, found.rci, found.sem, found.min_change)
        assert all(value is None or math.isfinite(value) for value in numbers)
        around = band(definition, scale.key, known, baseline, family=family)
        assert around is None or all(map(math.isfinite, around))


def test_no_word_of_judgement():
    words = " ".join([focus_note(), *(told("patterns-between-us", "total", FULL, latest=x).words for x in (1, 2, 3))])
    for word in ("better", "worse", "good", "bad", "improve", "severe", "normal"):
        assert word not in words.lower()


class TestCommand:
    GIVEN = ("--baseline", "32.5", "--latest", "47.5", "--sd", "7.5", "--reliability", "0.8")

    def out(self, capsys, *args):
        call_command("change", *args)
        return capsys.readouterr().out

    def test_json_of_the_worked_example(self, capsys):
        found = json.loads(self.out(capsys, "--json", *self.GIVEN, "--better", "higher"))
        assert found["verdict"] == "rise"
        assert found["words"] == "higher than chance explains"
        assert (found["direction"], found["reliable"], found["toward_better"]) == ("higher", True, True)
        rounded = [round(found[name], 3) for name in ("change", "sem", "s_diff", "rci", "min_change")]
        assert rounded == [15, 3.354, 4.743, 3.162, 9.297]

    def test_within_chance_has_no_side(self, capsys):
        found = json.loads(self.out(capsys, "--json", *self.GIVEN, "--latest", "33", "--better", "lower"))
        assert (found["verdict"], found["reliable"], found["toward_better"]) == ("none", False, None)
        assert found["direction"] == "higher"

    def test_another_limit(self, capsys):
        assert json.loads(self.out(capsys, "--json", *self.GIVEN, "--z", "3.2"))["verdict"] == "none"

    def test_text(self, capsys):
        text = self.out(capsys, *self.GIVEN, "--better", "lower")
        assert text == (
            "change +15: higher than chance explains\n"
            "RCI 3.162 (limit 1.96), SEM 3.354, S_diff 4.743, smallest change beyond chance 9.297\n"
            "lower is better: away from it\n"
        )

    @pytest.mark.parametrize(
        ("option", "value", "error"),
        [
            ("--sd", "0", "--sd: '0' must be above 0"),
            ("--sd", "nan", "--sd: 'nan' is not a finite number"),
            ("--sd", "much", "--sd: 'much' is not a number"),
            ("--reliability", "1", "--reliability: '1' must be from 0 to below 1"),
            ("--reliability", "1.2", "--reliability: '1.2' must be from 0 to below 1"),
            ("--reliability", "-0.1", "--reliability: '-0.1' must be from 0 to below 1"),
            ("--baseline", "inf", "--baseline: 'inf' is not a finite number"),
            ("--latest", "", "--latest: '' is not a number"),
            ("--z", "0", "--z: '0' must be above 0"),
            ("--better", "up", "--better: invalid choice: 'up'"),
        ],
    )
    def test_bad_numbers_are_named(self, option, value, error):
        with pytest.raises(CommandError, match=option) as caught:
            call_command("change", *self.GIVEN, option, value)
        assert error in str(caught.value)

    def test_what_cannot_be_computed(self):
        with pytest.raises(CommandError, match="too large or too small") as caught:
            call_command("change", *self.GIVEN, "--sd", "1e-300", "--latest", "1e300")
        assert caught.value.returncode == 2

    def test_exit_codes(self, root):
        def code(*args):
            command = [sys.executable, "manage.py", "change", *args]
            return subprocess.run(command, cwd=root, capture_output=True, text=True).returncode

        assert code(*self.GIVEN) == 0
        assert code(*self.GIVEN, "--sd", "inf") == 2
        assert code("--baseline", "1") == 2
