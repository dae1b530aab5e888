"""What is offered for the focus barriers, in which order and why; what must never be given."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

import homework
from clients import barriers
from homework.schema import ExerciseDefinition, load_exercises
from homework.suggestions import HIGH, RatingPair, Suggestion, blocked, named_for, suggest

NEVER = ("expert-on-you", "from-blame-to-my-part", "go-to-person", "partner-first-moment")
LOW = RatingPair(client=HIGH - 1, clinician=HIGH - 1)


@cache
def library() -> tuple[ExerciseDefinition, ...]:
    return load_exercises(Path(homework.__file__).parent / "exercises")


def given_for(focus: Iterable[str], **changes) -> list[Suggestion]:
    options = {"done": (), "ratings": {}, "open_safety_flag": False, "screened": True, "limit": None} | changes
    return suggest(library(), list(focus), **options)


def slugs(suggestions: list[Suggestion]) -> list[str]:
    return [suggestion.exercise.slug for suggestion in suggestions]


def shut(**changes) -> dict[str, tuple[str, ...]]:
    return blocked(library(), **({"ratings": {}, "open_safety_flag": False, "screened": True} | changes))


def test_control_gives_its_four():
    assert slugs(given_for(["control"])) == [
        "limits-and-space", "loosen-the-grip", "shared-responsibilities-audit", "equal-say",
    ]  # fmt: skip
    assert slugs(given_for(["power"])) == slugs(given_for(["control"]))


def test_culture_gives_the_named_three_first():
    assert slugs(given_for(["culture"])) == [
        "messages-i-grew-up-with", "what-i-wont-trade", "equal-say", "turning-toward", "shared-core-values",
    ]  # fmt: skip


def test_communication_gives_article_c_first():
    assert slugs(given_for(["communication"], limit=7)) == [
        "balanced-care", "did-i-get-that-right", "shared-core-values", "shared-goal-plan", "togetherness-pulse",
        "weekly-check-in", "expert-on-you",
    ]  # fmt: skip


@pytest.mark.parametrize("code", barriers.CODES)
def test_named_ones_before_others_and_at_least_four_in_all(code: str):
    found = given_for([code])
    named = [named_for(suggestion.exercise, code) for suggestion in found]
    assert named == sorted(named, reverse=True)
    assert len(found) >= 4
    assert {suggestion.barriers for suggestion in found} == {(code,)}


def test_the_focus_barriers_take_turns():
    first = given_for(["vulnerability", "communication", "culture"], limit=3)
    assert [
        [named_for(suggestion.exercise, code) for code in ("vulnerability", "communication", "culture")]
        for suggestion in first
    ] == [[True, False, False], [False, True, False], [False, False, True]]


def test_more_of_the_focus_first():
    found = given_for(["communication", "expectations"])
    named = [suggestion for suggestion in found if named_for(suggestion.exercise, "communication")]
    assert [(suggestion.exercise.slug, len(suggestion.barriers)) for suggestion in named] == [
        ("balanced-care", 2),
        ("shared-core-values", 2),
        ("shared-goal-plan", 2),
        ("togetherness-pulse", 2),
        ("weekly-check-in", 2),
        ("did-i-get-that-right", 1),
    ]


def test_the_order_of_the_library_does_not_matter():
    options = {"done": {"equal-say"}, "ratings": {}, "open_safety_flag": False, "screened": True, "limit": None}
    focus = ["past", "control", "norms"]
    assert suggest(library(), focus, **options) == suggest(library()[::-1], focus, **options)


def test_done_ones_come_last_and_say_so():
    found = given_for(["control"], done={"limits-and-space", "loosen-the-grip", "no-such-slug"})
    assert [(suggestion.exercise.slug, suggestion.done_before) for suggestion in found] == [
        ("shared-responsibilities-audit", False),
        ("equal-say", False),
        ("limits-and-space", True),
        ("loosen-the-grip", True),
    ]
    assert [suggestion.reason.endswith(" Done before.") for suggestion in found] == [False, False, True, True]


def test_the_reason_in_words():
    reasons = {s.exercise.slug: s.reason for s in given_for(["norms", "past", "culture"])}
    assert reasons["equal-say"] == (
        "Serves the focus barriers “Socialized norms” and “Cultural influences”. Drawn from articles "
        "E (an unsigned article of an attachment-styles site, 2023) and C (Layne Baker, LMFT)."
    )
    assert reasons["helping-or-enabling-ledger"] == (
        "Serves the focus barrier “Past relationship problems”. Drawn from article D (Brittni, 2019). "
        "Go through it with the client."
    )


def test_the_reason_is_made_in_the_language_of_the_moment():
    with translation.override("de"):
        assert given_for(["past"], limit=1)[0].reason != ""


def test_no_focus_no_suggestion():
    assert given_for([]) == []


def test_a_barrier_named_twice_counts_once():
    assert given_for(["past", "past"]) == given_for(["past"])


def test_limits():
    assert len(given_for(["expectations"], limit=2)) == 2
    assert given_for(["expectations"], limit=0) == []
    assert len(suggest(library(), ["expectations"], done=(), ratings={}, open_safety_flag=False, screened=True)) == 6


def test_bad_input_is_an_error():
    with pytest.raises(ValueError, match=r"^unknown barrier codes: trust, b01$"):
        given_for(["past", "trust", "b01"])
    with pytest.raises(ValueError, match=r"^limit is negative$"):
        given_for(["past"], limit=-1)


def test_nothing_is_blocked_when_all_is_calm():
    assert shut(ratings={"control": LOW, "power": LOW, "past": RatingPair(4, 4)}) == {}


@pytest.mark.parametrize("code", ["control", "power"])
@pytest.mark.parametrize("pair", [RatingPair(HIGH, None), RatingPair(None, HIGH), RatingPair(0, 4), RatingPair(4, 0)])
def test_never_while_either_rater_gives_control_or_power_three(code: str, pair: RatingPair):
    reason = f"“{barriers.BY_CODE[code].name}” is rated 3 or more, by the client or by you."
    assert shut(ratings={code: pair}) == dict.fromkeys(NEVER, (reason,))


def test_both_high_are_told_in_one_reason():
    found = shut(ratings={"power": RatingPair(3, 3), "control": RatingPair(3, 3)})
    assert found["go-to-person"] == (
        "“Control issues” and “Power dynamics” are rated 3 or more, by the client or by you.",
    )  # fmt: skip


def test_an_open_flag_leaves_only_what_asks_nothing_of_the_couple():
    left = {exercise.slug for exercise in library()} - set(shut(open_safety_flag=True))
    assert left == {
        "all-or-nothing-thought-record", "balanced-care", "friends-night", "hobby-hour", "loosen-the-grip",
        "messages-i-grew-up-with", "my-attachment-story", "my-interests-outside-us", "my-own-goal", "one-promise-kept",
        "pause-before-reacting", "people-pleasing-log", "time-for-what-i-love", "what-i-wont-trade",
        "where-i-end-and-you-begin",
    }  # fmt: skip


def test_every_reason_of_a_block_is_told():
    found = shut(open_safety_flag=True, ratings={"control": RatingPair(3, None)}, screened=False)
    together = "A safety flag is open, and this may be done together."
    assert {slug: found[slug] for slug in ("limits-and-space", "helping-or-enabling-ledger", "go-to-person")} == {
        "limits-and-space": (
            "A safety flag is open, and this asks the client to set a limit.",
            "A safety flag is open, and this asks the client to open up to the partner.",
        ),
        "helping-or-enabling-ledger": (
            "A safety flag is open, and this asks the client to say no.",
            "A safety flag is open, and this asks the client to set a limit.",
        ),
        "go-to-person": (
            together,
            "A safety flag is open, and this asks the client to open up to the partner.",
            "“Control issues” is rated 3 or more, by the client or by you.",
        ),
    }
    assert found["equal-say"] == (together,)


def test_together_waits_for_the_screen():
    found = shut(screened=False)
    assert set(found) == {exercise.slug for exercise in library() if exercise.setting == "together"}
    assert set(found.values()) == {
        ("It is done together, and not everyone who takes part has answered the safety screen.",)
    }


RATING = st.one_of(st.none(), st.integers(0, 4))
RATINGS = st.dictionaries(st.sampled_from(barriers.CODES), st.builds(RatingPair, RATING, RATING))
FOCUS = st.lists(st.sampled_from(barriers.CODES), max_size=barriers.MAX_FOCUS)
DONE = st.sets(st.sampled_from([exercise.slug for exercise in library()]))


@given(focus=FOCUS, done=DONE, ratings=RATINGS, flag=st.booleans(), screened=st.booleans())
def test_whatever_comes_the_rules_hold(focus, done, ratings, flag, screened):
    found = given_for(focus, done=done, ratings=ratings, open_safety_flag=flag, screened=screened)
    barred = set(shut(ratings=ratings, open_safety_flag=flag, screened=screened))
    wanted = {e.slug for e in library() if set(e.barriers) & set(focus)} - barred

    assert sorted(slugs(found)) == sorted(wanted)  # all that serve, none barred, none twice
    assert [s.done_before for s in found] == [s.exercise.slug in done for s in found]
    assert [s.done_before for s in found] == sorted(s.done_before for s in found)
    assert [s.barriers for s in found] == [
        tuple(code for code in dict.fromkeys(focus) if code in s.exercise.barriers) for s in found
    ]


@given(focus=FOCUS, done=DONE, ratings=RATINGS, screened=st.booleans())
def test_with_a_flag_open_nothing_risky_is_ever_offered(focus, done, ratings, screened):
    for suggestion in given_for(focus, done=done, ratings=ratings, open_safety_flag=True, screened=screened):
        exercise = suggestion.exercise
        asks = (exercise.setting, exercise.safety.says_no, exercise.safety.sets_limits, exercise.safety.discloses)
        assert asks == ("solo", False, False, False)


@given(
    focus=FOCUS,
    done=DONE,
    ratings=RATINGS,
    code=st.sampled_from(["control", "power"]),
    high=st.integers(HIGH, 4),
    other=RATING,
    by_client=st.booleans(),
    flag=st.booleans(),
)
def test_with_control_or_power_high_the_four_are_never_offered(
    focus, done, ratings, code, high, other, by_client, flag
):
    pair = RatingPair(high, other) if by_client else RatingPair(other, high)
    found = given_for(focus, done=done, ratings=ratings | {code: pair}, open_safety_flag=flag)
    assert [slug for slug in slugs(found) if slug in NEVER] == []


def test_the_four_are_offered_when_control_and_power_are_low():
    found = slugs(given_for(["vulnerability", "insecurity", "past"], ratings={"control": LOW, "power": LOW}))
    assert sorted(slug for slug in found if slug in NEVER) == list(NEVER)
