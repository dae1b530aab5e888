"""The practice room: installs the audit triggers after each migrate and checks that they are there."""

from typing import Any

from django.apps import AppConfig
from django.core.checks import Error, Tags, register
from django.db.models.signals import post_migrate


class PracticeConfig(AppConfig):
    name = "practice"
    verbose_name = "Practice"

    def ready(self) -> None:
        from practice import hooks, signin
        from practice.audit import install_triggers

        hooks.register_letter("staff-invitation", "practice.mail.staff_invitation")
        hooks.register_letter("password-reset", "practice.mail.password_reset")
        hooks.register_letter("sign-in-changed", "practice.mail.sign_in_changed")
        signin.connect()
        post_migrate.connect(install_triggers, sender=self)
        register(check_audit_triggers, Tags.database)


def check_audit_triggers(databases: Any = None, **_: Any) -> list[Error]:
    """Run by ``check --database default`` and before the server starts."""
    from practice.audit import TABLE, missing_triggers

    if not databases:
        return []
    from django.db import connection

    if TABLE not in connection.introspection.table_names():
        return []
    return [
        Error(f"The audit trail's trigger {name} is missing.", hint="Run manage.py migrate.", id="practice.E001")
        for name in missing_triggers()
    ]
