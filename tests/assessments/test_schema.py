"""Definition files: what is refused, with line, path and reason, and what a definition offers."""

import hashlib
import json
import time

import pytest

from assessments.library import load_definitions
from assessments.schema import (
    Definition,
    DefinitionInvalid,
    Problem,
    canonical_json,
    content_hash,
    definition_from_json,
    parse_definition,
)
from tests.assessments.refused import ITEM_CASES, OTHER_CASES, SCALE_CASES, THREE
from tests.assessments.texts import SMALL, changed, line_of


def problems(text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(DefinitionInvalid) as refused:
        parse_definition(text, "small.yaml")
    return refused.value.problems


def said(text: str) -> list[tuple[str, str]]:
    return [(problem.path, problem.reason) for problem in problems(text)]


def test_the_small_definition_is_valid() -> None:
    definition = parse_definition(SMALL, "small.yaml")
    assert [item.id for item in definition.items] == ["one", "two", "three"]
    assert definition.language == "en"
    assert definition.passport.validated is False


def test_a_problem_reads_as_file_line_path_reason() -> None:
    text = changed("minutes: 1", "minutes: soon")
    assert [str(problem) for problem in problems(text)] == [
        f"small.yaml:{line_of(text, 'minutes')}: minutes: should be a whole number"
    ]


@pytest.mark.parametrize(("old", "new", "path", "reason"), ITEM_CASES, ids=lambda value: value[:40])
def test_refused_items(old: str, new: str, path: str, reason: str) -> None:
    text = changed(old, new)
    found = problems(text)
    assert [(problem.path, problem.reason) for problem in found] == [(path, reason)]
    first = text.splitlines().index("items:") + 2
    assert found[0].line == first + int(path.split("[")[1].split("]")[0])


@pytest.mark.parametrize(("old", "new", "path", "reason"), SCALE_CASES, ids=lambda value: value[:40])
def test_refused_scales(old: str, new: str, path: str, reason: str) -> None:
    text = changed(old, new)
    found = problems(text)
    assert [(problem.path, problem.reason) for problem in found] == [(path, reason)]
    section, index = path.split("[")[0], int(path.split("[")[1].split("]")[0])
    assert found[0].line == text.splitlines().index(f"{section}:") + 2 + index


@pytest.mark.parametrize(("old", "new", "path", "reason", "where"), OTHER_CASES, ids=lambda value: value[:40])
def test_refused_elsewhere(old: str, new: str, path: str, reason: str, where: str) -> None:
    text = text_of(old, new)
    found = problems(text)
    assert [(problem.path, problem.reason) for problem in found] == [(path, reason)]
    first = next(number for number, line in enumerate(text.splitlines(), 1) if where in line)
    assert found[0].line == (1 if where == "slug" else first)


def text_of(old: str, new: str) -> str:
    """Change the first occurrence, at the start of a line where there is one."""
    at = SMALL.index("\n" + old) + 1 if "\n" + old in SMALL else SMALL.index(old)
    return SMALL[:at] + new + SMALL[at + len(old) :]


def test_a_slider_needs_labels_at_its_ends_only() -> None:
    line = "  line: {min: 0, max: 10, labels: {0: No, 10: Yes}}\n"
    text = changed("options:\n", "options:\n" + line)
    text = changed(THREE, THREE.replace("options: amount", "options: line, kind: slider"), text)
    assert parse_definition(text, "small.yaml").questions[2].options == ((0, "No"), (10, "Yes"))
    assert said(changed("0: No, ", "5: Maybe, ", text)) == [("options.line.labels", "missing option label for 0")]


def test_an_item_the_clinician_rates_needs_a_wording() -> None:
    text = changed("respondents: [client]", "respondents: [client, clinician]\nstem: How?\nclinician_stem: How is it?")
    assert said(text) == [
        (f"items[{index}]", "a clinician_text is missing: the clinician rates this item too") for index in range(3)
    ]


def test_all_problems_are_told_at_once_even_between_valid_parts() -> None:
    text = changed(
        THREE, "  - {id: one, text: I slept., options: amount}\n  - {id: 4ever, text: '', options: amount}\n"
    )
    text = changed("minutes: 1", "minutes: 99", text)
    text = changed("items: [three]", "items: [four]", text)
    assert said(text) == [
        ("minutes", "should be less than or equal to 60"),
        ("items[2].id", "duplicate item id 'one'"),
        ("items[3].id", "'4ever' should be small letters, digits, - and _, a letter first, at most 40"),
        ("items[3].text", "should not be empty"),
        ("scales[1].items[0]", "unknown item 'four'"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "is empty"),
        ("- a\n- b\n", 1, "should be a mapping of keys to values"),
        (SMALL + "slug: again\n", SMALL.count("\n") + 1, "is written twice (first on line 1)"),
        (SMALL.replace("title: Small", "title: &t Small", 1), 2, "an anchor (&t) is not allowed"),
        (SMALL.replace("title: Small", "title: *t", 1), 2, "an alias (*t) is not allowed: write the value out"),
        (SMALL.replace("title: Small", "title: !!python/name:os.system x", 1), 2, None),
        (b"slug: small\ntitle: \xff\n", 2, "is not UTF-8"),
        (SMALL + "# " + "x" * 262_144, 1, None),
        ("slug: " + "[" * 50_000, 1, None),
    ],
    ids=["empty", "list", "duplicate", "anchor", "alias", "tag", "not-utf8", "too-large", "too-deep"],
)
def test_what_the_reader_refuses(text: str | bytes, line: int, reason: str | None) -> None:
    found = problems(text)
    assert found[0].line == line
    assert reason is None or found[0].reason == reason


def test_words_stay_words() -> None:
    text = changed("1: A little", "1: on", changed("0: Not at all", "0: no", changed("2: A lot", "2: 1e3")))
    assert parse_definition(text, "small.yaml").options["amount"].options == ((0, "no"), (1, "on"), (2, "1e3"))


def test_texts_are_normalised() -> None:
    composed = parse_definition(changed("I sang.", "I sang caf\u00e9."), "small.yaml")
    decomposed = parse_definition(changed("I sang.", "I sang cafe\u0301."), "small.yaml")
    assert content_hash(composed) == content_hash(decomposed)


def test_a_stored_version_gives_the_same_definition_and_hash() -> None:
    for definition in [parse_definition(SMALL, "small.yaml"), *load_definitions()]:
        stored = json.loads(json.dumps(definition.model_dump(mode="json")))
        again = definition_from_json(stored)
        assert again == definition
        assert content_hash(again) == content_hash(definition)


def test_the_hash_is_that_of_the_canonical_json_and_changes_with_the_content() -> None:
    definition = parse_definition(SMALL, "small.yaml")
    assert content_hash(definition) == hashlib.sha256(canonical_json(definition).encode()).hexdigest()
    other = parse_definition(changed("I slept.", "I slept well."), "small.yaml")
    assert content_hash(other) != content_hash(definition)


def test_the_hash_ignores_layout_and_written_defaults() -> None:
    definition = parse_definition(SMALL, "small.yaml")
    text = changed("slug: small\n", "# a remark\nslug:   'small'\nlanguage: en\nstart_pack: no\n")
    assert content_hash(parse_definition(text, "other.yaml")) == content_hash(definition)


def test_json_that_does_not_fit_is_refused_without_a_line() -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        definition_from_json({**parse_definition(SMALL, "small.yaml").model_dump(mode="json"), "minutes": "x"})
    assert refused.value.problems == (Problem("stored version", 0, "minutes", "should be a whole number"),)


def test_a_definition_cannot_be_changed() -> None:
    definition = parse_definition(SMALL, "small.yaml")
    with pytest.raises(ValueError, match="frozen"):
        definition.title = "Other"  # type: ignore[misc]


def test_questions_are_flat_cached_and_framed(safety: Definition) -> None:
    assert safety.questions is safety.questions
    assert [question.id for question in safety.questions][:4] == [
        "afraid.now", "afraid.year", "threatened.now", "threatened.year",
    ]  # fmt: skip
    question = next(one for one in safety.questions if one.id == "afraid.year")
    assert (question.frame_label, question.label_of(1), question.label_of(None)) == (
        "At any time in the past year", "Yes", "",
    )  # fmt: skip


def test_ranges_of_scales(barriers: Definition, spectrum: Definition) -> None:
    assert barriers.range_of("burden") == (0, 4)
    assert barriers.range_of("high") == (0, 12)
    assert barriers.range_of("control") == (0, 4)
    assert spectrum.range_of("position") == (-4, 4)
    with pytest.raises(KeyError):
        barriers.range_of("joy")


def test_reading_a_stored_version_is_fast() -> None:
    stored = max((one.model_dump(mode="json") for one in load_definitions()), key=lambda data: len(str(data)))
    best = min(_timed(stored) for _ in range(20))
    assert best < 0.003


def _timed(stored: dict[str, object]) -> float:
    begin = time.perf_counter()
    definition_from_json(stored)
    return time.perf_counter() - begin
