"""Each bad exercise file is refused, with its line and the reason."""

import hashlib
import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from homework.schema import (
    ExerciseDefinition,
    content_hash,
    exercise_from_json,
    load_exercises,
    parse_exercise,
)
from practice.datafiles import DataFileInvalid

GOOD = """\
slug: slow-walk
language: en
title: Slow walk
purpose: You walk
  side by side.
sources:
  - article: D
    idea: Time for what you love.
steps:
  - Put on your shoes.
  - Go out.
  - Come back.
minutes: 20
timer: 10
setting: together
barriers: [communication, past]
areas: [togetherness]
prompts:
  - What did you see?
record:
  question: How was it?
  low: dull
  high: lovely
  reflection: What was best?
cautions: []
safety:
  says_no: no
  sets_limits: no
  discloses: yes
  not_with_control_or_power: no
  with_therapist: no
"""


NO_SLUG = "String should match pattern '^[a-z0-9]+(-[a-z0-9]+)*$'"


def refused(text: str, **options) -> list[str]:
    with pytest.raises(DataFileInvalid) as caught:
        parse_exercise(text, "f.yaml", **options)
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file():
    found = parse_exercise(GOOD, "f.yaml")
    assert found.model_dump() == {
        "slug": "slow-walk",
        "language": "en",
        "title": "Slow walk",
        "purpose": "You walk side by side.",
        "sources": ({"article": "D", "idea": "Time for what you love."},),
        "steps": ("Put on your shoes.", "Go out.", "Come back."),
        "minutes": 20,
        "timer": 10,
        "setting": "together",
        "barriers": ("communication", "past"),
        "areas": ("togetherness",),
        "prompts": ("What did you see?",),
        "record": {"question": "How was it?", "low": "dull", "high": "lovely", "reflection": "What was best?"},
        "cautions": (),
        "safety": {
            "says_no": False,
            "sets_limits": False,
            "discloses": True,
            "not_with_control_or_power": False,
            "with_therapist": False,
        },
    }
    assert found.articles == ("D",)


@pytest.mark.parametrize(("setting", "expected"), [("solo", False), ("either", True), ("together", True)])
def test_together_follows_from_the_setting(setting: str, expected: bool):
    assert parse_exercise(GOOD.replace("setting: together", f"setting: {setting}"), "f.yaml").together is expected


def test_the_timer_may_be_left_out():
    assert parse_exercise(GOOD.replace("timer: 10\n", ""), "f.yaml").timer is None


def test_texts_are_what_a_client_reads():
    assert [path for path, _ in parse_exercise(GOOD, "f.yaml").texts()] == [
        ("purpose",), ("steps", 0), ("steps", 1), ("steps", 2), ("prompts", 0), ("record", "question"),
        ("record", "reflection"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("slug: slow-walk", "slug: Slow Walk", [f"f.yaml:1: slug: {NO_SLUG}"]),
        ("slug: slow-walk", "slug: \"a\\n\"", [f"f.yaml:1: slug: {NO_SLUG}"]),
        ("language: en\n", "", ["f.yaml:1: language: is missing"]),
        ("title: Slow walk", "title: ''", ["f.yaml:3: title: String should have at least 1 character"]),
        ("title: Slow walk", f"title: {'x' * 61}", ["f.yaml:3: title: String should have at most 60 characters"]),
        ("title: Slow walk", 'title: "Slow\\u202ewalk"', ["f.yaml:3: title: holds a character that cannot be printed"]),
        ("title: Slow walk", "title: Slow walk\ncolour: red", ["f.yaml:4: colour: is not a known key"]),
        ("article: D", "article: F", ["f.yaml:7: sources[0].article: should be 'A', 'B', 'C', 'D' or 'E'"]),
        ("    idea: Time for what you love.\n", "", ["f.yaml:7: sources[0].idea: is missing"]),
        (
            "    idea: Time for what you love.\n",
            "    idea: One.\n  - article: D\n    idea: Two.\n",
            ["f.yaml:6: sources: name each article once"],
        ),
        (
            "  - Come back.\n",
            "",
            ["f.yaml:9: steps: needs at least 3 entries, has 2"],
        ),
        (
            "  - Come back.\n",
            "  - Come back.\n  - Four.\n  - Five.\n  - Six.\n  - Seven.\n",
            ["f.yaml:9: steps: takes at most 6 entries, has 7"],
        ),
        ("  - Go out.", "  - ' '", ["f.yaml:11: steps[1]: String should have at least 1 character"]),
        ("minutes: 20", "minutes: soon", ["f.yaml:13: minutes: should be a whole number"]),
        ("minutes: 20", "minutes: 0", ["f.yaml:13: minutes: should be greater than or equal to 1"]),
        ("minutes: 20", "minutes: 241", ["f.yaml:13: minutes: should be less than or equal to 240"]),
        ("timer: 10", "timer: 21", ["f.yaml:14: timer: is longer (21) than the exercise (20 minutes)"]),
        ("setting: together", "setting: couple", ["f.yaml:15: setting: should be 'solo', 'together' or 'either'"]),
        (
            "[communication, past]",
            "\n  - past\n  - trust",
            [
                "f.yaml:18: barriers[1]: unknown barrier code 'trust'; known are vulnerability, past, expectations, "
                "independence, insecurity, self-esteem, communication, culture, norms, control, power, self-awareness"
            ],
        ),
        ("[communication, past]", "[past, past]", ["f.yaml:16: barriers: named twice: past"]),
        ("[communication, past]", "[]", ["f.yaml:16: barriers: needs at least 1 entries, has 0"]),
        ("[communication, past]", "past", ["f.yaml:16: barriers: should be a list"]),
        (
            "areas: [togetherness]",
            "areas: [money]",
            [
                "f.yaml:17: areas[0]: should be 'communication', 'trust', 'support', 'individuality' or 'togetherness'",
            ],
        ),
        ("\n  - What did you see?", " []", ["f.yaml:18: prompts: needs at least 1 entries, has 0"]),
        ("  low: dull\n", "", ["f.yaml:20: record.low: is missing"]),
        ("cautions: []\n", "", ["f.yaml:1: cautions: is missing"]),
        ("  discloses: yes\n", "", ["f.yaml:26: safety.discloses: is missing"]),
        ("discloses: yes", "discloses: maybe", ["f.yaml:29: safety.discloses: should be yes or no"]),
        (
            "with_therapist: no",
            "with_therapist: yes",
            ["f.yaml:25: cautions: an exercise for the therapist's room needs a caution that says so"],
        ),
        ("minutes: 20", "minutes: 20\nminutes: 25", ["f.yaml:14: minutes: is written twice (first on line 13)"]),
    ],
)  # fmt: skip
def test_refused_with_line_and_reason(old: str, new: str, expected: list[str]):
    assert GOOD.count(old) == 1
    assert refused(GOOD.replace(old, new)) == expected


def test_two_faults_are_told_together():
    text = GOOD.replace("minutes: 20", "minutes: x").replace("setting: together", "setting: y")
    assert refused(text) == [
        "f.yaml:13: minutes: should be a whole number",
        "f.yaml:15: setting: should be 'solo', 'together' or 'either'",
    ]


def test_a_text_that_reads_too_hard_is_refused_where_it_stands():
    grades = {"Go out.": 8.1, "Come back.": 8.0}
    assert refused(GOOD, grade=lambda text: grades.get(text, 1.0)) == [
        "f.yaml:11: steps[1]: reads at grade 8.1; at most 8"
    ]


def test_a_definition_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        parse_exercise(GOOD, "f.yaml").title = "Other"  # type: ignore[misc]


def test_json_there_and_back():
    definition = parse_exercise(GOOD, "f.yaml")
    stored = json.loads(json.dumps(definition.model_dump(mode="json")))
    assert exercise_from_json(stored) == definition


def test_bad_json_is_refused_without_a_line():
    stored = parse_exercise(GOOD, "f.yaml").model_dump(mode="json") | {"minutes": None}
    with pytest.raises(DataFileInvalid) as caught:
        exercise_from_json(stored)
    assert str(caught.value) == "stored exercise: minutes: should be a whole number"


def test_the_hash_is_of_canonical_json():
    definition = parse_exercise(GOOD.replace("dull", "dull \u00e9"), "f.yaml")
    text = json.dumps(definition.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content_hash(definition) == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_the_hash_follows_the_content_and_not_the_layout():
    laid_out = GOOD.replace("You walk\n  side by side.", "'You walk side by side.'").replace(
        "[togetherness]", "\n- togetherness"
    )
    lines = laid_out.splitlines(keepends=True)
    moved = "".join(["# moved\n", *lines[1:3], lines[0], *lines[3:]])
    same = content_hash(parse_exercise(GOOD, "f.yaml"))
    assert content_hash(parse_exercise(moved, "g.yaml")) == same
    assert content_hash(parse_exercise(GOOD.replace("Go out.", "Go out!"), "f.yaml")) != same


class TestFolder:
    def write(self, folder: Path, **files: str) -> Path:
        for name, text in files.items():
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        return folder

    def problems(self, folder: Path) -> list[str]:
        with pytest.raises(DataFileInvalid) as caught:
            load_exercises(folder)
        return [str(problem) for problem in caught.value.problems]

    def test_by_slug_whatever_the_file_names(self, tmp_path: Path):
        self.write(tmp_path, a=GOOD, b=GOOD.replace("slow-walk", "a-walk"))
        assert [definition.slug for definition in load_exercises(tmp_path)] == ["a-walk", "slow-walk"]

    def test_one_slug_in_two_languages(self, tmp_path: Path):
        self.write(tmp_path, a=GOOD, b=GOOD.replace("language: en", "language: de"))
        found = load_exercises(tmp_path)
        assert [(definition.slug, definition.language) for definition in found] == [
            ("slow-walk", "de"),
            ("slow-walk", "en"),
        ]

    def test_every_problem_of_every_file(self, tmp_path: Path):
        self.write(tmp_path, a=GOOD.replace("minutes: 20", "minutes: x"), b=GOOD, c="# later\n" + GOOD, d="a: [")
        (tmp_path / "e.yml").write_text(GOOD)
        (tmp_path / "f.yaml").mkdir()
        (tmp_path / ".hidden").write_text("x")
        assert self.problems(tmp_path) == [
            "a.yaml:13: minutes: should be a whole number",
            "c.yaml:2: slug: 'slow-walk' is the slug of b.yaml already",
            "d.yaml:1: is not readable YAML: expected the node content, but found '<stream end>'",
            "e.yml: only .yaml files belong in this folder",
            "f.yaml: cannot be read: Is a directory",
        ]

    def test_an_empty_and_a_missing_folder(self, tmp_path: Path):
        assert self.problems(tmp_path) == [f"{tmp_path}: holds no exercises"]
        assert self.problems(tmp_path / "gone") == [f"{tmp_path / 'gone'}: is not a folder"]


def test_the_model_takes_no_surprise_keys_in_its_parts():
    data = parse_exercise(GOOD, "f.yaml").model_dump(mode="json")
    data["safety"]["other"] = True
    with pytest.raises(ValidationError, match=r"safety\.other"):
        ExerciseDefinition.model_validate(data)
