"""Reading instruments: newest versions, the start pack, the passport of one."""

import uuid

from django.db.models import Exists, OuterRef, QuerySet

from assessments.models import InstrumentVersion
from assessments.queries.passport import PassportFacts as PassportFacts
from assessments.queries.passport import passport as passport


def newest(language: str = "en") -> QuerySet[InstrumentVersion]:
    """The newest version of each instrument that is not retired, start pack first, then by title."""
    later = InstrumentVersion.objects.filter(instrument=OuterRef("instrument"), number__gt=OuterRef("number"))
    return (
        InstrumentVersion.objects.filter(~Exists(later), instrument__retired_at=None, instrument__language=language)
        .select_related("instrument")
        .order_by("instrument__position", "instrument__title", "pk")
    )


def latest_versions(language: str = "en") -> list[InstrumentVersion]:
    """``newest`` as a list, in one query."""
    return list(newest(language))


def latest_version(slug: str, language: str = "en") -> InstrumentVersion | None:
    """The newest version of one instrument that is not retired."""
    rows = InstrumentVersion.objects.filter(
        instrument__slug=slug, instrument__language=language, instrument__retired_at=None
    )
    pk = rows.order_by("-number").values_list("pk", flat=True).first()
    return None if pk is None else published(pk)


_COLUMNS = tuple(field.attname for field in InstrumentVersion._meta.concrete_fields)
_rows: dict[uuid.UUID, tuple[object, ...]] = {}


def published(pk: uuid.UUID) -> InstrumentVersion:
    """A version by its id. It never changes, so it is read once a process; what it belongs to (title, retired or not)
    does, so each caller has an object of their own."""
    values = _rows.get(pk)
    if values is None:
        values = _rows[pk] = InstrumentVersion.objects.values_list(*_COLUMNS).get(pk=pk)
    return InstrumentVersion.from_db(None, _COLUMNS, values)


def start_pack(language: str = "en") -> list[InstrumentVersion]:
    """What a new client is asked first."""
    return [version for version in latest_versions(language) if version.definition.start_pack]
