"""Proof that rows and what they point to belong to the same practice."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import F, ForeignKey, Model


@dataclass(frozen=True)
class PathCount:
    """One foreign key: how many rows have it set, and how many point into another practice."""

    path: str
    rows: int
    mismatches: int


def _has_practice(model: type[Model]) -> bool:
    return any(field.name == "practice" and isinstance(field, ForeignKey) for field in model._meta.concrete_fields)


def practice_paths() -> Iterator[tuple[type[Model], str]]:
    """Every foreign key between two models that both carry a practice."""
    for model in sorted((m for m in apps.get_models() if _has_practice(m)), key=lambda m: m._meta.label_lower):
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.name != "practice" and _has_practice(field.remote_field.model):
                yield model, field.name


def count_paths() -> list[PathCount]:
    """The counts of every path, in a fixed order."""
    found = []
    for model, name in practice_paths():
        rows = model._default_manager.exclude(**{name: None})
        wrong = rows.exclude(practice=F(f"{name}__practice"))
        found.append(PathCount(f"{model._meta.label_lower}.{name}", rows.count(), wrong.count()))
    return found
