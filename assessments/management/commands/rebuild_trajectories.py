"""``manage.py rebuild_trajectories [--check]``: prove or restore that trajectories equal a recount of the scores."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.actions.trajectories import rebuild
from assessments.models import Trajectory

SHOWN = 50


class Command(BaseCommand):
    help = "Count every trajectory again from the scores and put right what differs; --check only tells."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when something differs")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        differences = rebuild(check=check)
        for difference in differences[:SHOWN]:
            self.stdout.write(str(difference))
        if len(differences) > SHOWN:
            self.stdout.write(f"… and {len(differences) - SHOWN} more")
        rows = Trajectory.objects.count()
        if check and differences:
            raise CommandError(f"{len(differences)} of {rows} trajectories differ from a recount", returncode=1)
        done = f"{len(differences)} put right" if differences else "all equal to a recount"
        self.stdout.write(f"{rows} trajectories: {done}")
