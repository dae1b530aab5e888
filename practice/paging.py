"""Pages by key: a list goes on after a row, however many rows there are and whatever was added meanwhile.

The address carries the row's id only (``?after=…``): sort keys may be names.
"""

import uuid
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)

SIZE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of one page. ``next_query``: the next one's query, or empty; ``is_later``: this is not the first."""

    rows: list[Row]
    next_query: str
    is_later: bool


def page(queryset: QuerySet[Row], order: tuple[str, ...], after: str, *, size: int = SIZE) -> Page[Row]:
    """The rows after the row with this id in this order, whose last key is unique. An unknown id: the first page."""
    anchor = _anchor(queryset, order, after)
    rows = queryset.order_by(*order)
    if anchor is not None:
        rows = rows.filter(_beyond(order, anchor))
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Page(found, f"?after={found[-1].pk}" if more else "", anchor is not None)


def _anchor(queryset: QuerySet[Row], order: tuple[str, ...], after: str) -> tuple[Any, ...] | None:
    try:
        pk: Any = int(after) if after.isdecimal() and len(after) < 19 else uuid.UUID(after)
        return queryset.filter(pk=pk).values_list(*(key.lstrip("-") for key in order)).first() if after else None
    except (ValueError, TypeError):
        return None


def _beyond(order: tuple[str, ...], anchor: tuple[Any, ...]) -> Q:
    """Rows that come after the anchor: greater in the first key, or equal there and greater in the next, and so on."""
    condition, equal = Q(pk__in=()), Q()
    for key, value in zip(order, anchor, strict=True):
        name = key.lstrip("-")
        condition |= equal & Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return condition
