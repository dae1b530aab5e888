"""``manage.py demo``: load, reset or describe the demo practices."""

import gc
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from dashboard.demo import build as demo
from dashboard.demo import wipe

FEWEST, MOST = 1, 400


class Command(BaseCommand):
    help = "Load the demo practices (nothing happens when they are there), reset them, or print who signs in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="empty the database first (it must hold a demo only)")
        parser.add_argument(
            "--clients",
            type=int,
            default=112,
            help="clients of the large practice (default 112); more than 400 are written in bulk, each alike",
        )
        parser.add_argument("--sessions", type=int, help="sessions of each client (default 6 to 30)")
        parser.add_argument("--seed", type=int, default=1912, help="the same seed and day give the same practice")
        parser.add_argument("--who", action="store_true", help="only print who signs in")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["who"]:
            self._who()
            return
        self._check(options)
        if demo.exists() and not options["reset"]:
            self.stdout.write("The demo is loaded already; --reset makes it anew.")
            return
        if options["reset"]:
            try:
                wipe.wipe()
            except wipe.NotOnlyDemo as error:
                raise CommandError(f"--reset: {error}") from None
        began = time.monotonic()
        sessions = options["sessions"]
        size = demo.Size(options["clients"], sessions or 6, sessions or 30)
        gc.disable()  # a tenth of the time; everything made here is small and soon gone
        try:
            demo.build(seed=options["seed"], size=size, now=timezone.now(), tell=self.stdout.write)
        except LookupError as error:
            raise CommandError(str(error)) from None
        finally:
            gc.enable()
        self.stdout.write(f"Loaded in {time.monotonic() - began:.0f} s.")
        self._who()

    def _check(self, options: dict[str, Any]) -> None:
        public = sorted(set(settings.ALLOWED_HOSTS) - set(settings.LOCAL_HOSTS))
        if public:
            raise CommandError(
                "ALLOWED_HOSTS names a public host. The demo's passwords are known to everybody, so it loads only"
                " where ALLOWED_HOSTS is " + ", ".join(settings.LOCAL_HOSTS)
            )
        if options["clients"] < 1:
            raise CommandError("--clients: at least 1")
        if options["sessions"] is not None and not FEWEST <= options["sessions"] <= MOST:
            raise CommandError(f"--sessions: between {FEWEST} and {MOST}")

    def _who(self) -> None:
        if not demo.exists():
            self.stdout.write("No demo is loaded.")
            return
        self.stdout.write(f"Everybody's password in the demo: {demo.PASSWORD}")
        for sign_in, who in demo.who():
            self.stdout.write(f"  {sign_in:<34} {who}")
