"""Checks of the items against the kinds, options, frames and respondents of a definition."""

from collections.abc import Iterator

from assessments.schema.draft import Draft, repeated
from assessments.schema.models import OPTION_KINDS, RATED_KINDS, SCORED_KINDS, Item
from assessments.schema.problems import Finding, Path
from clients.barriers import CODES, MAX_FOCUS

_VALUE_FIELDS = ("risk", "unsure", "private_talk")


def check_items(draft: Draft) -> Iterator[Finding]:
    """Every item fits its kind, and no two are the same."""
    for field, what in (("id", "item id"), ("text", "text"), ("barrier", "barrier")):
        values = [getattr(item, field) or index for index, item in draft.items]
        for position in repeated(values):
            yield ("items", draft.items[position][0], field), f"duplicate {what} {values[position]!r}"
    for index, item in draft.items:
        where: Path = ("items", index)
        yield from _kind(draft, item, where)
        yield from _values(draft, item, where)
        yield from _respondents(draft, item, where)
        if item.barrier is not None and item.barrier not in CODES:
            yield (*where, "barrier"), f"unknown barrier code {item.barrier!r}; known are {', '.join(CODES)}"
        if item.reversed and not draft.allow_reversed:
            yield (*where, "reversed"), "this definition allows no reversed item (allow_reversed)"
        if item.reversed and not (item.scored and item.kind in RATED_KINDS):
            yield (*where, "reversed"), "only a scored choice or slider can be reversed"
        for key in item.frames:
            if key not in draft.named_frames:
                yield (*where, "frames"), f"unknown frame {key!r}"
        if repeated(item.frames):
            yield (*where, "frames"), "a frame stands twice"


def _kind(draft: Draft, item: Item, where: Path) -> Iterator[Finding]:
    """Fields that a kind needs, and fields that it must not have."""
    if item.kind in OPTION_KINDS and item.options is None:
        yield (*where, "options"), f"the kind {item.kind!r} needs options"
    if item.kind not in OPTION_KINDS and item.options is not None:
        yield (*where, "options"), f"the kind {item.kind!r} takes no options"
    if item.options is not None and item.options not in draft.named_options:
        yield (*where, "options"), f"unknown options {item.options!r}"
    if item.scored and (item.kind not in SCORED_KINDS or item.frames):
        kind = "an item with frames" if item.frames else f"the kind {item.kind!r}"
        yield (*where, "scored"), f"{kind} cannot be scored; say scored: false"
    if item.frames and item.kind not in RATED_KINDS:
        yield (*where, "frames"), f"the kind {item.kind!r} takes no frames"
    if item.note_allowed and item.kind not in RATED_KINDS:
        yield (*where, "note_allowed"), f"the kind {item.kind!r} takes no note"
    if (item.kind == "life_events") != bool(item.choices):
        yield (*where, "choices"), "the kind 'life_events' needs choices, and no other kind takes them"
    if (item.kind == "focus_pick") != (item.max_picks is not None):
        yield (*where, "max_picks"), "the kind 'focus_pick' needs max_picks, and no other kind takes it"
    if item.max_picks is not None and item.max_picks > MAX_FOCUS:
        yield (*where, "max_picks"), f"at most {MAX_FOCUS} barriers can be in focus"
    for field in ("code", "label"):
        for position in repeated([getattr(choice, field) for choice in item.choices]):
            yield (*where, "choices", position, field), f"duplicate {field} {getattr(item.choices[position], field)!r}"


def _values(draft: Draft, item: Item, where: Path) -> Iterator[Finding]:
    """Values with a meaning lie in the range and have only one meaning."""
    marked: list[int] = []
    for field in _VALUE_FIELDS:
        values: tuple[int, ...] = getattr(item, field)
        if not values:
            continue
        if item.kind not in RATED_KINDS:
            yield (*where, field), f"the kind {item.kind!r} has no values to mark"
            continue
        chosen = draft.options.get(item.options or "")
        for value in values:
            if chosen and not chosen.min <= value <= chosen.max:
                yield (*where, field), f"{value} lies outside of {chosen.min} to {chosen.max}"
            if value in marked:
                yield (*where, field), f"{value} is marked twice"
            marked.append(value)
    if item.unsure and not item.risk:
        yield (*where, "unsure"), "unsure values go with risk values"


def _respondents(draft: Draft, item: Item, where: Path) -> Iterator[Finding]:
    """Whoever is asked has a wording."""
    for name in item.respondents:
        if name not in draft.respondents:
            yield (*where, "respondents"), f"{name} does not answer this instrument"
    if repeated(item.respondents):
        yield (*where, "respondents"), "a respondent stands twice"
    asked = item.respondents or draft.respondents
    if "clinician" in asked and "client" in asked and item.clinician_text is None:
        yield where, "a clinician_text is missing: the clinician rates this item too"
    if "clinician" not in asked and item.clinician_text is not None:
        yield (*where, "clinician_text"), "the clinician does not rate this item"
