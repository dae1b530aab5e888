"""``manage.py found_practice``: a new practice and its first owner, who gets a mail to choose a password."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from practice.actions.mail import queue_password_reset
from practice.actions.people import found_practice


class Command(BaseCommand):
    help = "Found a practice with its first owner; the link to choose a password goes out by mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the practice's name")
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--owner-name", required=True)
        parser.add_argument("--time-zone", default="UTC", help="for instance Europe/Vienna")

    @transaction.atomic
    def handle(self, *_args: Any, name: str, owner_email: str, owner_name: str, time_zone: str, **_: Any) -> None:
        try:
            validate_email(owner_email)
            membership = found_practice(name=name, time_zone=time_zone, owner_email=owner_email, owner_name=owner_name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if not membership.user.has_usable_password():
            queue_password_reset(membership.user)
        self.stdout.write(f"Founded practice {membership.practice_id}.")
