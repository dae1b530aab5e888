"""``manage.py found_practice``: a new practice and its first owner, who gets a mail to choose a password.

Where no mail leaves this installation (``EMAIL_URL`` is a file or the console), or with ``--print-link``, the one-time
link is printed instead: whoever runs this command has the database anyway.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from practice.actions.mail import queue_password_reset
from practice.actions.people import found_practice
from practice.mail import password_link

SENDS = "smtp.EmailBackend"


class Command(BaseCommand):
    help = "Found a practice with its first owner; the link to choose a password goes out by mail, or is printed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the practice's name")
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--owner-name", required=True)
        parser.add_argument("--time-zone", default="UTC", help="for instance Europe/Vienna")
        parser.add_argument("--print-link", action="store_true", help="print the link to choose a password, send none")

    @transaction.atomic
    def handle(
        self, *_args: Any, name: str, owner_email: str, owner_name: str, time_zone: str, print_link: bool, **_: Any
    ) -> None:
        try:
            validate_email(owner_email)
            membership = found_practice(name=name, time_zone=time_zone, owner_email=owner_email, owner_name=owner_name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"Founded practice {membership.practice_id}.")
        if membership.user.has_usable_password():
            self.stdout.write("The owner signs in with the password they have.")
        elif print_link or not settings.EMAIL_BACKEND.endswith(SENDS):
            self.stdout.write(f"The owner chooses a password here, once:\n{password_link(membership.user)}")
        else:
            queue_password_reset(membership.user)
            self.stdout.write("The owner gets a link by mail to choose a password.")
