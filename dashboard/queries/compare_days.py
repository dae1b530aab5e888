"""Every score of an episode, read once, and the days that may be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from assessments.models import InstrumentVersion
from assessments.queries.scores import ScorePoint, scores_series
from clients.models import Client, Episode

Found = Mapping[tuple[str, str], Sequence[ScorePoint]]
"""Points in order of time, by scale and rater."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which something was answered or rated."""

    day: date
    titles: tuple[str, ...]


def answered_days(client: Client, found: Found, versions: Mapping[object, InstrumentVersion]) -> tuple[Day, ...]:
    """Days with answers, the latest first, with the titles of what was answered. No query."""
    titles: dict[date, list[str]] = {}
    for points in found.values():
        for point in points:
            version = versions.get(point.version_id)
            if version is None:
                continue
            words = version.instrument.title
            if point.respondent == "clinician":
                words = _("%(title)s (clinician)") % {"title": words}
            there = titles.setdefault(client.practice.today(point.at), [])
            if words not in there:
                there.append(words)
    return tuple(Day(day, tuple(words)) for day, words in sorted(titles.items(), reverse=True))


def read_scores(client: Client, episode: Episode) -> tuple[Found, dict[object, InstrumentVersion]]:
    """Every score of the episode and the versions that were answered. Three queries at most."""
    found = scores_series(client, episode)
    ids = {point.version_id for points in found.values() for point in points}
    rows = InstrumentVersion.objects.filter(pk__in=ids).select_related("instrument")
    kept = [row for row in rows if not row.definition.in_room_only]
    kept.sort(key=lambda row: (row.instrument.position, row.instrument.title, row.number))
    return found, {row.pk: row for row in kept}
