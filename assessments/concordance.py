"""Two partners' answers to the same administration side by side: item by item, and scale by scale with its error. Pure.

A gap is marked only where it is larger than the noise of both together explains, and never says who is right. Single
answers are shown as they are. Left out, whatever was agreed: measures about safety and about the session itself, what
is done to me, anything that may raise a flag, scales for the clinician alone, free text, own goals, life events.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments.change import Known, why_not
from assessments.schema import Definition, Item, Scale
from assessments.scoring import score
from assessments.statistics.reliable import Z, sem

NEVER = frozenset({"safety-screen", "after-session"})
"""Measures that are never put side by side: about safety, and about what passes between a client and the clinician."""
SHARED_KINDS = frozenset({"choice", "slider"})
"""Kinds of items that may be: rated ones with fixed words."""


@dataclass(frozen=True, slots=True)
class ItemPair:
    """One item in both views: labels as they were chosen, empty where it was left open. ``difference``: second minus
    first on the item's own numbers, none unless both answered."""

    text: str
    first: str
    second: str
    difference: int | None

    @property
    def apart(self) -> int | None:
        """How far apart, whichever way."""
        return None if self.difference is None else abs(self.difference)


@dataclass(frozen=True, slots=True)
class ScalePair:
    """One scale in both views. ``noise``: how far apart two equal views may fall by chance; none where that is not
    known, with the ``reason``. ``beyond``: the difference is larger than that. ``prompt``: a neutral sentence."""

    title: str
    meaning: str
    low: float
    high: float
    first: float | None
    second: float | None
    difference: float | None
    noise: float | None
    beyond: bool
    reason: str
    prompt: str

    @property
    def apart(self) -> str:
        """How far apart, whichever way, as shown."""
        return "" if self.difference is None else _shown(abs(self.difference))

    @property
    def first_shown(self) -> str:
        return _shown(self.first)

    @property
    def second_shown(self) -> str:
        return _shown(self.second)

    @property
    def range(self) -> str:
        """The ends of the scale, as shown."""
        low, high = (_shown(value).removesuffix(".00") for value in (self.low, self.high))
        return _("%(low)s to %(high)s") % {"low": low, "high": high}


@dataclass(frozen=True, slots=True)
class Concordance:
    """Both views of one measure."""

    items: tuple[ItemPair, ...]
    scales: tuple[ScalePair, ...]


def may_share(definition: Definition) -> bool:
    """Whether a measure may ever be shown side by side."""
    hidden = definition.slug in NEVER or definition.in_room_only or definition.hidden_from_portal
    return not hidden and bool(shared_items(definition))


def shared_items(definition: Definition) -> tuple[Item, ...]:
    """The items that may be shown, in the order of asking."""
    return tuple(item for item in definition.items if _may_show(definition, item))


def shared_scales(definition: Definition) -> tuple[Scale, ...]:
    """The scales that may be shown: for the client's eyes, made of such items alone. Single items stand as items."""
    items = {item.id for item in shared_items(definition)}
    found: dict[str, Scale] = {}
    for scale in sorted(definition.scales, key=lambda one: one.method == "difference"):
        whole = set(scale.items) <= items and {*scale.parts, *scale.requires} <= found.keys()
        if whole and scale.visibility == "client" and not scale.single:
            found[scale.key] = scale
    return tuple(scale for scale in definition.scales if scale.key in found)


def concord(
    definition: Definition,
    first: Mapping[str, object],
    second: Mapping[str, object],
    known: Mapping[str, Known],
) -> Concordance:
    """Both partners' clean answers by id, with what is known of each scale by its key."""
    mine = {one.key: one.value for one in score(definition, first)}
    theirs = {one.key: one.value for one in score(definition, second)}
    return Concordance(
        items=tuple(_item(definition, item, first, second) for item in shared_items(definition)),
        scales=tuple(
            _scale(definition, scale, mine[scale.key], theirs[scale.key], known.get(scale.key, Known()))
            for scale in shared_scales(definition)
        ),
    )


def joint_noise(first: float, second: float) -> float:
    """How far apart two views with these standard errors may fall by chance: 1.96 · √(SEM₁² + SEM₂²), the 95 % bound of
    the difference of two independent measurements (Lord & Novick 1968)."""
    return Z * math.hypot(first, second)


def _may_show(definition: Definition, item: Item) -> bool:
    marked = item.risk or item.unsure or item.private_talk or item.frames
    return item.kind in SHARED_KINDS and not marked and "client" in definition.respondents_of(item)


def _item(definition: Definition, item: Item, first: Mapping[str, object], second: Mapping[str, object]) -> ItemPair:
    one, other = _whole(first.get(item.id)), _whole(second.get(item.id))
    difference = None if one is None or other is None else other - one
    return ItemPair(item.text, _label(definition, item, one), _label(definition, item, other), difference)


def _label(definition: Definition, item: Item, value: int | None) -> str:
    if value is None:
        return ""
    labels = definition.options[item.options].labels if item.options in definition.options else {}
    return f"{value} · {labels[value]}" if value in labels else str(value)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _scale(definition: Definition, scale: Scale, first: float | None, second: float | None, known: Known) -> ScalePair:
    difference = None if first is None or second is None else second - first
    reason = why_not(definition, scale.key, known)
    noise = None
    if not reason and known.sd is not None and known.reliability is not None:
        error = sem(known.sd, known.reliability)
        noise = joint_noise(error, error)
    beyond = difference is not None and noise is not None and abs(difference) > noise
    low, high = definition.range_of(scale.key)
    return ScalePair(
        *(scale.title, scale.meaning, low, high, first, second, difference, noise, beyond, reason),
        prompt=_prompt(difference, noise, beyond=beyond),
    )


def _prompt(difference: float | None, noise: float | None, *, beyond: bool) -> str:
    if difference is None:
        return _("Not scored for both of you.")
    if noise is None:
        return _("Shown as it is: how much of a difference is chance is not known yet.")
    if beyond:
        return _("You see this differently. What does it look like from where each of you stands?")
    return _("No further apart than chance explains.")
