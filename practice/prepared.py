"""Queries that a page asks again and again with other values: their SQL is built once a process.

Building a queryset and writing its SQL takes Django longer than the database takes to answer it. ``Prepared`` builds
one with marks in the place of values, keeps the SQL, and afterwards only puts values where the marks stand. Rows come
as tuples, converted as the queryset would.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

Value = uuid.UUID | datetime | date | Sequence[uuid.UUID]
LEAST = 16
"""Lists of ids are filled up to the next of 16, 32, 64 …, so that few lengths are ever built."""


class Prepared:
    """``Prepared(build)``: ``build`` takes values by name and returns a ``values_list`` queryset whose shape depends on
    nothing else. A list of ids is never empty: ask nothing then."""

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self.build = build
        self.plans: dict[tuple[Any, ...], _Plan] = {}

    def rows(self, **values: Value) -> list[tuple[Any, ...]]:
        """The rows for these values."""
        full = {name: _filled(value) if isinstance(value, list | tuple) else value for name, value in values.items()}
        shape = (
            connection.vendor,
            *((name, len(value) if isinstance(value, list) else 0) for name, value in full.items()),
        )
        plan = self.plans.get(shape)
        if plan is None:
            plan = self.plans[shape] = _Plan(self.build, full)
        return plan.rows(full)


def _filled(ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    size = LEAST
    while size < len(ids):
        size *= 2
    return [*ids, *[ids[-1]] * (size - len(ids))]


def _adapted(value: Any) -> Any:
    """As the database driver takes it."""
    if isinstance(value, uuid.UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value)


class _Plan:
    """The SQL for one shape of values, and where each value goes."""

    def __init__(self, build: Callable[..., QuerySet[Any]], values: dict[str, Any]) -> None:
        marks = {name: _mark(value, place) for place, (name, value) in enumerate(values.items())}
        self.compiler = build(**marks).query.get_compiler(connection=connection)
        self.sql, params = self.compiler.as_sql()
        places: dict[Any, tuple[str, int]] = {}
        for name, mark in marks.items():
            for index, one in enumerate(mark if isinstance(mark, list) else [mark]):
                places[_adapted(one)] = (name, index)
        self.params = [(places.get(param) if _hashable(param) else None, param) for param in params]
        fields = [column[0] for column in self.compiler.select]
        self.converters = self.compiler.get_converters(fields)

    def rows(self, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        known = {
            name: [_adapted(one) for one in value] if isinstance(value, list) else [_adapted(value)]
            for name, value in values.items()
        }
        params = [known[place[0]][place[1]] if place else param for place, param in self.params]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        return [tuple(row) for row in self.compiler.apply_converters(rows, self.converters)]


def _hashable(param: Any) -> bool:
    return isinstance(param, str | uuid.UUID | date)


def _mark(value: Any, place: int) -> Any:
    """A value of the same kind that stands nowhere else."""
    if isinstance(value, list):
        return [uuid.uuid4() for _ in value]
    if isinstance(value, uuid.UUID):
        return uuid.uuid4()
    if isinstance(value, datetime):
        return timezone.now() - timedelta(days=300_000 + place, microseconds=1)
    return date(1066, 1, 1 + place)
