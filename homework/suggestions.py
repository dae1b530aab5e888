"""Which exercises to offer for a client's focus barriers, and which never to. Pure functions, no database.

Both answers are for the clinician's eyes alone: a reason may speak of a safety flag, and no page of the client or the
partner may change because of one (domain.md, Safety).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients import barriers
from homework.schema import ARTICLES, ExerciseDefinition

HIGH: Final = 3
"""Control or power rated this high (0–4) by either rater rules some exercises out."""
DEFAULT_LIMIT: Final = 6
STEERING: Final = ("control", "power")

_ATTACHMENT_SOURCES = frozenset("BDE")
_HOME_ARTICLES: Final[dict[str, frozenset[str]]] = {
    "vulnerability": _ATTACHMENT_SOURCES,
    "insecurity": _ATTACHMENT_SOURCES,
    "past": _ATTACHMENT_SOURCES,
    "communication": frozenset("C"),
    "expectations": frozenset("C"),
    "independence": _ATTACHMENT_SOURCES,
    "self-esteem": _ATTACHMENT_SOURCES,
    "self-awareness": _ATTACHMENT_SOURCES,
}
_INHERITED = frozenset({"messages-i-grew-up-with", "equal-say", "what-i-wont-trade"})
_BALANCE = frozenset({"limits-and-space", "shared-responsibilities-audit", "equal-say", "loosen-the-grip"})
_HOME_SLUGS: Final[dict[str, frozenset[str]]] = {
    "culture": _INHERITED,
    "norms": _INHERITED,
    "control": _BALANCE,
    "power": _BALANCE,
}


@dataclass(frozen=True)
class RatingPair:
    """The latest rating of one barrier by each rater, 0–4; None where there is none. Never pooled."""

    client: int | None = None
    clinician: int | None = None

    @property
    def high(self) -> bool:
        """Whether either rater gives HIGH or more."""
        return any(rating is not None and rating >= HIGH for rating in (self.client, self.clinician))


@dataclass(frozen=True)
class Suggestion:
    """An exercise to offer: ``barriers`` are the focus barriers it serves, ``reason`` says why, in words."""

    exercise: ExerciseDefinition
    barriers: tuple[str, ...]
    reason: str
    done_before: bool


def suggest(
    exercises: Iterable[ExerciseDefinition],
    focus: Sequence[str],
    *,
    done: Collection[str],
    ratings: Mapping[str, RatingPair],
    open_safety_flag: bool,
    screened: bool,
    limit: int | None = DEFAULT_LIMIT,
) -> list[Suggestion]:
    """Exercises for the focus barriers (codes, most important first), best first; the same input, the same order.

    Those not in ``done`` (slugs) come first. Then the focus barriers take turns, so that none crowds out another;
    within a barrier, the articles and exercises that domain.md names for it come before others that serve it, and
    those that serve more of the focus before those that serve less. What ``blocked`` names is never among them.
    ``limit`` None gives all. Raises ValueError for an unknown barrier code or a negative limit.
    """
    unknown = [code for code in focus if code not in barriers.BY_CODE]
    if unknown:
        raise ValueError(f"unknown barrier codes: {', '.join(unknown)}")
    if limit is not None and limit < 0:
        raise ValueError("limit is negative")
    codes = tuple(dict.fromkeys(focus))
    library = tuple(exercises)
    shut = blocked(library, ratings=ratings, open_safety_flag=open_safety_flag, screened=screened)
    open_ones = [exercise for exercise in library if exercise.slug not in shut]
    fresh = _in_turns([exercise for exercise in open_ones if exercise.slug not in done], codes)
    repeats = _in_turns([exercise for exercise in open_ones if exercise.slug in done], codes)
    ranked = [*((exercise, False) for exercise in fresh), *((exercise, True) for exercise in repeats)]
    return [_suggestion(exercise, codes, done_before) for exercise, done_before in ranked[:limit]]


def blocked(
    exercises: Iterable[ExerciseDefinition],
    *,
    ratings: Mapping[str, RatingPair],
    open_safety_flag: bool,
    screened: bool,
) -> dict[str, tuple[str, ...]]:
    """Exercises that must not be given now: slug → every reason, in words for the clinician.

    ``open_safety_flag``: a flag of either partner is open. ``screened``: everyone who would take part has answered the
    safety screen; without it, what is only done together waits (what can be done alone does not).
    """
    steered = [code for code in STEERING if (pair := ratings.get(code)) is not None and pair.high]
    found: dict[str, tuple[str, ...]] = {}
    for exercise in exercises:
        reasons = [*_safety_reasons(exercise, open_safety_flag, screened), *_steering_reasons(exercise, steered)]
        if reasons:
            found[exercise.slug] = tuple(reasons)
    return found


def named_for(exercise: ExerciseDefinition, code: str) -> bool:
    """Whether domain.md names this exercise, or its main article, as the first choice for the barrier."""
    if code not in exercise.barriers:
        return False
    if code in _HOME_SLUGS:
        return exercise.slug in _HOME_SLUGS[code]
    return exercise.articles[0] in _HOME_ARTICLES[code]


def _safety_reasons(exercise: ExerciseDefinition, open_safety_flag: bool, screened: bool) -> list[str]:
    if not open_safety_flag:
        if exercise.setting == "together" and not screened:
            return [_("It is done together, and not everyone who takes part has answered the safety screen.")]
        return []
    safety = exercise.safety
    checks = (
        (exercise.together, _("A safety flag is open, and this may be done together.")),
        (safety.says_no, _("A safety flag is open, and this asks the client to say no.")),
        (safety.sets_limits, _("A safety flag is open, and this asks the client to set a limit.")),
        (safety.discloses, _("A safety flag is open, and this asks the client to open up to the partner.")),
    )
    return [reason for applies, reason in checks if applies]


def _steering_reasons(exercise: ExerciseDefinition, steered: Sequence[str]) -> list[str]:
    if not steered or not exercise.safety.not_with_control_or_power:
        return []
    names = get_text_list([f"“{barriers.BY_CODE[code].name}”" for code in steered], _("and"))
    reason = ngettext(
        "%(barriers)s is rated %(high)d or more, by the client or by you.",
        "%(barriers)s are rated %(high)d or more, by the client or by you.",
        len(steered),
    )
    return [reason % {"barriers": names, "high": HIGH}]


def _in_turns(exercises: Sequence[ExerciseDefinition], codes: Sequence[str]) -> list[ExerciseDefinition]:
    """The barriers take turns, each giving the best of its exercises that is not taken yet."""
    queues = [sorted((e for e in exercises if code in e.barriers), key=_rank(code, codes)) for code in codes]
    taken: dict[str, ExerciseDefinition] = {}
    for _turn in range(max(map(len, queues), default=0)):
        for queue in queues:
            best = next((exercise for exercise in queue if exercise.slug not in taken), None)
            if best is not None:
                taken[best.slug] = best
    return list(taken.values())


def _rank(code: str, codes: Sequence[str]) -> Callable[[ExerciseDefinition], tuple[object, ...]]:
    def key(exercise: ExerciseDefinition) -> tuple[object, ...]:
        served = sum(other in exercise.barriers for other in codes)
        return (not named_for(exercise, code), -served, exercise.articles[0], exercise.slug)

    return key


def _suggestion(exercise: ExerciseDefinition, codes: Sequence[str], done_before: bool) -> Suggestion:
    served = tuple(code for code in codes if code in exercise.barriers)
    return Suggestion(exercise, served, _reason(exercise, served, done_before), done_before)


def _reason(exercise: ExerciseDefinition, served: Sequence[str], done_before: bool) -> str:
    names = get_text_list([f"“{barriers.BY_CODE[code].name}”" for code in served], _("and"))
    articles = get_text_list([f"{letter} ({ARTICLES[letter]})" for letter in exercise.articles], _("and"))
    parts = [
        ngettext("Serves the focus barrier %(names)s.", "Serves the focus barriers %(names)s.", len(served))
        % {"names": names},
        ngettext("Drawn from article %(articles)s.", "Drawn from articles %(articles)s.", len(exercise.articles))
        % {"articles": articles},
    ]
    if exercise.safety.with_therapist:
        parts.append(_("Go through it with the client."))
    if done_before:
        parts.append(_("Done before."))
    return " ".join(parts)
