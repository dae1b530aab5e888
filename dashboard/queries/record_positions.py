"""Where a client's answers lie, as pictures from the series of one measure: spectrum and plane, one a relationship."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assessments.change import Known
from assessments.schema import Definition
from clients.models import Client
from dashboard.queries.record_lines import Judge, OneSeries
from reports.builders.positions import SPECTRUM, Answers, Noise, Picture, plane_of, spectrum_of


@dataclass(slots=True)
class _Sheet:
    """The scores of one response, being gathered."""

    at: datetime
    version_id: uuid.UUID
    values: dict[str, float | None] = field(default_factory=dict)


def positions(
    client: Client, definition: Definition, version_id: uuid.UUID, series: Sequence[OneSeries], judging: Judge
) -> tuple[Picture, ...]:
    """Every picture that the measure has, about the relationship that was answered about last first. No query."""
    if definition.slug != SPECTRUM and not definition.planes:
        return ()
    keys = [scale.key for scale in definition.scales]
    known = {key: judging.known(version_id, f"{definition.slug}.{key}") or Known() for key in keys}
    noise = Noise(definition, known)
    about = _by_relationship(series)
    found: list[Picture | None] = []
    for place, words in enumerate(sorted(about, key=lambda words: max(one.at for one in about[words].values()))[::-1]):
        sheets = sorted(about[words].values(), key=lambda one: one.at)
        sets = [Answers(client.practice.today(one.at), one.values, one.version_id == version_id) for one in sheets]
        name = words if len(about) > 1 else ""
        found.append(spectrum_of(f"spectrum-{place}", definition, sets, noise, name))
        for plane in definition.planes:
            found.append(plane_of(f"plane-{plane.key}-{place}", definition, plane, sets, noise, name))
    return tuple(one for one in found if one is not None)


def _by_relationship(series: Sequence[OneSeries]) -> dict[str, dict[uuid.UUID, _Sheet]]:
    """The client's responses with all their values, by the words of the relationship."""
    found: dict[str, dict[uuid.UUID, _Sheet]] = {}
    for one in series:
        if one.respondent != "client":
            continue
        key = one.scale.partition(".")[2]
        sheets = found.setdefault(one.relationship, {})
        for point in one.points:
            sheet = sheets.setdefault(point.response_id, _Sheet(point.at, point.version_id))
            sheet.values[key] = point.value
    return found
