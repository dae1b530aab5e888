"""Rows of the access matrix, and the walk over the URLconf that finds what has no row. See README.md."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.converters import UUIDConverter

from tests.access import kinds, rows
from tests.access.kinds import (
    ANYONE,
    CARE,
    CLOSED,
    EMERGENCY,
    GO,
    NO,
    OK,
    OUTSIDE,
    REFUSED,
    SIGN_IN,
    SILENT,
    SUPERVISOR,
)

Kinds = str | frozenset[str]
Expected = Mapping[Kinds, kinds.Outcome]
Builder = Callable[[Any], dict[str, Any]]


def nothing(_world: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    """One route: what each kind of person gets by GET (and HEAD) and by POST.

    ``get``/``post`` name those who get something; whoever is not named gets 404, or the sign-in page when they have
    no session. ``None``: the method is closed to everybody. ``url`` builds the route's kwargs from the world, ``data``
    the POST data. ``foreign`` builds kwargs that join a client one may open with a child row of another client: GET
    and POST must be 404 for everybody (needed wherever a route has two ids).
    """

    name: str
    url: Builder = nothing
    get: Expected | None = None
    post: Expected | None = None
    data: Builder = nothing
    foreign: Builder | None = None

    def expected(self, method: str, kind: str) -> kinds.Outcome:
        """HEAD is GET. Later entries overrule earlier ones."""
        entries = self.post if method == "POST" else self.get
        if entries is None:
            return CLOSED
        found = SIGN_IN if kind in OUTSIDE else NO
        for who, outcome in entries.items():
            if kind == who or (isinstance(who, frozenset) and kind in who):
                found = outcome
        return found


# --- what most rows say -----------------------------------------------------------------------------------------
CLIENT_PAGE: Expected = {CARE | {SUPERVISOR, EMERGENCY}: OK, SILENT: GO}
"""GET of a page of the client's record: the supervisor who has not said why is asked."""

CLIENT_WORK: Expected = {CARE: GO, frozenset({SUPERVISOR, SILENT, EMERGENCY}): REFUSED}
"""POST of clinical work: who may only read gets 403."""

EVERYBODY: Expected = {ANYONE: OK}


@dataclass(frozen=True)
class Route:
    """One named pattern of the URLconf."""

    name: str
    pattern: str
    ids: tuple[str, ...]


def routes(patterns: Iterable[URLPattern | URLResolver], namespace: str = "", prefix: str = "") -> Iterator[Route]:
    """Every route below these patterns, includes and namespaces followed. An unnamed one keeps its pattern as name."""
    for entry in patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry.url_patterns, inner, where)
        else:
            converters = entry.pattern.converters
            ids = tuple(key for key, converter in converters.items() if isinstance(converter, UUIDConverter))
            yield Route(f"{namespace}{entry.name}" if entry.name else f"(unnamed) {where}", where, ids)


def all_rows() -> list[Row]:
    """The rows of every module in ``tests/access/rows``."""
    return [row for module in row_modules() for row in module.ROWS]


def row_modules() -> list[Any]:
    names = sorted(info.name for info in pkgutil.iter_modules(rows.__path__))
    return [importlib.import_module(f"{rows.__name__}.{name}") for name in names]


def problems(patterns: Iterable[URLPattern | URLResolver], matrix: Iterable[Row]) -> list[str]:
    """Routes without a row, rows without a route, and names used twice; one line each."""
    found = list(routes(patterns))
    listed = list(matrix)
    lines = [
        f"{route.pattern}: {route.name} has no row" for route in found if route.name not in {r.name for r in listed}
    ]
    lines += [
        f"{row.name}: the row's route does not exist" for row in listed if row.name not in {r.name for r in found}
    ]
    for what, names in (("route", [r.name for r in found]), ("row", [r.name for r in listed])):
        lines += [f"{name}: more than one {what}" for name in sorted({n for n in names if names.count(n) > 1})]
    by_name = {row.name: row for row in listed}
    lines += [
        f"{route.name}: two ids, so the row needs `foreign`"
        for route in found
        if len(route.ids) > 1 and route.name in by_name and by_name[route.name].foreign is None
    ]
    return lines
