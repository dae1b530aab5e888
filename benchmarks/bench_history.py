"""Bringing history: 100,000 past administrations in bounded memory, on SQLite; ``HISTORY_LINES`` takes fewer."""

import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.run import benchmark, preparation
from benchmarks.size import Place

LINES = int(os.environ.get("HISTORY_LINES", "100000"))
MEGABYTES = 150
"""At most so much above what the process had before it opened the file."""
_found: dict[str, float] = {}


@preparation
def brought() -> None:
    """Check, bring, and bring again, once: the work is too long for rounds."""
    with tempfile.TemporaryDirectory(prefix="trestle-history-") as folder:
        place = Place("history", 0, 0, Path(folder) / "data")
        place.prepare()
        _found.update(json.loads(place.run("-m", "benchmarks.history", str(LINES))))
    print(f"  history of {LINES} lines in {_found['bring_seconds']:.0f} s", file=sys.stderr, flush=True)


def _verdict() -> tuple[str, bool]:
    whole = (_found["check_added"], _found["bring_added"], _found["again_added"]) == (LINES, LINES, 0)
    kept = whole and _found["above"] <= MEGABYTES
    told = (
        f"{_found['above']:.0f} MB above (at most {MEGABYTES}), checked in {_found['check_seconds']:.0f} s, brought in"
    )
    told += f" {_found['bring_seconds']:.0f} s, seen again in {_found['again_seconds']:.0f} s"
    return told + ("" if kept else "  MISSED"), kept


@benchmark(f"history: {LINES} past administrations", judge=_verdict)
def history() -> str:
    return f"{_found['bring_added']:.0f} added"
