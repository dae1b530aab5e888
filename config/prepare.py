"""Makes a data directory and database ready for the processes; safe to repeat. ``python -m config.prepare``

Tables, the cache's table, static files, instruments and exercises; on a machine of one's own also the demo practice.
Progress goes to standard error; who can sign in how goes to standard output, for whoever starts the processes.
"""

import argparse
import io
import os
import signal
import sys
import time
from collections.abc import Callable

# Before Django, which takes a moment to import: Ctrl-C ends that quietly, too.
signal.signal(signal.SIGINT, lambda *_: sys.exit(130))

import django  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.management.base import CommandError, SystemCheckError  # noqa: E402


def say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def step(name: str, work: Callable[[], object]) -> None:
    """One step; its output goes to standard error with the time it took."""
    start = time.monotonic()
    work()
    say(f"{name} ({time.monotonic() - start:.1f} s)")


def is_empty() -> bool:
    """Whether no practice is there yet."""
    from practice.models import Practice

    return not Practice.objects.exists()


def load_library() -> None:
    """Load the definitions; of the lines printed, only those about something new are shown."""
    lines = io.StringIO()
    call_command("load_library", stdout=lines)
    for line in lines.getvalue().splitlines():
        if not line.endswith("unchanged"):
            say(f"  {line}")


def prepare(*, demo: bool) -> None:
    from django.conf import settings

    step("database", lambda: call_command("migrate", interactive=False, verbosity=0))
    step("shared cache", lambda: call_command("createcachetable", verbosity=0))
    step("checks", lambda: call_command("check", databases=["default"], stdout=io.StringIO()))
    step("static files", lambda: call_command("collectstatic", interactive=False, verbosity=0))
    step("instruments and exercises", load_library)
    if not demo or not set(settings.ALLOWED_HOSTS) <= set(settings.LOCAL_HOSTS):
        return
    if is_empty():
        step("demo practice", lambda: call_command("demo", stdout=sys.stderr))
    call_command("demo", who=True, stdout=sys.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.prepare", description=__doc__)
    parser.add_argument("--no-demo", action="store_true", help="never load the demo practice")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        prepare(demo=not options.no_demo)
    except (CommandError, SystemCheckError, ImproperlyConfigured) as error:
        print(f"Cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
