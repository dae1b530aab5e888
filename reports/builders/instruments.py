"""What must be said about the measures that a report shows: the passport of each version that was answered."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from assessments.models import InstrumentVersion
from assessments.schema import Definition


@dataclass(frozen=True, slots=True)
class Passport:
    """A measure's passport. ``scales``: titles by key; ``whole``: keys whose values are whole numbers."""

    slug: str
    title: str
    version: str
    basis: str
    sources: tuple[str, ...]
    facts: tuple[str, ...]
    range: str
    verdict: str
    scales: Mapping[str, str] = field(default_factory=dict)
    whole: tuple[str, ...] = ()

    def digits(self, key: str) -> int | None:
        """Decimals with which a scale's values are shown."""
        return 0 if key in self.whole else 2


def passports(versions: Iterable[uuid.UUID]) -> tuple[Passport, ...]:
    """A passport for each version that was answered, in the library's order, older versions first. One query.

    The definitions' JSON is only read where this process has not parsed it yet.
    """
    rows = (
        InstrumentVersion.objects.filter(pk__in=set(versions))
        .select_related("instrument")
        .order_by("instrument__position", "instrument__slug", "number")
        .defer("data")
    )
    return tuple(_passport(row) for row in rows if not row.definition.in_room_only)


def _passport(row: InstrumentVersion) -> Passport:
    definition = row.definition
    return Passport(
        slug=definition.slug,
        title=definition.title,
        version=_("%(title)s, version %(number)s (%(hash)s)")
        % {"title": definition.title, "number": row.number, "hash": row.content_hash[:8]},
        basis=definition.passport.basis,
        sources=tuple(
            _("Article %(letter)s. %(note)s") % {"letter": s.article, "note": s.note} for s in definition.sources
        ),
        facts=(
            _("%(count)s items, about %(recall)s") % {"count": definition.item_count, "recall": definition.recall},
            _("Reliability in this practice: see the measure passport in the library"),
        ),
        range=_range(definition),
        verdict=_verdict(),
        scales={scale.key: scale.title for scale in definition.scales},
        whole=tuple(s.key for s in definition.scales if s.method in ("single", "count_at_least")),
    )


def _range(definition: Definition) -> str:
    ranges = {definition.range_of(scale.key) for scale in definition.scales}
    if len(ranges) != 1:
        return ""
    low, high = ranges.pop()
    return _("%(low)g to %(high)g") % {"low": low, "high": high}


def _verdict() -> str:
    """What the report says of changes: they are raw, and where more may be said of them."""
    return _(
        "No verdict here: changes are raw. Where enough is known of this measure in this practice, the record says"
        " whether a change is larger than chance explains."
    )
