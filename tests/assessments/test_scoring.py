"""Scoring by hand-computed examples and by properties."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.library import load_definitions
from assessments.schema import Definition, parse_definition
from assessments.scoring import (
    PlanePoint,
    ScaleScore,
    clearance,
    needed,
    plane_points,
    private_talk_hits,
    reason_text,
    risk_hits,
    score,
    uncleared,
)
from clients.barriers import CODES
from tests.assessments.refused import FUN, THREE
from tests.assessments.texts import changed

LIBRARY = {definition.slug: definition for definition in load_definitions()}


def scored(definition: Definition, answers: Mapping[str, object]) -> dict[str, ScaleScore]:
    return {one.key: one for one in score(definition, answers)}


def every(definition: Definition, value: int) -> dict[str, object]:
    return {question.id: value for question in definition.questions if question.kind == "choice"}


@pytest.mark.parametrize(
    ("of", "least"),
    [(1, 1), (2, 2), (3, 3), (4, 4), (5, 4), (6, 5), (10, 8), (12, 10), (15, 12), (18, 15), (20, 16)],
)
def test_how_many_answers_a_scale_needs(of: int, least: int) -> None:
    assert needed(of) == least


def test_barriers_whole(barriers: Definition) -> None:
    answers = dict(zip(CODES, [4, 3, 0, 1, 2, 3, 4, 0, 0, 1, 2, 2], strict=True))
    found = scored(barriers, answers)
    assert found["vulnerability"] == ScaleScore("vulnerability", 4.0, 1, 1)
    assert found["burden"] == ScaleScore("burden", 1.8333, 12, 12)
    assert found["high"] == ScaleScore("high", 4.0, 12, 12)
    assert list(found) == [*CODES, "burden", "high"]


def test_a_mean_is_prorated_and_a_count_is_not(barriers: Definition) -> None:
    answers: dict[str, object] = {**dict.fromkeys(CODES, 3), "power": None, "control": None}
    found = scored(barriers, answers)
    assert found["burden"] == ScaleScore("burden", 3.0, 10, 12)
    assert found["high"] == ScaleScore("high", None, 10, 12, "not_whole")
    assert found["power"] == ScaleScore("power", None, 0, 1, "not_whole")


def test_missing_is_never_a_zero(barriers: Definition) -> None:
    assert {one.value for one in score(barriers, {})} == {None}
    assert scored(barriers, {"power": 0})["power"] == ScaleScore("power", 0.0, 1, 1)


def test_below_eighty_percent_is_not_scored(barriers: Definition) -> None:
    found = scored(barriers, dict.fromkeys(CODES[:9], 2))["burden"]
    assert found == ScaleScore("burden", None, 9, 12, "too_few")
    assert reason_text(found) == "Not scored: 9 of 12 answered"


def test_scales_of_two_and_three_items_are_scored_whole_only() -> None:
    practices = LIBRARY["building-practices"]
    answers = every(practices, 3)
    del answers["listening"], answers["space"]
    found = scored(practices, answers)
    assert found["communication"] == ScaleScore("communication", None, 1, 2, "not_whole")
    assert found["trust"] == ScaleScore("trust", None, 2, 3, "too_few")
    assert found["support"] == ScaleScore("support", 3.0, 2, 2)
    assert found["total"] == ScaleScore("total", 3.0, 10, 12)


def test_reversed_items_count_the_other_way() -> None:
    attunement = LIBRARY["attunement"]
    answers = {**every(attunement, 4), "missed": 0, "alone": 1, "cut-in": 4}
    found = scored(attunement, answers)
    assert (found["giving"].value, found["receiving"].value, found["active-listening"].value) == (4.0, 3.6667, 2.6667)


def test_reversing_uses_the_ends_of_the_range() -> None:
    attachment = LIBRARY["attachment-patterns"]
    answers = every(attachment, 7)
    assert scored(attachment, answers)["anxiety"].value == pytest.approx((4 * 7 + 2 * 1) / 6)


def test_the_position_needs_all_three_means(spectrum: Definition) -> None:
    means = {name: scale.items for name, scale in spectrum.scales_by_key.items()}
    answers: dict[str, object] = {
        **dict.fromkeys(means["independence"], 1),
        **dict.fromkeys(means["codependence"], 3),
        **dict.fromkeys(means["interdependence"], 2),
    }
    assert scored(spectrum, answers)["position"] == ScaleScore("position", 2.0, 18, 18)
    for name in means["interdependence"][:2]:
        answers[name] = None
    found = scored(spectrum, answers)
    assert found["interdependence"] == ScaleScore("interdependence", None, 4, 6, "too_few")
    assert found["position"] == ScaleScore("position", None, 16, 18, "part_missing")
    assert found["codependence"].value == 3.0


def test_a_difference_is_rounded_once(spectrum: Definition) -> None:
    answers = every(spectrum, 2)
    answers[spectrum.scales_by_key["independence"].items[0]] = None
    answers[spectrum.scales_by_key["independence"].items[1]] = 3
    answers[spectrum.scales_by_key["codependence"].items[0]] = 3
    # 13/6 − 11/5 = −1/30, not 2.1667 − 2.2
    assert scored(spectrum, answers)["position"].value == -0.0333


def test_the_gap_is_mine_minus_my_partners() -> None:
    agreements = LIBRARY["secure-agreements"]
    answers = {question.id: 4 if question.id.endswith("-mine") else 1 for question in agreements.questions}
    assert [one.value for one in score(agreements, answers)] == [4.0, 1.0, 3.0]


def test_what_is_done_to_me_changes_no_score_and_prompts_a_talk() -> None:
    patterns = LIBRARY["patterns-between-us"]
    answers = {**every(patterns, 1), "control-me": 2, "blame-me": 4}
    assert {one.value for one in score(patterns, answers)} == {1.0}
    assert private_talk_hits(patterns, answers) == ["control-me", "blame-me"]
    assert private_talk_hits(patterns, every(patterns, 1)) == []
    assert risk_hits(patterns, answers) == []


def test_own_goals_make_a_mean(checkin: Definition) -> None:
    assert scored(checkin, {})["goals"] == ScaleScore("goals", None, 0, 0, "nothing_asked")
    assert scored(checkin, {"goals.a1": 4, "goals.b2": 7})["goals"] == ScaleScore("goals", 5.5, 2, 2)
    assert scored(checkin, {"goals.a1": 4, "goals.b2": None})["goals"] == ScaleScore("goals", None, 1, 2, "not_whole")
    five = {f"goals.{number}": 5 for number in range(4)} | {"goals.e": None}
    assert scored(checkin, five)["goals"] == ScaleScore("goals", 5.0, 4, 5)


def test_ratings_of_focus_barriers_make_no_score(checkin: Definition) -> None:
    scores = score(checkin, {"focus-now.control": 4, "connected": 7})
    assert [(one.key, one.value) for one in scores if one.value is not None] == [("connected", 7.0)]


def test_a_sum_is_prorated() -> None:
    text = changed(
        FUN, FUN.replace("method: mean", "method: sum").replace("[one, two]", "[one, two, three, four, five]")
    )
    more = "".join(f"  - {{id: {name}, text: I {name}., options: amount}}\n" for name in ("four", "five"))
    definition = parse_definition(changed(THREE, THREE + more, text), "small.yaml")
    answers = {"one": 2, "two": 0, "three": 1, "four": 2}
    assert scored(definition, answers)["fun"] == ScaleScore("fun", 8.75, 4, 5)


def test_the_plane_has_the_two_means_as_coordinates() -> None:
    attachment = LIBRARY["attachment-patterns"]
    assert plane_points(attachment, score(attachment, every(attachment, 4))) == (PlanePoint("pattern", 4.0, 4.0),)
    only = dict.fromkeys(attachment.scales_by_key["anxiety"].items, 4)
    (point,) = plane_points(attachment, score(attachment, only))
    assert (point, point.scored) == (PlanePoint("pattern", 4.0, None), False)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (ScaleScore("a", 1.0, 3, 3), ""),
        (ScaleScore("a", None, 3, 6, "too_few"), "Not scored: 3 of 6 answered"),
        (ScaleScore("a", None, 11, 12, "not_whole"), "Not scored: 11 of 12 answered, and all are needed"),
        (
            ScaleScore("a", None, 16, 18, "part_missing"),
            "Not scored: a scale it builds on is not scored (16 of 18 answered)",
        ),
        (ScaleScore("a", None, 0, 0, "nothing_asked"), "Not scored: nothing was asked"),
    ],
)
def test_the_reason_in_words(found: ScaleScore, text: str) -> None:
    assert reason_text(found) == text


def test_any_yes_of_the_screen_is_a_hit(safety: Definition) -> None:
    no = {question.id: 0 for question in safety.questions}
    for question in safety.questions:
        answers = {**no, question.id: 1}
        assert risk_hits(safety, answers) == [question.id]
        assert clearance(safety, answers) == "flag"
    assert clearance(safety, no) == "nothing_reported"
    assert uncleared(safety, no) == []


def test_not_saying_and_not_answering_are_not_cleared(safety: Definition) -> None:
    no: dict[str, object] = {question.id: 0 for question in safety.questions}
    for open_answer in (2, None):
        answers = {**no, "tracked.year": open_answer}
        assert (clearance(safety, answers), uncleared(safety, answers)) == ("not_cleared", ["tracked.year"])
    assert uncleared(safety, {}) == [question.id for question in safety.questions]
    assert clearance(safety, {"afraid.now": 1}) == "flag"


def test_truth_values_are_no_numbers(barriers: Definition) -> None:
    assert scored(barriers, {"power": True})["power"].value is None


SCORABLE = [definition for definition in LIBRARY.values() if definition.scales]


@st.composite
def answered(draw: st.DrawFn) -> tuple[Definition, dict[str, object]]:
    definition = draw(st.sampled_from(SCORABLE))
    answers: dict[str, object] = {}
    for question in definition.questions:
        if question.kind in {"choice", "slider"} and question.minimum is not None:
            answers[question.id] = draw(st.none() | st.integers(question.minimum, question.maximum))
    return definition, answers


@given(answered())
def test_every_score_lies_in_its_range_or_has_a_reason(case: tuple[Definition, dict[str, object]]) -> None:
    definition, answers = case
    for one in score(definition, answers):
        assert (one.value is None) == (one.reason is not None) == (reason_text(one) != "")
        assert 0 <= one.answered <= one.of
        if one.value is not None:
            low, high = definition.range_of(one.key)
            assert low <= one.value <= high


@given(answered(), st.randoms())
def test_the_order_of_answers_changes_nothing(case: tuple[Definition, dict[str, object]], random) -> None:
    definition, answers = case
    names = list(answers)
    random.shuffle(names)
    assert score(definition, {name: answers[name] for name in names}) == score(definition, answers)


@given(answered())
def test_leaving_out_is_the_same_as_none(case: tuple[Definition, dict[str, object]]) -> None:
    definition, answers = case
    given_only = {name: value for name, value in answers.items() if value is not None}
    assert score(definition, given_only) == score(definition, answers)


@given(answered())
def test_swapping_answers_within_a_scale_keeps_its_mean(case: tuple[Definition, dict[str, object]]) -> None:
    definition, answers = case
    for scale in definition.scales:
        plain = [name for name in scale.items if name in answers and not definition.items_by_id[name].reversed]
        if scale.method not in {"mean", "count_at_least"} or len(plain) < 2:
            continue
        turned = {**answers, **dict(zip(plain, [answers[name] for name in reversed(plain)], strict=True))}
        assert scored(definition, turned)[scale.key] == scored(definition, answers)[scale.key]


@given(answered())
def test_turning_every_item_round_twice_gives_the_same(case: tuple[Definition, dict[str, object]]) -> None:
    definition, answers = case
    assert score(definition, _mirrored(definition, _mirrored(definition, answers))) == score(definition, answers)


@given(answered())
def test_mirrored_answers_mirror_the_mean(case: tuple[Definition, dict[str, object]]) -> None:
    definition, answers = case
    before, after = scored(definition, answers), scored(definition, _mirrored(definition, answers))
    for scale in definition.scales:
        value = before[scale.key].value
        if scale.method in {"mean", "single"} and value is not None:
            low, high = definition.range_of(scale.key)
            assert after[scale.key].value == pytest.approx(low + high - value, abs=1e-4)


@given(answered(), st.integers(0, 4))
def test_proration_is_the_mean_of_what_was_answered(case: tuple[Definition, dict[str, object]], value: int) -> None:
    definition, answers = case
    for scale in definition.scales:
        items = [definition.items_by_id[name] for name in scale.items]
        if scale.method != "mean" or any(item.reversed or item.kind != "choice" for item in items):
            continue
        low, high = definition.range_of(scale.key)
        same = max(int(low), min(int(high), value))
        constant = {name: None if answers.get(name) is None else same for name in scale.items}
        found = scored(definition, constant)[scale.key]
        assert found.value in (None, float(same))


def _mirrored(definition: Definition, answers: Mapping[str, object]) -> dict[str, object]:
    turned: dict[str, object] = {}
    for name, value in answers.items():
        question = next(one for one in definition.questions if one.id == name)
        both = (question.minimum or 0) + (question.maximum or 0)
        turned[name] = both - value if isinstance(value, int) else value
    return turned
