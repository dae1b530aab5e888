"""The strict YAML reader: what it lets through, what it refuses, and that each refusal names its line."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from practice.datafiles import (
    MAX_BYTES,
    MAX_DEPTH,
    DataFileInvalid,
    Problem,
    dotted,
    faults,
    no_lines,
    read_yaml,
    validate,
)

GOOD = """\
# a comment
slug: walk
answer: no
parts:
  - text: one
    size: 1
  - text: >-
      two
      lines
    size: 2
"""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    text: str
    size: int

    @field_validator("text")
    @classmethod
    def _no_fuss(cls, value: str) -> str:
        if value == "fuss":
            raise ValueError("no fuss, please")
        return value


class Whole(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    slug: str = Field(min_length=2)
    answer: Literal["yes", "no"]
    parts: tuple[Part, ...] = Field(min_length=2, max_length=3)

    @model_validator(mode="after")
    def _growing(self) -> "Whole":
        found = [
            (("parts", position, "size"), f"is not above {before.size}")
            for position, (before, part) in enumerate(zip(self.parts, self.parts[1:], strict=False), start=1)
            if part.size <= before.size
        ]
        if found:
            raise faults(found)
        return self


def problems_of(text: str | bytes) -> list[str]:
    with pytest.raises(DataFileInvalid) as caught:
        read_yaml(text, "f.yaml")
    return [str(problem) for problem in caught.value.problems]


def invalid(text: str) -> list[str]:
    data, line_of = read_yaml(text, "f.yaml")
    with pytest.raises(DataFileInvalid) as caught:
        validate(Whole, data, line_of, "f.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_every_scalar_is_a_string():
    data, _ = read_yaml("a: no\nb: 1\nc: 2020-01-01\nd: ~\ne:\nf: 0x10\ng: 'on'\n", "f.yaml")
    assert data == {"a": "no", "b": "1", "c": "2020-01-01", "d": "~", "e": "", "f": "0x10", "g": "on"}


def test_a_merge_key_is_an_ordinary_key():
    assert read_yaml("<<: {a: b}\n", "f.yaml")[0] == {"<<": {"a": "b"}}


def test_bytes_and_a_byte_order_mark_are_read():
    assert read_yaml("\ufeffa: \u00e9\n".encode(), "f.yaml")[0] == {"a": "\u00e9"}


def test_line_of_knows_keys_and_items():
    _, line_of = read_yaml(GOOD, "f.yaml")
    paths = [(), ("slug",), ("answer",), ("parts",), ("parts", 0), ("parts", 0, "size"), ("parts", 1, "text")]
    assert [line_of(path) for path in paths] == [2, 2, 3, 4, 5, 6, 7]


def test_line_of_an_unknown_path_is_the_nearest_known():
    _, line_of = read_yaml(GOOD, "f.yaml")
    paths = [("gone",), ("parts", 1, "gone"), ("parts", 9, "text"), ("parts", "tag-of-a-union", 1, "size")]
    assert [line_of(path) for path in paths] == [2, 7, 4, 10]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", ["f.yaml:3: a: is written twice (first on line 1)"]),
        ("x:\n  - a: 1\n    a: 2\n", ["f.yaml:3: x[0].a: is written twice (first on line 2)"]),
        (
            "a: &x 1\nb: *x\n",
            [
                "f.yaml:1: a: an anchor (&x) is not allowed",
                "f.yaml:2: b: an alias (*x) is not allowed: write the value out",
            ],
        ),
        ("&k a: 1\n", ["f.yaml:1: an anchor (&k) is not allowed"]),
        (
            "a: !!python/name:os.system x\n",
            ["f.yaml:1: a: a tag (tag:yaml.org,2002:python/name:os.system) is not allowed"],
        ),
        ("!!str a: 1\n", ["f.yaml:1: a tag (tag:yaml.org,2002:str) is not allowed"]),
        ("a: 1\n---\nb: 2\n", ["f.yaml:2: holds a second document"]),
        ("? [a]\n: b\n", ["f.yaml:1: a key should be a word"]),
        ("", ["f.yaml:1: is empty"]),
        ("# only a comment\n", ["f.yaml:1: is empty"]),
        ("a: 1\nb: c: d\n", ["f.yaml:2: is not readable YAML: mapping values are not allowed here"]),
        ("a:\n\t- x\n", ["f.yaml:2: is not readable YAML: found character '\\t' that cannot start any token"]),
        ("a: 1\nb: \x00\n", ["f.yaml:2: holds a character that is not allowed: U+0000"]),
        ('a: 1\nb: "\\0"\n', ["f.yaml:2: b: holds NUL or half of a surrogate pair"]),
        ('a: "\\ud800"\n', ["f.yaml:1: a: holds NUL or half of a surrogate pair"]),
        ("a: \ud800\n", ["f.yaml:1: holds half of a surrogate pair, so it is not UTF-8"]),
        (b"a: 1\nb: \xff\n", ["f.yaml:2: is not UTF-8"]),
        ("a: 1\n".encode("utf-16"), ["f.yaml:1: is not UTF-8"]),
        ('a: "\\U00110000"\n', ["f.yaml:1: is not readable YAML: chr() arg not in range(0x110000)"]),
    ],
)
def test_refused_with_line_and_reason(text: str | bytes, expected: list[str]):
    assert problems_of(text) == expected


def test_size_is_limited():
    fits = "a: " + "x" * (MAX_BYTES - 3)
    assert read_yaml(fits, "f.yaml")[0] == {"a": "x" * (MAX_BYTES - 3)}
    assert problems_of(fits + "x") == [f"f.yaml:1: is {MAX_BYTES + 1} bytes long; at most {MAX_BYTES} are read"]
    assert problems_of("\u00e9" * (MAX_BYTES // 2 + 1)) == [
        f"f.yaml:1: is {MAX_BYTES + 2} bytes long; at most {MAX_BYTES} are read"
    ]


def test_depth_is_limited():
    assert read_yaml("[" * MAX_DEPTH + "x" + "]" * MAX_DEPTH, "f.yaml")[0] != []
    path = "[0]" * MAX_DEPTH
    assert problems_of("[" * (MAX_DEPTH + 1)) == [f"f.yaml:1: {path}: is nested deeper than {MAX_DEPTH}"]


@pytest.mark.parametrize("text", ["[" * 200_000, "{a: " * 50_000, "- " * 100_000, "? " * 100_000])
def test_a_bomb_of_brackets_is_refused_at_once(text: str):
    assert [line.rsplit(": ", 1)[1] for line in problems_of(text)] in (
        [f"is nested deeper than {MAX_DEPTH}"],
        ["a key should be a word"],
    )


def test_valid_data_becomes_the_model():
    data, line_of = read_yaml(GOOD, "f.yaml")
    expected = Whole(slug="walk", answer="no", parts=(Part(text="one", size=1), Part(text="two lines", size=2)))
    assert validate(Whole, data, line_of, "f.yaml") == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("slug: walk", "slug: w", ["f.yaml:2: slug: String should have at least 2 characters"]),
        ("answer: no\n", "", ["f.yaml:2: answer: is missing"]),
        ("answer: no", "answer: on", ["f.yaml:3: answer: should be 'yes' or 'no'"]),
        ("slug: walk", "slug: walk\nslag: x", ["f.yaml:3: slag: is not a known key"]),
        ("slug: walk", "slug: [walk]", ["f.yaml:2: slug: should be text"]),
        ("    size: 2", "    size: two", ["f.yaml:10: parts[1].size: should be a whole number"]),
        ("    size: 2\n", "", ["f.yaml:7: parts[1].size: is missing"]),
        ("text: one", "text: fuss", ["f.yaml:5: parts[0].text: no fuss, please"]),
        ("  - text: one\n    size: 1\n", "  - word\n", ["f.yaml:5: parts[0]: should be a mapping of keys to values"]),
        ("  - text: one\n    size: 1\n", "", ["f.yaml:4: parts: needs at least 2 entries, has 1"]),
        (
            "    size: 2\n",
            "    size: 2\n  - {text: a, size: 3}\n  - {text: b, size: 4}\n",
            ["f.yaml:4: parts: takes at most 3 entries, has 4"],
        ),
        ("    size: 2", "    size: 1", ["f.yaml:10: parts[1].size: is not above 1"]),
    ],
)  # fmt: skip
def test_the_model_s_errors_are_told_with_their_lines(old: str, new: str, expected: list[str]):
    assert old in GOOD
    assert invalid(GOOD.replace(old, new)) == expected


def test_all_faults_at_once_in_the_order_of_the_lines():
    assert invalid("parts: x\nslug: w\nsize: 1\n") == [
        "f.yaml:1: answer: is missing",
        "f.yaml:1: parts: should be a list",
        "f.yaml:2: slug: String should have at least 2 characters",
        "f.yaml:3: size: is not a known key",
    ]


def test_a_document_that_is_no_mapping():
    assert invalid("- a\n- b\n") == ["f.yaml:1: should be a mapping of keys to values"]


def test_data_without_lines_is_told_without_a_line():
    with pytest.raises(DataFileInvalid) as caught:
        validate(Part, {"text": "a"}, no_lines, "stored")
    assert caught.value.problems == (Problem("stored", 0, "size", "is missing"),)
    assert str(caught.value) == "stored: size: is missing"


def test_dotted():
    assert [dotted(path) for path in [(), ("a",), ("a", 2, "b"), (0, "a")]] == ["", "a", "a[2].b", "[0].a"]


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60), st.text("ab:- \n[]{}&*!|>'\"#?,%", max_size=40)))
def test_any_input_is_read_or_refused_with_a_line(text: str | bytes):
    try:
        data, line_of = read_yaml(text, "f.yaml")
    except DataFileInvalid as error:
        found, told = None, [problem.line >= 1 and problem.reason != "" for problem in error.problems]
    else:
        found, told = data, [line_of(()) >= 1]
    assert found is None or isinstance(found, dict | list | str)
    assert set(told) == {True}
