"""Publishing data files as immutable versions: what instruments and exercises share.

A family (slug and language) has numbered versions, found by content hash: the same content is the same version, edited
content the next number. Titles of a family follow its newest version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from practice import audit

NEW, EDITED, SAME, OLDER = "new", "edited", "same", "older"


@dataclass(frozen=True)
class Entry:
    """One definition to publish: its identity, its content, and the fields its family row takes from it."""

    slug: str
    language: str
    content_hash: str
    data: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LoadLine:
    """What became of one definition. ``outcome`` is new, edited (the next number), same, or older: content that an
    earlier version had and a later one replaced, which stays the newest."""

    what: str
    slug: str
    language: str
    title: str
    version: int
    outcome: str

    def __str__(self) -> str:
        words = {NEW: "new", EDITED: "edited, so a new version", SAME: "unchanged"}
        said = words.get(self.outcome, "content of an earlier version; the later one stays the newest")
        return f"{self.what} {self.slug} ({self.language}) version {self.version}: {said}"


def publish(
    family: type[models.Model], version: type[models.Model], entries: Iterable[Entry], *, at: datetime | None = None
) -> list[LoadLine]:
    """Publish every entry, or none; one audit row with the counts when something changed.

    ``version`` has a foreign key named like ``family`` in small letters, ``number``, ``content_hash`` and ``data``.
    """
    at = at or timezone.now()
    what = family._meta.model_name or ""
    with transaction.atomic():
        lines = [_publish(family, version, what, entry, at) for entry in entries]
        made = sum(line.outcome in (NEW, EDITED) for line in lines)
        if made:
            audit.write("library.loaded", at=at, subject=what, made=made, seen=len(lines))
    return lines


def _publish(
    family: type[models.Model], version: type[models.Model], what: str, entry: Entry, at: datetime
) -> LoadLine:
    families, versions = family._default_manager, version._default_manager
    parent, made = families.select_for_update().get_or_create(
        slug=entry.slug, language=entry.language, defaults=dict(entry.fields)
    )
    numbers = dict(versions.filter(**{what: parent}).values_list("content_hash", "number"))
    newest, number = max(numbers.values(), default=0), numbers.get(entry.content_hash)
    if number is None:
        number, outcome = newest + 1, NEW if not newest else EDITED
        versions.create(
            **{what: parent}, number=number, content_hash=entry.content_hash, data=dict(entry.data), published_at=at
        )
    else:
        outcome = SAME if number == newest else OLDER
    changed = [name for name, value in entry.fields.items() if getattr(parent, name) != value]
    if outcome != OLDER and not made and changed:
        for name in changed:
            setattr(parent, name, entry.fields[name])
        parent.save(update_fields=changed)
    title = str(getattr(parent, "title", entry.slug))
    return LoadLine(what, entry.slug, entry.language, title, number, outcome)
