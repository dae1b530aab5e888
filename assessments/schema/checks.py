"""What one part of a definition says about another: the checks that types cannot make.

They run on a ``Draft``, the parts that are valid in themselves, so that a typing error in one item does not hide a
duplicate id in another. Each check yields a location and a reason.
"""

from collections.abc import Callable, Iterator
from typing import Any

from assessments import reading
from assessments.schema.checks_items import check_items
from assessments.schema.checks_scales import check_planes, check_scales
from assessments.schema.draft import Draft, repeated
from assessments.schema.models import FULLY_LABELLED, OptionSet
from assessments.schema.problems import Finding

ARTICLES = ("A", "B", "C", "D", "E")
"""The five articles the instruments come from."""
MAX_SPAN = 100
"""A range has at most this many steps."""
NOT_NEUTRAL = (
    "abus", "assess", "attach", "barrier", "codepend", "control", "danger", "diagnos", "harm", "mental", "psych",
    "risk", "safe", "screen", "symptom", "therap", "trauma", "violen",
)  # fmt: skip
"""Beginnings of words that tell a stranger what a message is about; a neutral title has none of them."""


def _options(draft: Draft) -> Iterator[Finding]:
    kinds: dict[str, set[str]] = {}
    for _, item in draft.items:
        if item.options:
            kinds.setdefault(item.options, set()).add(item.kind)
    for name, chosen in draft.options.items():
        if chosen.min >= chosen.max:
            yield ("options", name, "min"), f"the range is reversed or empty: min {chosen.min}, max {chosen.max}"
        elif chosen.max - chosen.min > MAX_SPAN:
            yield ("options", name, "max"), f"the range has more than {MAX_SPAN} steps"
        else:
            yield from _labels(name, chosen, kinds.get(name, set()))
        if name not in kinds and draft.all_items_valid:
            yield ("options", name), "no item uses these options"


def _labels(name: str, chosen: OptionSet, kinds: set[str]) -> Iterator[Finding]:
    """Every value of a list has a label; a line has one at each end at least."""
    where = ("options", name, "labels")
    for value in chosen.labels:
        if not chosen.min <= value <= chosen.max:
            yield (*where, str(value)), f"the label of {value} lies outside of {chosen.min} to {chosen.max}"
    full = bool(kinds & FULLY_LABELLED) or not kinds
    for value in range(chosen.min, chosen.max + 1) if full else (chosen.min, chosen.max):
        if value not in chosen.labels:
            yield where, f"missing option label for {value}"
    for position in repeated([label for _, label in chosen.options]):
        value, label = chosen.options[position]
        yield (*where, str(value)), f"the label {label!r} stands twice"


def _frames(draft: Draft) -> Iterator[Finding]:
    for position in repeated([frame.key for frame in draft.frames]):
        yield ("frames", position, "key"), f"duplicate frame key {draft.frames[position].key!r}"
    used = {key for _, item in draft.items for key in item.frames}
    for position, frame in enumerate(draft.frames):
        if frame.key not in used and draft.all_items_valid:
            yield ("frames", position), f"no item uses the frame {frame.key!r}"


def _sources(draft: Draft) -> Iterator[Finding]:
    letters = [source.article for source in draft.sources]
    for position, letter in enumerate(letters):
        if letter not in ARTICLES:
            yield ("sources", position, "article"), f"unknown article {letter!r}; known are {', '.join(ARTICLES)}"
    for position in repeated(letters):
        yield ("sources", position, "article"), f"the article {letters[position]!r} stands twice"


def _whole(draft: Draft) -> Iterator[Finding]:
    """What the top of the definition promises."""
    top = draft.top
    if top is None:
        return
    if not top.passport.validated and not top.sources:
        yield ("sources",), "an instrument that is not validated names the articles it comes from"
    if (top.passport.validated or top.passport.norms) and not top.passport.citation:
        yield ("passport",), "a validated instrument, or one with norms, needs its citation"
    if len(set(top.respondents)) < len(top.respondents):
        yield ("respondents",), "a respondent stands twice"
    if "client" not in top.respondents and top.asks_relationship:
        yield ("asks_relationship",), "only a client is asked about the relationship"
    if ("clinician" in top.respondents) != (top.clinician_stem is not None) and top.stem:
        yield ("clinician_stem",), "a clinician_stem goes with clinician among the respondents, and with nothing else"
    if top.in_room_only and not top.hidden_from_portal:
        yield ("hidden_from_portal",), "an instrument for the room only must be hidden from the portal"
    for word in top.neutral_title.lower().replace("-", " ").split():
        if word.strip("“”‘’\"'.,!?").startswith(NOT_NEUTRAL):
            yield ("neutral_title",), f"the word {word!r} is not neutral in a message"


def _reading(draft: Draft) -> Iterator[Finding]:
    if draft.language.split("-")[0] != "en":
        return
    found = reading.grade(item.text for _, item in draft.items)
    if found > reading.MAX_GRADE:
        yield ("items",), f"the joined items read at grade {found}; at most {reading.MAX_GRADE:g} is allowed"


CHECKS: tuple[Callable[[Draft], Iterator[Finding]], ...] = (
    _sources, _options, _frames, check_items, check_scales, check_planes, _whole, _reading,
)  # fmt: skip


def check(data: dict[str, Any]) -> Iterator[Finding]:
    """Run every check on the plain data of a definition; parts that are not valid in themselves are left out."""
    draft = Draft.of(data)
    for run in CHECKS:
        yield from run(draft)
