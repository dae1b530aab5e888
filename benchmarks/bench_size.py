"""Size: the caseload and a record cost in a very large practice what they cost in a small one.

Each practice has a database of its own and a real web process (one worker) that is asked over HTTP, in turn. On
PostgreSQL the large one has 5,000 clients with 50 sessions (3,000,000 of the clinicians' barrier ratings), on SQLite a
tenth; the small ones have 60 clients with 50 sessions. ``SIZE_SHARE=0.1`` makes the large ones a tenth of that,
``SIZE_ONLY=SQLite`` (or PostgreSQL) measures one database.
"""

import atexit
import contextlib
import math
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.run import benchmark, preparation
from benchmarks.size import Place, cluster, database

SESSIONS, FEW = 50, 60
SHARE = float(os.environ.get("SIZE_SHARE", "1"))
MANY = {"PostgreSQL": round(5000 * SHARE), "SQLite": round(500 * SHARE)}
ONLY = os.environ.get("SIZE_ONLY", "")
ASKED = 20
"""Requests of each page in a round."""
TIMES, P95 = 1.5, {"PostgreSQL": 150.0, "SQLite": math.inf}
PAGES = {"caseload": "caseload of 100 clients", "record": "record with 50 sessions"}
_places: dict[tuple[str, str], Place] = {}
_open = contextlib.ExitStack()


def say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


@preparation
def practices() -> None:
    """The small and the large practice on both databases, served."""
    atexit.register(_open.close)
    folder = Path(_open.enter_context(tempfile.TemporaryDirectory(prefix="trestle-size-")))
    for kind in MANY:
        if ONLY in ("", kind):
            _fill(kind, folder)


def _fill(kind: str, folder: Path) -> None:
    server = _open.enter_context(cluster(folder / "postgres")) if kind == "PostgreSQL" else ""
    if server is None:
        say("SKIPPED: size on PostgreSQL (no DATABASE_URL, and no PostgreSQL on this machine)")
        return
    for size, clients in (("small", FEW), ("large", MANY[kind])):
        place = Place(f"{kind} {size}", clients, SESSIONS, folder / f"{kind}-{size}")
        if server:
            place.database = _open.enter_context(database(server, f"trestle_size_{size}"))
        place.fill()
        say(f"{place.name}: {clients} clients with {SESSIONS} sessions in {place.seconds:.0f} s")
        _open.enter_context(place.serve())
        _places[kind, size] = place


def _ask(kind: str, size: str, page: str) -> Callable[[], str]:
    def asked() -> str:
        place = _places.get((kind, size))
        if place is None:
            return "SKIPPED"
        for _ in range(ASKED):
            place.get(page)
        return f"{place.queries[page]} queries"

    return asked


def _milliseconds(kind: str, size: str, page: str, share: float) -> float:
    samples = sorted(_places[kind, size].samples[page][ASKED:])  # the first round warms
    return samples[math.ceil(share * len(samples)) - 1] * 1000


def _verdict(kind: str, page: str) -> Callable[[], tuple[str, bool]]:
    """The large practice's page against the small one's: queries, medians, and the slowest twentieth."""

    def judged() -> tuple[str, bool]:
        if (kind, "large") not in _places:
            return "SKIPPED", True
        large, small = _places[kind, "large"], _places[kind, "small"]
        times = _milliseconds(kind, "large", page, 0.5) / _milliseconds(kind, "small", page, 0.5)
        slow = _milliseconds(kind, "large", page, 0.95)
        same = large.queries[page] == small.queries[page]
        kept = times <= TIMES and slow <= P95[kind] and same
        most = f" (at most {P95[kind]:.0f})" if P95[kind] < math.inf else ""
        told = f"{times:.2f} × in {FEW} clients (at most {TIMES}), p95 {slow:.0f} ms{most}, queries "
        told += "equal" if same else f"{large.queries[page]} instead of {small.queries[page]}"
        return told + ("" if kept else "  MISSED"), kept

    return judged


for _kind, _many in MANY.items():
    for _page, _title in PAGES.items():
        benchmark(f"size: {_kind}, {_page}, {FEW} clients, {ASKED} requests")(_ask(_kind, "small", _page))
        benchmark(f"size: {_kind}, {_page}, {_many} clients, {ASKED} requests", judge=_verdict(_kind, _page))(
            _ask(_kind, "large", _page)
        )
