"""Publishing instruments: immutable versions by content hash."""

from collections.abc import Iterable
from datetime import datetime

from assessments.models import Instrument, InstrumentVersion
from assessments.schema import Definition, content_hash
from practice.actions.versions import Entry, LoadLine, publish

LATER = 100
"""Position of instruments that are not in the start pack: after those that are."""


def publish_instruments(definitions: Iterable[Definition], *, at: datetime | None = None) -> list[LoadLine]:
    """Publish checked definitions, all or none, and say what became of each. The same content makes no new version."""
    return publish(Instrument, InstrumentVersion, [_entry(definition) for definition in definitions], at=at)


def _entry(definition: Definition) -> Entry:
    fields = {
        "title": definition.title,
        "neutral_title": definition.neutral_title,
        "position": 0 if definition.start_pack else LATER,
    }
    data = definition.model_dump(mode="json")
    return Entry(definition.slug, definition.language, content_hash(definition), data, fields)
