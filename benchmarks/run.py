"""Measures what the product promises and prints it as ratios. ``make bench`` or ``python -m benchmarks.run [WORD]``

Each ``benchmarks/bench_*.py`` registers functions with ``@benchmark``. All run in one process on one data set, one
after the other and then round again, so that a slow moment of the machine falls on all of them alike. A time is the
median of its rounds. A ratio (of CPU) to another benchmark says more than milliseconds of one machine; a promise is
either.
"""

import gc
import importlib
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.env import make_local_secrets

ROUNDS = 9


@dataclass(frozen=True)
class Benchmark:
    """``measure`` does the work once and may return what it counted (queries, bytes), shown beside the time."""

    name: str
    measure: Callable[[], object]
    against: str | None
    at_most: float | None
    unit: str
    judge: Callable[[], tuple[str, bool]] | None = None

    def verdict(self, times: Mapping[str, float], cpu: Mapping[str, float] | None = None) -> tuple[str, bool]:
        """The ratio or time with the promise, and whether it is kept."""
        if self.judge:
            return self.judge()
        if self.unit == "ms above" and self.against and cpu:
            value, shown = (cpu[self.name] - cpu[self.against]) * 1000, f"ms CPU above {self.against}"
        elif self.unit == "ms":
            value, shown = times[self.name] * 1000, "ms"
        elif self.against:
            clock = cpu or times  # what else runs on the machine does not change how much work this is
            value, shown = clock[self.name] / clock[self.against], f"× {self.against}"
        else:
            return "", True
        if self.at_most is None:
            return f"{value:.2f} {shown}", True
        kept = value <= self.at_most
        return f"{value:.2f} {shown} (at most {self.at_most:g}){'' if kept else '  MISSED'}", kept


REGISTERED: dict[str, Benchmark] = {}
PREPARATIONS: list[Callable[[], None]] = []


def benchmark(
    name: str,
    *,
    against: str | None = None,
    at_most: float | None = None,
    unit: str = "ratio",
    judge: Callable[[], tuple[str, bool]] | None = None,
) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Register a function. ``at_most`` is a ratio to ``against``, milliseconds with ``unit="ms"``, or milliseconds of
    CPU above those of ``against`` with ``unit="ms above"``. ``judge`` instead says what came of it and whether that
    keeps the promise, for work that other processes do."""

    def register(measure: Callable[[], object]) -> Callable[[], object]:
        if name in REGISTERED:
            raise ValueError(f"two benchmarks are called {name}")
        REGISTERED[name] = Benchmark(name, measure, against, at_most, unit, judge)
        return measure

    return register


def preparation(function: Callable[[], None]) -> Callable[[], None]:
    """Register what runs once before any measuring (data, warm templates)."""
    PREPARATIONS.append(function)
    return function


def chosen_by(word: str) -> set[str]:
    """Each benchmark whose name holds ``word``, and those they are compared with."""
    chosen = {name for name in REGISTERED if word in name}
    return chosen | {bench.against for name in chosen if (bench := REGISTERED[name]).against}


def run(word: str = "") -> dict[str, tuple[float, float, object]]:
    """Of each benchmark whose name holds ``word`` (and of those they are compared with): median seconds, median
    seconds of CPU, what it counted."""
    chosen = chosen_by(word)
    counted = {name: REGISTERED[name].measure() for name in sorted(chosen)}  # the first round warms and is not timed
    times: dict[str, list[float]] = {name: [] for name in chosen}
    cpu: dict[str, list[float]] = {name: [] for name in chosen}
    for _ in range(ROUNDS):
        for name in sorted(chosen):
            gc.collect()
            start, cpu_start = time.perf_counter(), time.process_time()
            REGISTERED[name].measure()
            cpu[name].append(time.process_time() - cpu_start)
            times[name].append(time.perf_counter() - start)
    return {
        name: (statistics.median(times[name]), statistics.median(cpu[name]), counted[name]) for name in sorted(chosen)
    }


def prepare_product(folder: Path) -> None:
    """An embedded product of its own: an empty database with the instruments in a temporary folder."""
    make_local_secrets(folder)
    os.environ |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_library", stdout=io.StringIO())


def main() -> int:
    # Run as a module, this file is "__main__": the registry is that of the one that the bench files import.
    from benchmarks import run as harness

    word = sys.argv[1] if len(sys.argv) > 1 else ""
    with tempfile.TemporaryDirectory(prefix="trestle-bench-") as folder:
        prepare_product(Path(folder))
        for path in sorted(Path(__file__).parent.glob("bench_*.py")):
            importlib.import_module(f"benchmarks.{path.stem}")
        needed = {harness.REGISTERED[name].measure.__module__ for name in harness.chosen_by(word)}
        for function in harness.PREPARATIONS:
            if function.__module__ in needed:
                function()
        results = harness.run(word)
    times = {name: seconds for name, (seconds, _cpu, _counted) in results.items()}
    cpu = {name: seconds for name, (_seconds, seconds, _counted) in results.items()}
    rows, kept = [], True
    for name, (seconds, _cpu, counted) in results.items():
        verdict, fine = harness.REGISTERED[name].verdict(times, cpu)
        kept = kept and fine
        rows.append((name, f"{seconds * 1000:.2f} ms", "" if counted is None else str(counted), verdict))
    heads = ("benchmark", "median", "counted", "promise")
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(4)]
    for row in [heads, tuple("-" * width for width in widths), *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if not rows:
        print("no benchmark is registered" + (f" with {word} in its name" if word else ""), file=sys.stderr)
    return 0 if kept and rows else 1


if __name__ == "__main__":
    sys.exit(main())
