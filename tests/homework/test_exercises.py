"""The shipped library: all 43 exercises of the articles, and every rule that domain.md sets for them."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import homework
from assessments import reading
from clients import barriers
from homework.schema import MAX_GRADE, ExerciseDefinition, load_exercises

FOLDER = Path(homework.__file__).parent / "exercises"

NAMES = {
    "A": [
        "Partner-first moment", "Win-win decision", "Go-to person", "Quick repair", "No-threat agreement",
        "Expert on you",
    ],
    "B": [
        "Turning toward", "Where I end and you begin", "People-pleasing log", "Pause before reacting",
        "Cherished list", "My interests outside us",
    ],
    "C": [
        "Weekly check-in", "Did I get that right?", "One promise kept", "Limits and space", "Shared core values",
        "Balanced care", "Shared responsibilities audit", "Hobby hour", "Celebrate a win", "Friends' night",
        "Shared goal plan", "Togetherness pulse", "All-or-nothing thought record", "Messages I grew up with",
        "Loosen the grip",
    ],
    "D": [
        "Notice, guess, ask", "Listening without two cents", "A kind no", "Ask for one need", "My own goal",
        "Helping or enabling ledger", "Settle first, then share", "From blame to my part", "Time for what I love",
        "What I won't trade",
    ],
    "E": ["Protected time", "Cheerleader", "Secure base", "Tell me your goal", "My attachment story", "Equal say"],
}  # fmt: skip
"""domain.md, "Homework", article by article."""


@cache
def library() -> dict[str, ExerciseDefinition]:
    return {exercise.slug: exercise for exercise in load_exercises(FOLDER)}


def slugs_where(holds) -> set[str]:
    return {slug for slug, exercise in library().items() if holds(exercise)}


def grade(text: str) -> float:
    return reading.grade([text])


def test_all_43_are_there_by_name_and_main_article():
    found = {letter: set() for letter in NAMES}
    for exercise in library().values():
        found[exercise.articles[0]].add(exercise.title)
    assert found == {letter: set(names) for letter, names in NAMES.items()}
    assert sum(len(names) for names in NAMES.values()) == len(library()) == 43


def test_a_slug_is_its_title_and_its_file():
    expected = {
        re.sub(r"[^a-z0-9]+", "-", title.lower().replace("'", "")).strip("-")
        for titles in NAMES.values()
        for title in titles
    }
    assert set(library()) == expected
    assert {path.name for path in FOLDER.iterdir()} == {f"{slug}.yaml" for slug in expected}


def test_the_library_is_in_english():
    assert {exercise.language for exercise in library().values()} == {"en"}


def test_every_barrier_has_at_least_four():
    counts = Counter(code for exercise in library().values() for code in exercise.barriers)
    assert set(counts) == set(barriers.CODES)
    assert {code: count for code, count in counts.items() if count < 4} == {}


@pytest.mark.parametrize(
    ("code", "articles"),
    [
        ("vulnerability", "BDE"),
        ("insecurity", "BDE"),
        ("past", "BDE"),
        ("communication", "C"),
        ("expectations", "C"),
        ("independence", "BDE"),
        ("self-esteem", "BDE"),
        ("self-awareness", "BDE"),
    ],
)
def test_the_articles_named_for_a_barrier_give_at_least_four(code: str, articles: str):
    given = [e.slug for e in library().values() if code in e.barriers and e.articles[0] in articles]
    assert len(given) >= 4, given


@pytest.mark.parametrize("code", ["culture", "norms"])
def test_the_exercises_named_for_culture_and_norms(code: str):
    named = {"messages-i-grew-up-with", "equal-say", "what-i-wont-trade"}
    assert named - slugs_where(lambda exercise: code in exercise.barriers) == set()


@pytest.mark.parametrize("code", ["control", "power"])
def test_control_and_power_have_the_four_named_and_no_other(code: str):
    named = {"limits-and-space", "shared-responsibilities-audit", "equal-say", "loosen-the-grip"}
    assert slugs_where(lambda exercise: code in exercise.barriers) == named


def test_never_while_control_or_power_is_high():
    named = {"partner-first-moment", "go-to-person", "expert-on-you", "from-blame-to-my-part"}
    assert slugs_where(lambda exercise: exercise.safety.not_with_control_or_power) == named


def test_only_the_ledger_is_bound_to_the_therapist_and_warns_of_sudden_withdrawal():
    assert slugs_where(lambda exercise: exercise.safety.with_therapist) == {"helping-or-enabling-ledger"}
    cautions = " ".join(library()["helping-or-enabling-ledger"].cautions)
    assert [phrase in cautions for phrase in ("with your therapist", "no sudden withdrawal")] == [True, True]


def test_the_no_threat_agreement_says_that_leaving_is_always_open():
    exercise = library()["no-threat-agreement"]
    assert ["may always leave" in text for text in (exercise.purpose, exercise.cautions[0])] == [True, True]


def test_the_safety_facets():
    assert slugs_where(lambda e: e.safety.says_no) == {"a-kind-no", "helping-or-enabling-ledger"}
    assert slugs_where(lambda e: e.safety.sets_limits) == {
        "a-kind-no",
        "helping-or-enabling-ledger",
        "limits-and-space",
    }
    assert slugs_where(lambda e: not e.together and e.safety.discloses) == {
        "ask-for-one-need", "from-blame-to-my-part", "limits-and-space", "settle-first-then-share", "turning-toward",
    }  # fmt: skip
    assert slugs_where(lambda e: e.setting == "either") == {
        "equal-say", "notice-guess-ask", "quick-repair", "shared-responsibilities-audit",
    }  # fmt: skip
    assert slugs_where(lambda e: e.setting == "together") == {
        "celebrate-a-win", "cheerleader", "cherished-list", "did-i-get-that-right", "expert-on-you", "go-to-person",
        "listening-without-two-cents", "no-threat-agreement", "partner-first-moment", "protected-time", "secure-base",
        "shared-core-values", "shared-goal-plan", "tell-me-your-goal", "togetherness-pulse", "weekly-check-in",
        "win-win-decision",
    }  # fmt: skip


def test_what_is_left_under_an_open_safety_flag_still_serves_nearly_every_barrier():
    def asks_nothing(exercise: ExerciseDefinition) -> bool:
        safety = exercise.safety
        return not (exercise.together or safety.says_no or safety.sets_limits or safety.discloses)

    left = slugs_where(asks_nothing)
    assert len(left) == 15
    assert {code for slug in left for code in library()[slug].barriers} == set(barriers.CODES)


def test_the_dependency_paradox_is_credited():
    assert "Feeney" in library()["secure-base"].sources[0].idea


def test_every_text_reads_at_grade_eight_or_lower():
    hard = {
        (slug, *path): grade(text)
        for slug, exercise in library().items()
        for path, text in exercise.texts()
        if grade(text) > MAX_GRADE
    }
    assert hard == {}


def test_the_loader_takes_the_reading_grade_too():
    assert len(load_exercises(FOLDER, grade=grade)) == 43


def test_steps_prompts_and_cautions_are_whole_sentences():
    cut = [
        (slug, path)
        for slug, exercise in library().items()
        for path, text in exercise.texts()
        if not re.search(r"[.?!][\"']?$", text) or not text[0].isupper()
    ]
    assert cut == []


def test_no_gender_diagnosis_or_shame_is_written():
    banned = re.compile(
        r"\b(he|she|him|her|his|hers|husband|wife|spouse|boyfriend|girlfriend|married|marriage|codependen\w*|toxic"
        r"|narciss\w*|addicts?|disorder|dysfunction\w*|needy|clingy|fault|should have|must)\b",
        re.IGNORECASE,
    )
    found = {
        (slug, match.group())
        for slug, exercise in library().items()
        for _, text in exercise.texts()
        for match in [banned.search(text)]
        if match
    }
    assert found == set()


def test_no_text_is_used_twice():
    counts = Counter(text for exercise in library().values() for _, text in exercise.texts())
    twice = {text for text, count in counts.items() if count > 1}
    assert twice == {"Swap roles."}
