"""Brings a long file of past answers in a process of its own and prints, as JSON, how long it took and how much memory.

``python -m benchmarks.history LINES`` on the database of the environment. Used by ``bench_history.py``.
"""

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

A_CLIENT = 20
"""Lines of one client, a fortnight apart; the file is by date, so that clients are mixed."""


def resident() -> float:
    """This process's memory in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def lines(codes: list[str], count: int) -> Iterator[str]:
    from clients.barriers import CODES

    chance = Random(1)
    yield ",".join(["client", "date", *CODES])
    for place in range(count):
        day = date(2010, 1, 4) + timedelta(days=14 * (place // len(codes)))
        yield ",".join([codes[place % len(codes)], day.isoformat(), *(str(chance.randint(0, 4)) for _ in CODES)])


def main(count: int) -> dict[str, float]:
    from assessments import importfiles
    from assessments.actions.import_runs import bring
    from assessments.queries.library import latest_version
    from clients.models import Client, Episode
    from practice.models import Practice

    practice = Practice.objects.create(name="Bench", time_zone="Europe/Berlin")
    made = Client.objects.bulk_create(
        Client(practice=practice, code=f"C-{number:04}", first_name="A", last_name="B")
        for number in range(1, count // A_CLIENT + 1)
    )
    Episode.objects.bulk_create(
        Episode(practice=practice, client=client, number=1, starts_on=date(2010, 1, 1)) for client in made
    )
    codes = [client.code for client in made]
    del made
    version = latest_version("barriers")
    assert version is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "past.csv"
        with path.open("w") as file:
            file.writelines(f"{line}\n" for line in lines(codes, count))
        base, done = resident(), threading.Event()
        peaks = [base]

        def watch() -> None:
            while not done.wait(0.02):
                peaks[0] = max(peaks[0], resident())

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        found: dict[str, float] = {}
        for name, dry_run in (("check", True), ("bring", False), ("again", False)):
            began = time.monotonic()
            run = bring(
                practice=practice,
                version=version,
                source=lambda: importfiles.local(path),
                dry_run=dry_run,
                tell=lambda *_: None,
            )
            found |= {f"{name}_seconds": time.monotonic() - began, f"{name}_added": run.added}
        done.set()
        watcher.join()
    return found | {"above": peaks[0] - base}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(main(int(sys.argv[1]))))
