"""``manage.py check_practices``: every row's practice equals that of its client and of whatever else it points to."""

from django.core.management.base import BaseCommand, CommandError

from clients.queries.integrity import count_paths


class Command(BaseCommand):
    help = "Proves that no row points into another practice; prints counts and fails on a mismatch."

    def handle(self, *_args: object, **_options: object) -> None:
        found = count_paths()
        for line in found:
            self.stdout.write(f"{line.path}: {line.rows} rows, {line.mismatches} in another practice")
        wrong = [line.path for line in found if line.mismatches]
        if wrong:
            raise CommandError(f"rows point into another practice: {', '.join(wrong)}")
        self.stdout.write(f"{len(found)} paths checked, no mismatch.")
