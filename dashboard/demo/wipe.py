"""Emptying a database that holds nothing but a demo."""

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from dashboard.demo.build import LARGE, MARK, SMALL
from practice import audit
from practice.models import Practice, User

KEPT = frozenset({"instrument", "instrumentversion", "exercise", "exerciseversion", "contenttype", "permission"})
"""Models whose rows stay: the library, and what Django itself put there."""


class NotOnlyDemo(Exception):
    """There are real rows: nothing was deleted."""


def wipe() -> None:
    """Delete everything but the library. Raises ``NotOnlyDemo`` when a practice or user is not of the demo."""
    if Practice.objects.exclude(name__in=(LARGE, SMALL)).exists():
        raise NotOnlyDemo("there is a practice that is not of the demo")
    if User.objects.exclude(sign_in__endswith=".example").exists():
        raise NotOnlyDemo(f"there is a user who is not of the demo (…@{MARK})")
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.model_name not in KEPT and model._meta.managed
    ]
    audit.drop_triggers()
    try:
        with transaction.atomic(), connection.constraint_checks_disabled():
            statements = connection.ops.sql_flush(no_style(), tables, reset_sequences=True, allow_cascade=False)
            connection.ops.execute_sql_flush(statements)
    finally:
        audit.install_triggers()
    call_command("check", databases=["default"], verbosity=0)
