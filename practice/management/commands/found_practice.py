"""``manage.py found_practice``: a practice and its first owner, on a new installation."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.core.validators import validate_email

from practice.actions.people import found_practice


class Command(BaseCommand):
    help = "A new practice and its first owner, who invites others. Asks for the password, or reads it from a pipe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="the practice's name")
        parser.add_argument("--time-zone", required=True, help="such as Europe/Berlin")
        parser.add_argument("--owner-email", required=True, help="the owner signs in with it")
        parser.add_argument("--owner-name", required=True)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            validate_email(options["owner_email"])
            password = self._password()
            validate_password(password)
            membership = found_practice(
                name=options["name"],
                time_zone=options["time_zone"],
                owner_email=options["owner_email"],
                owner_name=options["owner_name"],
                password=password,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"Founded. The owner signs in as {membership.user.sign_in}.")

    def _password(self) -> str:
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        password = getpass("Password of the owner: ")
        if password != getpass("Once more: "):
            raise CommandError("The two passwords differ.")
        return password
