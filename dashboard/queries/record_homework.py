"""Exercises for a client's focus barriers with their reasons, and those held back. For the clinician's eyes."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from assessments.models import Trajectory
from assessments.queries.responses import pending_ratings
from clients.access import clients_for
from clients.barriers import BARRIERS, BY_CODE, Barrier
from clients.models import Client, Episode, Partner, SafetyFlag
from clients.queries.course import focus
from dashboard.queries.library import newest_exercises
from homework.models import ExerciseVersion, Proposal
from homework.schema import ExerciseDefinition
from homework.suggestions import RatingPair, Suggestion, blocked, suggest
from practice.grants import Permission
from practice.models import User


@dataclass(frozen=True, slots=True)
class Offered:
    """One exercise to use in session, with the version to open or print."""

    version: ExerciseVersion
    suggestion: Suggestion
    barriers: tuple[Barrier, ...]


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An exercise that would serve the focus and must not be given now, with every reason."""

    version: ExerciseVersion
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Homework:
    """The whole tab."""

    focus: tuple[Barrier, ...]
    offered: tuple[Offered, ...]
    held_back: tuple[HeldBack, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """What the safety rules ask of one who would take part, and whether the reader may see it."""

    flagged: bool
    cleared: bool
    seen: bool


def homework(user: User, client: Client, episode: Episode | None, *, but: Collection[uuid.UUID] = ()) -> Homework:
    """Read the tab for a client that was loaded through access; ``but`` these exercises.

    Whose safety the reader may not see changes the page by being a partner only, never by their state (ADR 9).
    """
    chosen = [row.barrier for row in focus(client, episode)] if episode else []
    if episode is None or not chosen:
        return Homework((), (), ())
    versions = {version.definition.slug: version for version in newest_exercises()}
    library = [version.definition for version in versions.values()]
    ratings, people = steering(client, episode), taking_part(user, client)
    seen = [person for person in people if person.seen]
    free = [one for one in library if len(seen) == len(people) or not one.together]
    free = [one for one in free if versions[one.slug].exercise_id not in but]
    found = suggest(free, chosen, done=(), ratings=ratings, open_safety_flag=_flagged(seen), screened=_cleared(seen))
    serving = [one for one in library if set(one.barriers) & set(chosen)]
    return Homework(
        focus=tuple(BY_CODE[code] for code in chosen),
        offered=tuple(
            Offered(versions[one.exercise.slug], one, tuple(BY_CODE[code] for code in one.barriers)) for one in found
        ),
        held_back=tuple(
            HeldBack(versions[slug], reasons) for slug, reasons in reasons_why(serving, ratings, people).items()
        ),
    )


def proposed(client: Client) -> list[Proposal]:
    """What clinicians proposed and nobody took back, the latest first. One query."""
    rows = Proposal.objects.filter(client=client, state=Proposal.State.PROPOSED)
    rows = rows.select_related("version__exercise", "proposed_by").defer("version__data")
    return list(rows.order_by("-proposed_at", "pk"))


def reasons_why(
    serving: Sequence[ExerciseDefinition], ratings: Mapping[str, RatingPair], people: Sequence[Person]
) -> dict[str, tuple[str, ...]]:
    """Why each is held back, by slug. A person whose safety the reader may not see holds back what may be done
    together, in one sentence that is the same whether a flag is open, nothing was screened, or all is cleared."""
    seen = [person for person in people if person.seen]
    known = blocked(serving, ratings=ratings, open_safety_flag=_flagged(seen), screened=_cleared(seen))
    unseen = _(
        "It may be done together, and not everyone who would take part is in your care. Agree on it with their"
        " clinician; this is held back whatever their safety screen says."
    )
    found = {
        one.slug: (*known.get(one.slug, ()), *((unseen,) if one.together and len(seen) < len(people) else ()))
        for one in serving
    }
    return {slug: reasons for slug, reasons in found.items() if reasons}


def _flagged(people: Iterable[Person]) -> bool:
    return any(person.flagged for person in people)


def _cleared(people: Iterable[Person]) -> bool:
    return all(person.cleared for person in people)


def steering(client: Client, episode: Episode) -> dict[str, RatingPair]:
    """The latest ratings of the twelve by each rater. Two queries.

    A rating of a session that is still planned is not scored: it can make the clinician's higher here, never lower.
    """
    rows = Trajectory.objects.filter(
        practice=client.practice_id,
        client=client,
        episode=episode,
        scale__in=[f"barriers.{barrier.code}" for barrier in BARRIERS],
    ).order_by("latest_at")
    latest: dict[str, dict[str, int]] = {}
    for scale, respondent, value in rows.values_list("scale", "respondent", "latest"):
        latest.setdefault(scale.removeprefix("barriers."), {})[respondent] = round(value)
    for code, value in pending_ratings(client, episode).items():
        pair = latest.setdefault(code, {})
        pair["clinician"] = max(value, pair.get("clinician", value))
    return {code: RatingPair(pair.get("client"), pair.get("clinician")) for code, pair in latest.items()}


def taking_part(user: User, client: Client) -> list[Person]:
    """The client and, in a couple, the partner: the rule asks both. One query."""
    flags = SafetyFlag.objects.filter(client=OuterRef("pk")).exclude(state=SafetyFlag.State.CLOSED)
    couples = Partner.objects.filter(client=client, ended=False).values("couple")
    partners = Partner.objects.filter(couple__in=couples, ended=False).values("client")
    people = Client.objects.filter(Q(pk=client.pk) | Q(pk__in=partners)).annotate(
        flagged=Exists(flags), seen=Exists(clients_for(user, Permission.SEE_SAFETY).filter(pk=OuterRef("pk")))
    )
    rows = people.values_list("flagged", "safety_cleared", "seen")
    return [Person(flagged, cleared is True, seen) for flagged, cleared, seen in rows]
