"""Statistics: known values, invariances, and a reason instead of NaN wherever there is nothing to compute."""

import math
import subprocess
import sys
from dataclasses import astuple, fields

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assessments.statistics import agreement, consistency, cutoffs, effect, reliable, results

number = st.floats(min_value=-50, max_value=50).map(lambda value: round(value, 3))
item = st.integers(min_value=0, max_value=4)
anything = st.floats(allow_nan=True, allow_infinity=True) | st.none() | item


def tables(cells, *, rows=(0, 12), columns=(1, 5)):
    return st.integers(*columns).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=rows[0], max_size=rows[1])
    )


def is_told(result):
    """Every number is finite, and there is a value or a known reason, never both."""
    values = [value for value in astuple(result) if isinstance(value, float)]
    assert all(math.isfinite(value) for value in values), result
    value = getattr(result, fields(result)[0].name) if isinstance(result, results.Estimate) else result.d
    assert (value is None) == bool(result.reason), result
    assert not result.reason or result.reason in results.WORDS
    return result


class TestReliableChange:
    def test_units_and_signs(self):
        found = reliable.reliable_change(3, 1, 0.5, 0.75)
        assert (found.change, found.sem, found.direction, found.reliable) == (-2, 0.25, "fall", True)
        assert found.s_diff == pytest.approx(0.25 * math.sqrt(2))
        assert found.min_change == pytest.approx(1.96 * found.s_diff)
        assert reliable.minimal_change(0.5, 0.75) == found.min_change

    def test_exactly_at_the_limit_is_not_beyond_it(self):
        assert reliable.reliable_change(0, 1.96 * math.sqrt(2), 1, 0).reliable is False

    @given(pre=number, post=number, sd=st.floats(0.01, 50), r=st.floats(0, 0.99))
    def test_swapping_before_and_after_turns_the_sign(self, pre, post, sd, r):
        one, other = reliable.reliable_change(pre, post, sd, r), reliable.reliable_change(post, pre, sd, r)
        assert one.rci == -other.rci
        assert (one.sem, one.s_diff, one.min_change, one.reliable) == (
            other.sem,
            other.s_diff,
            other.min_change,
            other.reliable,
        )
        assert {one.direction, other.direction} in ({"none"}, {"rise", "fall"})

    @given(pre=number, post=number, sd=st.floats(0.1, 50), r=st.floats(0, 0.99), shift=number, times=st.floats(0.1, 10))
    def test_shift_and_scale(self, pre, post, sd, r, shift, times):
        one = reliable.reliable_change(pre, post, sd, r)
        moved = reliable.reliable_change(pre * times + shift, post * times + shift, sd * times, r)
        assert moved.rci == pytest.approx(one.rci, rel=1e-6, abs=1e-6)
        assert moved.sem == pytest.approx(one.sem * times)

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ((1, 2, 0, 0.8), results.BAD_SD),
            ((1, 2, -1, 0.8), results.BAD_SD),
            ((1, 2, math.nan, 0.8), results.BAD_SD),
            ((1, 2, 1, 1), results.BAD_RELIABILITY),
            ((1, 2, 1, -0.1), results.BAD_RELIABILITY),
            ((1, 2, 1, math.nan), results.BAD_RELIABILITY),
            ((math.nan, 2, 1, 0.8), results.NOT_A_NUMBER),
            ((1, math.inf, 1, 0.8), results.NOT_A_NUMBER),
            ((-1e308, 1e308, 1, 0.8), results.OUT_OF_REACH),
            ((0, 1e300, 1e-300, 0.8), results.OUT_OF_REACH),
        ],
    )
    def test_a_reason_for_what_cannot_be(self, values, reason):
        assert reliable.reliable_change(*values) == reliable.Change(reason=reason)
        assert results.words(reason)

    def test_sem_refuses_the_same(self):
        with pytest.raises(ValueError, match=results.BAD_SD):
            reliable.sem(0, 0.5)
        with pytest.raises(ValueError, match=results.BAD_RELIABILITY):
            reliable.minimal_change(1, 1)

    def test_twelve_at_once(self):
        assert round(reliable.bonferroni_z(12), 2) == 2.87
        assert reliable.bonferroni_z(1) == 1.96
        assert round(reliable.false_alarm(12), 2) == 0.46
        for family, error in ((0, 0.05), (12, 0), (12, 1)):
            with pytest.raises(ValueError):
                reliable.bonferroni_z(family, error)

    def test_gates(self):
        assert [reliable.gate(count) for count in (0, 29, 30, 99, 100, 5000)] == [
            *("none", "none", "provisional", "provisional", "full", "full")
        ]


class TestDifference:
    def test_equal_spreads(self):
        """With equal SDs: ((r₁ + r₂)/2 − r₁₂) / (1 − r₁₂), the form in textbooks."""
        assert reliable.difference_reliability(2, 0.8, 2, 0.9, 0.5).value == pytest.approx((0.85 - 0.5) / 0.5)

    @given(sd1=st.floats(0.1, 10), sd2=st.floats(0.1, 10), r1=st.floats(0, 0.99), r2=st.floats(0, 0.99))
    def test_symmetry_and_scale(self, sd1, sd2, r1, r2):
        one = reliable.difference_reliability(sd1, r1, sd2, r2, 0.3)
        assert reliable.difference_reliability(sd2, r2, sd1, r1, 0.3).value == pytest.approx(one.value)
        assert reliable.difference_reliability(7 * sd1, r1, 7 * sd2, r2, 0.3).value == pytest.approx(one.value)
        assert 0 <= one.value < 1

    def test_reasons(self):
        assert reliable.difference_reliability(1, 0.8, 1, 0.8, 1).reason == results.NO_SPREAD
        assert reliable.difference_reliability(0, 0.8, 1, 0.8, 0).reason == results.BAD_SD
        assert reliable.difference_reliability(1, 1.0, 1, 0.8, 0).reason == results.BAD_RELIABILITY
        assert reliable.difference_reliability(1, 0.8, 1, 0.8, math.nan).reason == results.NOT_A_NUMBER
        assert reliable.difference_reliability(1, 0.2, 1, 0.2, 0.9).value == 0


class TestAlpha:
    def test_feldts_interval(self):
        """Of 400 samples of 40 people from tau-equivalent items with alpha 0.8, 95 % have it in their interval."""
        rng, covered = np.random.default_rng(11), 0
        for _sample in range(400):
            common = rng.normal(size=(40, 1))
            found = consistency.alpha(common + rng.normal(size=(40, 4)))
            covered += found.low <= 0.8 <= found.high
        assert 0.925 <= covered / 400 <= 0.975

    def test_the_interval_narrows_with_people_and_items(self):
        widths = [high - low for low, high in (consistency.feldt(0.8, *size) for size in ((30, 4), (30, 9), (100, 9)))]
        assert widths == sorted(widths, reverse=True)
        assert tuple(round(end, 3) for end in consistency.feldt(0.8431, 30, 7)) == (0.739, 0.916)

    def test_parallel_items_are_perfect(self):
        found = consistency.alpha([[1, 1, 1], [2, 2, 2], [4, 4, 4]])
        assert (found.value, found.n) == (pytest.approx(1), 3)

    def test_incomplete_rows_do_not_count(self):
        rows = [[1, 2, 2], [2, 3, 2], [4, 3, 4], [0, 1, 0]]
        assert consistency.alpha([*rows, [1, None, 4], [math.nan, 1, 1]]) == consistency.alpha(rows)

    @pytest.mark.parametrize(
        ("rows", "reason"),
        [
            ([], results.FEW_PEOPLE),
            ([[1, 2]], results.FEW_PEOPLE),
            ([[None, 1]] * 5, results.FEW_PEOPLE),
            ([[1], [2], [3]], results.FEW_ITEMS),
            ([[2, 2]] * 4, results.NO_SPREAD),
            ([[1, 4], [2, 3], [3, 2], [4, 1]], results.NO_SPREAD),
        ],
    )
    def test_reasons(self, rows, reason):
        found = is_told(consistency.alpha(rows))
        assert (found.value, found.reason) == (None, reason)

    @given(tables(item, rows=(4, 12), columns=(2, 5)), st.integers(-9, 9), st.integers(1, 9))
    def test_shift_scale_and_order(self, rows, shift, times):
        one = is_told(consistency.alpha(rows))
        moved = is_told(consistency.alpha([[value * times + shift for value in row] for row in rows]))
        turned = is_told(consistency.alpha([row[::-1] for row in reversed(rows)]))
        assert (moved.reason, turned.reason) == (one.reason, one.reason)
        if one.value is not None:
            assert moved.value == pytest.approx(one.value, abs=1e-8)
            assert turned.value == pytest.approx(one.value, abs=1e-8)
            assert one.low <= one.value + 1e-9
            assert one.value <= 1 + 1e-9

    @given(tables(anything))
    def test_never_nan(self, rows):
        is_told(consistency.alpha(rows))


class TestOmega:
    def made(self, loadings, people=4000):
        """Answers that follow one factor, with exactly these correlations."""
        loadings = np.array(loadings)
        target = np.outer(loadings, loadings)
        np.fill_diagonal(target, 1)
        raw = np.random.default_rng(7).normal(size=(people, len(loadings)))
        raw -= raw.mean(axis=0)
        white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw, rowvar=False))).T
        return white @ np.linalg.cholesky(target).T

    def test_recovers_the_factor(self):
        loadings = [0.8, 0.7, 0.6, 0.5, 0.4]
        expected = sum(loadings) ** 2 / (sum(loadings) ** 2 + sum(1 - one**2 for one in loadings))
        assert consistency.omega(self.made(loadings)).value == pytest.approx(expected, abs=1e-4)

    def test_equals_alpha_where_items_weigh_alike(self):
        answers = self.made([0.6] * 6)
        assert consistency.omega(answers).value == pytest.approx(consistency.alpha(answers).value, abs=1e-4)

    def test_is_above_alpha_where_they_do_not(self):
        answers = self.made([0.95, 0.9, 0.3, 0.2])
        assert consistency.omega(answers).value > consistency.alpha(answers).value

    def test_items_turned_round_all_at_once(self):
        answers = self.made([0.7, 0.6, 0.5])
        assert consistency.omega(-answers).value == pytest.approx(consistency.omega(answers).value)

    @pytest.mark.parametrize(
        ("rows", "reason"),
        [
            ([[1, 2]] * 2, results.FEW_PEOPLE),
            ([[1, 2], [2, 1], [3, 4]], results.FEW_ITEMS),
            ([[1, 2, 3]] * 9, results.NO_SPREAD),
            ([[1, 2, 2], [2, 1, 4], [3, 4, 1]], results.FEW_PEOPLE),
            ([[one, one, one] for one in range(9)], results.NO_FIT),
            ([[one, one * one % 5, 2] for one in range(9)], results.NO_SPREAD),
        ],
    )
    def test_reasons(self, rows, reason):
        assert is_told(consistency.omega(rows)).reason == reason

    @given(tables(anything))
    def test_never_nan(self, rows):
        found = is_told(consistency.omega(rows))
        assert found.value is None or 0 <= found.value <= 1

    @given(tables(item, rows=(6, 12), columns=(3, 4)), st.integers(-9, 9), st.integers(1, 9))
    def test_shift_and_scale(self, rows, shift, times):
        one, moved = (
            consistency.omega(table) for table in (rows, [[value * times + shift for value in row] for row in rows])
        )
        assume(one.value is not None and moved.value is not None)
        assert moved.value == pytest.approx(one.value, abs=1e-3)


class TestIcc:
    @given(tables(item, rows=(2, 9), columns=(2, 5)), st.integers(-9, 9), st.integers(1, 9))
    def test_shift_scale_and_order(self, rows, shift, times):
        one = agreement.icc(rows)
        moved = agreement.icc([[value * times + shift for value in row] for row in rows])
        turned = agreement.icc([row[::-1] for row in reversed(rows)])
        for form in agreement.FORMS:
            is_told(one[form])
            for other in (moved[form], turned[form]):
                assert other.reason == one[form].reason
                if one[form].value is not None:
                    assert other.value == pytest.approx(one[form].value, abs=1e-6, rel=1e-6)

    @given(tables(anything))
    def test_never_nan(self, rows):
        found = agreement.icc(rows)
        assert tuple(found) == agreement.FORMS
        for one in found.values():
            is_told(one)

    def test_whole_agreement_has_a_value_and_no_interval(self):
        found = agreement.icc([[1, 1], [2, 2], [4, 4]])
        assert {(one.value, one.low, one.reason) for one in found.values()} == {(1.0, None, "")}

    def test_a_rater_who_is_always_higher(self):
        found = agreement.icc([[1, 2], [2, 3], [3, 4], [5, 6]])
        assert found["ICC3"].value == pytest.approx(1)
        assert found["ICC2"].value < 0.9

    @pytest.mark.parametrize(
        ("rows", "reason"),
        [
            ([[1, 2]], results.FEW_PEOPLE),
            ([], results.FEW_PEOPLE),
            ([[1], [2]], results.FEW_ITEMS),
            ([[3, 3]] * 4, results.NO_SPREAD),
        ],
    )
    def test_reasons(self, rows, reason):
        assert {one.reason for one in agreement.icc(rows).values()} == {reason}


class TestRetest:
    def test_fishers_interval(self):
        """r = 0.8 of 50: 0.671 to 0.882 (tanh(atanh 0.8 ± 1.96/√47))."""
        x = np.arange(50.0) - 24.5
        rest = np.where(np.arange(50) % 2 == 0, 1.0, -1.0)
        rest -= x * (x @ rest) / (x @ x)
        y = 0.8 * x / np.sqrt(x @ x) + 0.6 * rest / np.sqrt(rest @ rest)
        found = agreement.retest(zip(x, y, strict=True))
        assert (round(found.value, 6), round(found.low, 3), round(found.high, 3), found.n) == (0.8, 0.671, 0.882, 50)

    @given(st.lists(st.tuples(item, item), min_size=4, max_size=20), st.integers(-9, 9), st.integers(1, 9))
    def test_symmetry_shift_and_scale(self, pairs, shift, times):
        one = is_told(agreement.retest(pairs))
        turned = is_told(agreement.retest((after, before) for before, after in pairs))
        moved = is_told(agreement.retest((before * times + shift, after * times + shift) for before, after in pairs))
        assert one.reason == turned.reason == moved.reason
        if one.value is not None:
            assert turned.value == pytest.approx(one.value, abs=1e-9)
            assert moved.value == pytest.approx(one.value, abs=1e-9)

    @given(st.lists(st.tuples(anything, anything), max_size=12))
    def test_never_nan(self, pairs):
        found = is_told(agreement.retest(pairs))
        assert found.value is None or -1 <= found.value <= 1

    def test_reasons(self):
        assert agreement.retest([(1, 2), (2, None), (2, 3)]).reason == results.FEW_PEOPLE
        assert agreement.retest([(1, 2), (1, 3), (1, 4)]).reason == results.NO_SPREAD
        assert agreement.retest([(1, 1), (2, 2), (3, 3), (4, 4)]) == results.Estimate(1.0, n=4)


class TestEffect:
    @given(number, st.floats(0.1, 9), st.integers(2, 60), number, st.floats(0.1, 9), st.integers(2, 60))
    def test_turned_groups_turn_the_sign(self, m1, sd1, n1, m2, sd2, n2):
        one = is_told(effect.independent(m1, sd1, n1, m2, sd2, n2))
        other = is_told(effect.independent(m2, sd2, n2, m1, sd1, n1))
        assert other.d == pytest.approx(-one.d)
        assert other.d_high == pytest.approx(-one.d_low, abs=1e-4, rel=1e-4)
        assert one.d_low <= one.d_high
        assert abs(one.g) <= abs(one.d)

    @given(st.lists(st.tuples(item, item), min_size=3, max_size=20), st.integers(-9, 9), st.integers(1, 9))
    def test_pre_post_shift_and_scale(self, pairs, shift, times):
        one = is_told(effect.pre_post(pairs))
        moved = is_told(effect.pre_post([(before * times + shift, after * times + shift) for before, after in pairs]))
        back = is_told(effect.pre_post([(after, before) for before, after in pairs]))
        assert one.reason == moved.reason == back.reason
        if one.d is not None:
            assert moved.d == pytest.approx(one.d, abs=1e-6)
            assert moved.spread == pytest.approx(one.spread * times)
            assert back.d == pytest.approx(-one.d, abs=1e-6)

    @given(st.lists(anything, max_size=9), st.lists(anything, max_size=9))
    def test_never_nan(self, first, second):
        is_told(effect.two_groups(first, second))
        is_told(effect.pre_post(zip(first, second, strict=False)))

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (lambda: effect.independent(1, 1, 1, 2, 1, 9), results.BAD_SIZE),
            (lambda: effect.independent(math.nan, 1, 9, 2, 1, 9), results.NOT_A_NUMBER),
            (lambda: effect.independent(1, -1, 9, 2, 1, 9), results.BAD_SD),
            (lambda: effect.independent(1, 0, 9, 2, 0, 9), results.NO_SPREAD),
            (lambda: effect.independent(1e308, 1e-300, 9, 2, 1e-300, 9), results.OUT_OF_REACH),
            (lambda: effect.paired(1, 1, 2, 0.5), results.BAD_SIZE),
            (lambda: effect.paired(1, 1, 9, 1), results.NOT_A_NUMBER),
            (lambda: effect.paired(1, 0, 9, 0.5), results.BAD_SD),
            (lambda: effect.two_groups([1], [1, 2]), results.FEW_PEOPLE),
            (lambda: effect.two_groups([2, 2], [2, 2]), results.NO_SPREAD),
            (lambda: effect.pre_post([(1, 2), (2, 3), (4, 5)]), results.NO_SPREAD),
            (lambda: effect.pre_post([(1, 2), (None, 3)]), results.FEW_PEOPLE),
        ],
    )
    def test_reasons(self, found, reason):
        assert is_told(found()).reason == reason

    def test_correction_needs_two_degrees(self):
        assert effect.small_sample(1) == 0
        assert effect.small_sample(98) == pytest.approx(0.9923, abs=1e-4)


class TestCutoffs:
    def test_for_published_measures_only(self):
        with pytest.raises(ValueError, match="citation"):
            cutoffs.cutoffs(citation=" ", m_func=1, sd_func=1)
        with pytest.raises(ValueError, match="citation"):
            cutoffs.Published("", 10, 6)

    def test_what_is_not_known_is_none(self):
        assert cutoffs.cutoffs(citation="x", m_func=60, sd_func=7.5, better="higher") == cutoffs.Cutoffs(None, 45, None)
        with pytest.raises(ValueError, match="group"):
            cutoffs.cutoffs(citation="x", m_func=60)
        with pytest.raises(ValueError, match="group"):
            cutoffs.cutoffs(citation="x", m_func=60, sd_func=0)

    def test_higher_is_better_mirrors_lower(self):
        low = cutoffs.classify(cutoffs.Published("x", 10, 6), 15, 9)
        assert low == cutoffs.classify(cutoffs.Published("x", -10, 6, better="higher"), -15, -9)
        for bad in (math.nan, math.inf):
            with pytest.raises(ValueError):
                cutoffs.classify(cutoffs.Published("x", 10, 6), bad, 1)
            with pytest.raises(ValueError):
                cutoffs.Published("x", bad, 6)


def test_pages_do_not_pay_for_scipy(root):
    """What a page needs of change imports neither numpy nor scipy."""
    code = (
        "import sys, assessments.change, assessments.statistics.cutoffs;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'numpy', 'scipy'}))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
