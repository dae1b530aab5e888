"""Reading instruments: newest versions, the start pack, the passport of one."""

import uuid
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments import reading
from assessments.models import InstrumentVersion, Response
from assessments.schema import Definition, SourceNote
from practice.models import Practice


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


@dataclass(frozen=True, slots=True)
class PassportFacts:
    """What must be said wherever a measure is shown. ``people``: clients of this practice who sent this version."""

    version_id: uuid.UUID
    title: str
    purpose: str
    number: int
    published_on: str
    basis: str
    validated: bool
    norms: bool
    citation: str
    sources: tuple[SourceNote, ...]
    items: int
    scales: int
    recall: str
    minutes: int
    reading_grade: float | None
    people: int
    reliability: float | None
    reliability_note: Promise


def passport(version: InstrumentVersion, practice: Practice) -> PassportFacts:
    """The facts of one version in one practice, with one query."""
    people = (
        Response.objects.filter(
            practice=practice,
            version=version,
            state=Response.State.SUBMITTED,
            respondent=Response.Respondent.CLIENT,
        )
        .values("client")
        .distinct()
        .count()
    )
    definition = version.definition
    return PassportFacts(
        version_id=version.pk,
        title=definition.title,
        purpose=definition.purpose,
        number=version.number,
        published_on=version.published_at.astimezone(practice.zone).date().isoformat(),
        basis=definition.passport.basis,
        validated=definition.passport.validated,
        norms=definition.passport.norms,
        citation=definition.passport.citation or "",
        sources=definition.sources,
        items=definition.item_count,
        scales=len(definition.scales),
        recall=definition.recall,
        minutes=definition.minutes,
        reading_grade=_grade(definition),
        people=people,
        reliability=None,
        reliability_note=_("Reliability in this practice is not known yet."),
    )


def _grade(definition: Definition) -> float | None:
    """Flesch–Kincaid grade of the joined items; for English only."""
    if definition.language.split("-")[0] != "en":
        return None
    return round(reading.grade(item.text for item in definition.items), 1)
