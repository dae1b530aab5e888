"""Checks of the scales and planes against the items and against each other."""

from collections.abc import Iterator

from assessments.schema.draft import Draft, repeated
from assessments.schema.models import SCORED_KINDS, Scale
from assessments.schema.problems import Finding, Path
from clients.barriers import CODES

_OVER_ITEMS = frozenset({"mean", "sum", "count_at_least"})


def check_scales(draft: Draft) -> Iterator[Finding]:
    """Every scale names what exists and fits its method; every scored item is in a scale."""
    keys = [scale.key for _, scale in draft.scales]
    for position in repeated(keys):
        yield ("scales", draft.scales[position][0], "key"), f"duplicate scale key {keys[position]!r}"
    for index, scale in draft.scales:
        where: Path = ("scales", index)
        yield from _method(draft, scale, where)
        yield from _names(draft, scale, where)
        yield from _items(draft, scale, where)
        yield from _barrier(draft, scale, where)
        yield from _formative(draft, scale, where)
    used = {name for _, scale in draft.scales for name in scale.items}
    for index, item in draft.items:
        if item.scored and item.kind in SCORED_KINDS and item.id not in used and draft.all_scales_valid:
            yield ("items", index, "scored"), f"no scale uses the item {item.id!r}; say scored: false"


def _method(draft: Draft, scale: Scale, where: Path) -> Iterator[Finding]:
    kinds = {item.kind for name in scale.items if (item := draft.items_by_id.get(name))}
    if scale.method == "single" and len(scale.items) != 1:
        yield (*where, "items"), f"the method 'single' takes exactly one item, not {len(scale.items)}"
    if scale.method in _OVER_ITEMS and len(scale.items) < 2 and kinds != {"goals"}:
        yield (*where, "items"), f"the method {scale.method!r} takes two items or more; use 'single' for one"
    if "goals" in kinds and not (scale.method == "mean" and len(scale.items) == 1):
        yield (*where, "items"), "own goals make a mean of their own"
    if scale.method == "difference" and scale.items:
        yield (*where, "items"), "the method 'difference' takes parts, not items"
    if scale.method == "difference" and len(set(scale.parts)) != 2:
        yield (*where, "parts"), "the method 'difference' takes exactly two parts: the first minus the second"
    if scale.method != "difference" and (scale.parts or scale.requires):
        yield (*where, "parts" if scale.parts else "requires"), f"the method {scale.method!r} takes no other scales"
    if (scale.method == "count_at_least") != (scale.threshold is not None):
        yield (*where, "threshold"), "the method 'count_at_least' needs a threshold, and no other method takes it"
    if scale.method == "difference" and scale.direction != "none":
        yield (*where, "direction"), "a difference has no better side; its direction is none"


def _names(draft: Draft, scale: Scale, where: Path) -> Iterator[Finding]:
    for field, names, known, what in (
        ("items", scale.items, draft.named_items, "item"),
        ("parts", scale.parts, draft.named_scales, "scale"),
        ("requires", scale.requires, draft.named_scales, "scale"),
    ):
        for position, name in enumerate(names):
            if name not in known:
                yield (*where, field, position), f"unknown {what} {name!r}"
        for position in repeated(names):
            yield (*where, field, position), f"the {what} {names[position]!r} stands twice"
    for field in ("parts", "requires"):
        for position, name in enumerate(getattr(scale, field)):
            other = draft.scales_by_key.get(name)
            if other and other.method not in {"mean", "sum", "single"}:
                yield (*where, field, position), f"{name!r} is itself a {other.method}; name a mean, sum or single"


def _items(draft: Draft, scale: Scale, where: Path) -> Iterator[Finding]:
    """The items are scored and share one range, in which a threshold lies."""
    first: tuple[int, int] | None = None
    for position, name in enumerate(scale.items):
        item = draft.items_by_id.get(name)
        if item is None:
            continue
        if not item.scored:
            yield (*where, "items", position), f"the item {name!r} is not scored"
        chosen = draft.options.get(item.options or "")
        if chosen is None:
            continue
        first = first or (chosen.min, chosen.max)
        if (chosen.min, chosen.max) != first:
            yield (*where, "items", position), f"the item {name!r} has another range than the first"
    if first and scale.threshold is not None and not first[0] < scale.threshold <= first[1]:
        yield (*where, "threshold"), f"the threshold must be above {first[0]} and at most {first[1]}"


def _barrier(draft: Draft, scale: Scale, where: Path) -> Iterator[Finding]:
    """A scale of one barrier item carries the barrier's code, and only such a scale does."""
    item = draft.items_by_id.get(scale.items[0]) if scale.single and len(scale.items) == 1 else None
    if scale.barrier is not None and scale.barrier not in CODES:
        yield (*where, "barrier"), f"unknown barrier code {scale.barrier!r}; known are {', '.join(CODES)}"
    elif scale.barrier is not None and not scale.single:
        yield (*where, "barrier"), "only a scale of one item is about one barrier"
    elif item and item.barrier != scale.barrier and (item.barrier is None or item.barrier in CODES):
        loc = (*where, "barrier") if scale.barrier else where
        yield loc, f"the item {item.id!r} is about the barrier {item.barrier!r}, the scale about {scale.barrier!r}"


def _formative(draft: Draft, scale: Scale, where: Path) -> Iterator[Finding]:
    """A checklist is formative as a whole: its totals, counts and differences too."""
    loc = (*where, "formative")
    if scale.single and scale.formative:
        yield loc, "a scale of one item is not formative"
    if scale.method == "count_at_least" and not scale.formative:
        yield loc, "a count is formative: say formative: true"
    for name in scale.parts:
        other = draft.scales_by_key.get(name)
        if other and other.method in _OVER_ITEMS and other.formative != scale.formative:
            yield loc, f"the part {name!r} says formative: {str(other.formative).lower()}"
    if scale.method not in _OVER_ITEMS:
        return
    for _, other in draft.scales:
        if other is scale:
            return
        if other.method in _OVER_ITEMS and other.formative != scale.formative and set(other.items) & set(scale.items):
            yield loc, f"the scale {other.key!r} shares items and says formative: {str(other.formative).lower()}"


def check_planes(draft: Draft) -> Iterator[Finding]:
    """A plane has two different means as coordinates and a key of its own."""
    keys = [key for _, scale in draft.scales for key in (scale.key,)]
    for index, plane in draft.planes:
        where: Path = ("planes", index)
        if plane.key in keys:
            yield (*where, "key"), f"duplicate key {plane.key!r}"
        keys.append(plane.key)
        if plane.x == plane.y:
            yield (*where, "y"), "the two coordinates are the same scale"
        for axis in ("x", "y"):
            name = getattr(plane, axis)
            scale = draft.scales_by_key.get(name)
            if name not in draft.named_scales:
                yield (*where, axis), f"unknown scale {name!r}"
            elif scale and scale.method not in {"mean", "sum"}:
                yield (*where, axis), f"{name!r} is a {scale.method}; a coordinate is a mean or a sum"
