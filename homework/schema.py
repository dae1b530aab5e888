"""What an exercise file holds, and how it becomes an ``ExerciseDefinition``.

The library is data (``homework/exercises/*.yaml``): ideas of the five articles, told in our own words. The schema knows
what an exercise asks of the people in it (together, saying no, setting a limit, disclosing), because the safety rules
of ``homework.suggestions`` decide on that.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from clients import barriers
from practice.datafiles import DataFileInvalid, LineOf, Problem, dotted, faults, no_lines, read_yaml, validate
from practice.datafiles import Path as DataPath

Article = Literal["A", "B", "C", "D", "E"]
Setting = Literal["solo", "together", "either"]
Area = Literal["communication", "trust", "support", "individuality", "togetherness"]
Outcome = Literal["done", "partly", "not-this-time"]

ARTICLES: Final[dict[str, Promise]] = {
    "A": _("Paul Kindman, LMFT"),
    "B": _("Beverley Sinclair"),
    "C": _("Layne Baker, LMFT"),
    "D": _("Brittni, 2019"),
    "E": _("an unsigned article of an attachment-styles site, 2023"),
}
"""The articles by letter, and whom to credit."""
AREAS: Final[dict[str, Promise]] = {
    "communication": _("Communication"),
    "trust": _("Trust and respect"),
    "support": _("Mutual support"),
    "individuality": _("Individuality"),
    "togetherness": _("Togetherness"),
}
"""Article C's five building areas, in its order."""
OUTCOMES: Final[dict[str, Promise]] = {
    "done": _("Done"),
    "partly": _("Partly"),
    "not-this-time": _("Not this time"),
}
"""How an exercise went, in the client's record; the same for every exercise."""
SCORE_MIN, SCORE_MAX = 0, 10
MAX_GRADE = 8.0
"""Highest Flesch–Kincaid reading grade of a text that a client reads."""

Grade = Callable[[str], float]


def _one_line(value: object) -> object:
    """Folded YAML text as one line: runs of white space become a space."""
    return re.sub(r"\s+", " ", value).strip() if isinstance(value, str) else value


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds a character that cannot be printed")
    return value


def _barrier_code(value: str) -> str:
    if value not in barriers.BY_CODE:
        raise ValueError(f"unknown barrier code {value!r}; known are {', '.join(barriers.CODES)}")
    return value


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"named twice: {', '.join(twice)}")
    return values


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Label = Annotated[
    str, StringConstraints(min_length=1, max_length=60), BeforeValidator(_one_line), AfterValidator(_printable)
]
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=500), BeforeValidator(_one_line), AfterValidator(_printable)
]
BarrierCode = Annotated[str, AfterValidator(_barrier_code)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """Which article an idea comes from, and the idea in a few words of ours."""

    article: Article
    idea: Text


class Record(_Part):
    """What the client notes afterwards, beside done / partly / not this time: a 0–10 answer and a reflection."""

    question: Text
    low: Label
    high: Label
    reflection: Text


class Safety(_Part):
    """What the exercise asks of the client. No defaults: whoever writes an exercise decides each."""

    says_no: bool
    sets_limits: bool
    discloses: bool
    """Shows the partner a need, feeling, plan or fault that could be used against the client."""
    not_with_control_or_power: bool
    """Never while either rater gives control or power 3 or more."""
    with_therapist: bool
    """Only gone through with the therapist."""


class ExerciseDefinition(_Part):
    """One exercise of the library, in one language. ``minutes`` is how long it takes, ``timer`` what to count down."""

    slug: Slug
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,4})?$")]
    title: Label
    purpose: Text
    sources: Annotated[tuple[Source, ...], Field(min_length=1, max_length=5)]
    steps: Annotated[tuple[Text, ...], Field(min_length=3, max_length=6)]
    minutes: Annotated[int, Field(ge=1, le=240)]
    timer: Annotated[int, Field(ge=1, le=240)] | None = None
    setting: Setting
    barriers: Annotated[tuple[BarrierCode, ...], Field(min_length=1), AfterValidator(_once)]
    areas: Annotated[tuple[Area, ...], Field(min_length=1), AfterValidator(_once)]
    prompts: Annotated[tuple[Text, ...], Field(min_length=1, max_length=3)]
    record: Record
    cautions: Annotated[tuple[Text, ...], Field(max_length=4)]
    safety: Safety

    @model_validator(mode="after")
    def _fits(self) -> "ExerciseDefinition":
        found: list[tuple[DataPath, str]] = []
        if self.timer is not None and self.timer > self.minutes:
            found.append((("timer",), f"is longer ({self.timer}) than the exercise ({self.minutes} minutes)"))
        if len(set(self.articles)) < len(self.articles):
            found.append((("sources",), "name each article once"))
        if self.safety.with_therapist and not self.cautions:
            found.append((("cautions",), "an exercise for the therapist's room needs a caution that says so"))
        if found:
            raise faults(found)
        return self

    @property
    def together(self) -> bool:
        """Whether the partner may take part: true of ``either`` as well, since nothing keeps it to one person."""
        return self.setting != "solo"

    @property
    def articles(self) -> tuple[str, ...]:
        """Letters of the source articles, the main one first."""
        return tuple(source.article for source in self.sources)

    def texts(self) -> Iterator[tuple[DataPath, str]]:
        """Each whole sentence a client reads, with its path (not the title and the two scale ends)."""
        yield ("purpose",), self.purpose
        for key in ("steps", "prompts", "cautions"):
            for position, text in enumerate(getattr(self, key)):
                yield (key, position), text
        yield ("record", "question"), self.record.question
        yield ("record", "reflection"), self.record.reflection


def parse_exercise(text: str | bytes, file: str, *, grade: Grade | None = None) -> ExerciseDefinition:
    """The exercise in one file's text; DataFileInvalid names every fault with its line.

    ``grade`` gives the reading grade of a text (``assessments.reading``, handed in because rooms of one layer do not
    import each other); with it, a text above MAX_GRADE is a fault.
    """
    data, line_of = read_yaml(text, file)
    definition = validate(ExerciseDefinition, data, line_of, file)
    hard = list(_hard_texts(definition, line_of, file, grade)) if grade else []
    if hard:
        raise DataFileInvalid(hard)
    return definition


def exercise_from_json(data: Any, *, source: str = "stored exercise") -> ExerciseDefinition:
    """An exercise read back from the JSON that was stored (``definition.model_dump(mode="json")``)."""
    return validate(ExerciseDefinition, data, no_lines, source)


def content_hash(definition: ExerciseDefinition) -> str:
    """SHA-256 (hex) of the definition as canonical JSON: sorted keys, no spaces, UTF-8. The same content, the same
    hash, however the YAML is laid out."""
    content = definition.model_dump(mode="json")
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def load_exercises(folder: Path, *, grade: Grade | None = None) -> tuple[ExerciseDefinition, ...]:
    """Every exercise of a folder, by slug. DataFileInvalid holds all faults of all files: a file that cannot be read or
    is no ``.yaml``, a slug used twice in one language, a folder with none."""
    if not folder.is_dir():
        raise DataFileInvalid([Problem(str(folder), 0, "", "is not a folder")])
    found: dict[tuple[str, str], ExerciseDefinition] = {}
    files: dict[tuple[str, str], str] = {}
    problems: list[Problem] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.suffix != ".yaml":
            problems.append(Problem(path.name, 0, "", "only .yaml files belong in this folder"))
            continue
        try:
            raw = path.read_bytes()
            definition = parse_exercise(raw, path.name, grade=grade)
        except OSError as error:
            problems.append(Problem(path.name, 0, "", f"cannot be read: {error.strerror}"))
            continue
        except DataFileInvalid as error:
            problems.extend(error.problems)
            continue
        key = (definition.slug, definition.language)
        if key in found:
            line = read_yaml(raw, path.name)[1](("slug",))
            problems.append(
                Problem(path.name, line, "slug", f"{definition.slug!r} is the slug of {files[key]} already")
            )
            continue
        found[key], files[key] = definition, path.name
    if not found and not problems:
        problems.append(Problem(str(folder), 0, "", "holds no exercises"))
    if problems:
        raise DataFileInvalid(problems)
    return tuple(found[key] for key in sorted(found))


def _hard_texts(definition: ExerciseDefinition, line_of: LineOf, file: str, grade: Grade) -> Iterator[Problem]:
    for path, text in definition.texts():
        found = grade(text)
        if found > MAX_GRADE:
            yield Problem(file, line_of(path), dotted(path), f"reads at grade {found:.1f}; at most {MAX_GRADE:g}")
