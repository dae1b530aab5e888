"""What may be answered, what is refused and how it is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.answers import MAX_TEXT, MAX_UNKNOWN, Asked, clean_answers, questions_for, split_texts
from assessments.library import load_definitions
from assessments.schema import Definition
from clients.barriers import BARRIERS, CODES

LIBRARY = {definition.slug: definition for definition in load_definitions()}
CLINICIAN = Asked(respondent="clinician")


def one(definition: Definition, name: str, value: object, asked: Asked | None = None) -> tuple[object, str | None]:
    """The clean answer and the error of a single autosaved one."""
    clean, errors = clean_answers(definition, {name: value}, partial=True, asked=asked or Asked())
    assert set(clean) | set(errors) == {name}
    return clean.get(name), errors.get(name)


@pytest.mark.parametrize(
    ("value", "clean"),
    [(0, 0), (4, 4), ("3", 3), (" 2 ", 2), ("", None), (None, None), ("skipped", None), ("not-applicable", None)],
)
def test_a_choice_in_range_or_missing(barriers: Definition, value: object, clean: object) -> None:
    assert one(barriers, "power", value) == (clean, None)


@pytest.mark.parametrize("value", [5, -1, "5", "-1", "1.0", 1.0, True, [1], {"a": 1}, "two", "٣", "99999999999", b"1"])
def test_a_choice_out_of_range_or_of_the_wrong_type(barriers: Definition, value: object) -> None:
    text = "“One of us had more say or more money than the other.”: choose one of the answers shown."
    assert one(barriers, "power", value) == (None, text)


def test_a_clinician_reads_errors_in_their_own_wording(barriers: Definition) -> None:
    text = "“The client doubted their own worth.”: choose one of the answers shown."
    assert one(barriers, "self-esteem", 9, CLINICIAN) == (None, text)


def test_a_slider_out_of_range_names_its_ends(checkin: Definition) -> None:
    assert one(checkin, "heard", "11") == (None, "“I felt heard by my partner.”: choose a number from 0 to 10.")
    assert one(checkin, "heard", "10") == (10, None)


def test_the_screen_takes_each_frame_by_itself(safety: Definition) -> None:
    assert one(safety, "afraid.now", "1") == (1, None)
    assert one(safety, "afraid.year", 2) == (2, None)
    assert one(safety, "afraid", 1) == (None, "“I have been afraid of someone close to me.” is not asked here.")
    assert one(safety, "afraid.then", 1)[1] == "“I have been afraid of someone close to me.” is not asked here."


def test_unknown_questions_are_refused_and_counted(barriers: Definition) -> None:
    assert one(barriers, "shyness", 1) == (None, "This form has no question “shyness”.")
    raw = {f"x{number}": 1 for number in range(100)}
    clean, errors = clean_answers(barriers, raw, partial=True)
    assert (clean, len(errors)) == ({}, MAX_UNKNOWN)


def test_a_note_goes_with_an_item_that_allows_one(barriers: Definition, checkin: Definition) -> None:
    assert one(barriers, "power.note", " We argued\r\nabout rent. ") == ("We argued\nabout rent.", None)
    assert one(checkin, "heard.note", "x") == (None, "“I felt heard by my partner.” is not asked here.")
    assert one(barriers, "something-else.note", "x")[0] is None


def test_the_clinician_is_not_asked_for_the_clients_words(barriers: Definition) -> None:
    assert [question.id for question in questions_for(barriers, CLINICIAN)] == list(CODES)
    assert one(barriers, "focus", ["power"], CLINICIAN) == (
        None,
        "“These are the ones I would most like to work on.” is not asked here.",
    )


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        (["power", "control"], ["control", "power"]),
        (("past",), ["past"]),
        ("past", ["past"]),
        (["past", "past"], ["past"]),
        ([], []),
        ("", None),
        (None, None),
    ],
)
def test_a_focus_pick_is_a_list_in_the_order_of_the_twelve(barriers: Definition, value: object, clean: object) -> None:
    assert one(barriers, "focus", value) == (clean, None)


def test_a_focus_pick_takes_three_at_most_and_known_ones(barriers: Definition) -> None:
    wording = "“These are the ones I would most like to work on.”"
    assert one(barriers, "focus", list(CODES[:4])) == (None, f"{wording}: choose at most 3; 4 are chosen.")
    for value in (["shyness"], 3, [3], [["past"]], {"past": 1}):
        assert one(barriers, "focus", value) == (None, f"{wording}: choose from the list.")


def test_life_events_are_codes_of_the_list(checkin: Definition) -> None:
    assert one(checkin, "life-events", ["move", "grief"]) == (["grief", "move"], None)
    assert one(checkin, "life-events", ["war"])[1] == "“Something big happened in my life.”: choose from the list."


@pytest.mark.parametrize(
    ("value", "clean"), [(True, True), ("on", True), ("true", True), (False, False), ("0", False), ("", None)]
)
def test_a_toggle(checkin: Definition, value: object, clean: object) -> None:
    assert one(checkin, "talk-instead", value) == (clean, None)


@pytest.mark.parametrize("value", ["maybe", 1, [True]])
def test_a_toggle_is_refused(checkin: Definition, value: object) -> None:
    text = "“I would rather talk than fill this in.”: tick it or leave it open."
    assert one(checkin, "talk-instead", value) == (None, text)


def test_texts(checkin: Definition) -> None:
    wording = "“This is what I want from today.”"
    assert one(checkin, "today", "x" * MAX_TEXT) == ("x" * MAX_TEXT, None)
    assert one(checkin, "today", " skipped ") == ("skipped", None)
    assert one(checkin, "today", "  ") == (None, None)
    assert one(checkin, "today", "x" * (MAX_TEXT + 1)) == (
        None,
        f"{wording}: the text has 4001 characters; at most 4000 can be kept.",
    )
    for text in ("a\x00b", "a\ud800"):
        assert one(checkin, "today", text) == (None, f"{wording}: the text holds a character that cannot be stored.")
    assert one(checkin, "today", 7) == (None, f"{wording}: write text here.")


def test_only_own_goals_and_focus_barriers_are_asked(checkin: Definition) -> None:
    asked = Asked(goals={"g1": "See friends more"}, focus=["power", "control"])
    questions = questions_for(checkin, asked)
    assert [question.id for question in questions] == [
        "talk-instead", "connected", "myself", "heard", "at-ease", "hopeful",
        "goals.g1", "focus-now.control", "focus-now.power", "life-events", "today",
    ]  # fmt: skip
    named = {question.id: question.text for question in questions}
    assert named["goals.g1"] == "See friends more"
    assert named["focus-now.power"] == str(BARRIERS[10].name)
    assert one(checkin, "goals.g1", 7, asked) == (7, None)
    assert one(checkin, "goals.g1", 11, asked) == (None, "“See friends more”: choose a number from 0 to 10.")
    assert (
        one(checkin, "goals.g2", 7, asked)[1] == "“This is how near I am to each of my own goals.” is not asked here."
    )
    assert one(checkin, "focus-now.past", 1, asked)[0] is None


def test_where_goals_are_not_known_any_key_will_do(checkin: Definition) -> None:
    assert one(checkin, "goals.g1", 7) == (7, None)
    assert one(checkin, "focus-now.past", 4) == (4, None)
    for name in ("goals", "goals.", "goals.a b", "goals.a.b", "focus-now", "focus-now.shyness"):
        assert one(checkin, name, 4)[0] is None


def test_a_submission_says_what_was_asked(barriers: Definition) -> None:
    clean, errors = clean_answers(barriers, {"power": "2", "power.note": "rent", "control": "9"}, partial=False)
    assert set(errors) == {"control"}
    assert clean == {
        **dict.fromkeys([code for code in CODES if code != "control"]),
        "power": 2,
        "power.note": "rent",
        "focus": None,
    }


def test_an_autosave_keeps_to_what_was_sent(barriers: Definition) -> None:
    assert clean_answers(barriers, {}, partial=True) == ({}, {})


def test_free_texts_are_split_off(barriers: Definition) -> None:
    clean, _errors = clean_answers(
        barriers, {"power": "2", "power.note": "rent", "past.note": "", "something-else": "Work."}, partial=True
    )
    values, texts = split_texts(barriers, clean)
    assert values == {"power": 2}
    assert texts == {"power.note": "rent", "past.note": "", "something-else": "Work."}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.sampled_from(CODES),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
IDS = sorted({question.id for one in LIBRARY.values() for question in one.questions} | {"power.note", "goals.a"})


@given(st.sampled_from(sorted(LIBRARY)), st.dictionaries(st.sampled_from(IDS) | st.text(), ANYTHING), st.booleans())
def test_whatever_comes_is_cleaned_or_named(slug: str, raw: dict[str, object], partial: bool) -> None:
    definition = LIBRARY[slug]
    clean, errors = clean_answers(definition, raw, partial=partial)
    assert not set(clean) & set(errors)
    assert clean_answers(definition, clean, partial=True) == (clean, {})
    for name, value in clean.items():
        question = next((one for one in definition.questions if one.id == name), None)
        if question and question.minimum is not None and value is not None:
            assert question.minimum <= value <= (question.maximum or 0)
