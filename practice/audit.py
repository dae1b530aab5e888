"""Writing the audit trail, and the triggers that keep it append-only on SQLite and PostgreSQL."""

import uuid
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.utils import timezone

from practice.models import AuditEvent
from practice.requestid import request_id

TABLE = "practice_auditevent"
TRIGGERS = ("practice_audit_no_update", "practice_audit_no_delete")

_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS practice_audit_no_update BEFORE UPDATE ON practice_auditevent"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS practice_audit_no_delete BEFORE DELETE ON practice_auditevent"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END",
)
_POSTGRES = (
    "CREATE OR REPLACE FUNCTION practice_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$",
    "CREATE OR REPLACE TRIGGER practice_audit_no_update BEFORE UPDATE ON practice_auditevent"
    " FOR EACH ROW EXECUTE FUNCTION practice_audit_refuse()",
    "CREATE OR REPLACE TRIGGER practice_audit_no_delete BEFORE DELETE OR TRUNCATE ON practice_auditevent"
    " FOR EACH STATEMENT EXECUTE FUNCTION practice_audit_refuse()",
)


def write(
    action: str,
    *,
    by: Any = None,
    practice: uuid.UUID | None = None,
    record: models.Model | None = None,
    client: uuid.UUID | None = None,
    basis: str = "",
    at: datetime | None = None,
    subject: str = "",
    subject_id: uuid.UUID | None = None,
    **detail: Any,
) -> AuditEvent:
    """Add one row. ``by`` is a user, ``record`` the row written or opened; ``detail`` codes and counts only."""
    if record is not None:
        subject, subject_id = record._meta.model_name or "", record.pk
        practice = practice or getattr(record, "practice_id", None)
        client = client or getattr(record, "client_id", None)
    return AuditEvent.objects.create(
        at=at or timezone.now(),
        practice_id=practice,
        actor_id=getattr(by, "pk", None),
        basis=basis,
        action=action,
        subject=subject,
        subject_id=subject_id,
        client_id=client,
        request_id=request_id.get(),
        detail=detail,
    )


def install_triggers(**_: Any) -> None:
    """Put the triggers in place (after every migrate: a rebuilt table loses them on SQLite)."""
    if TABLE not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in _POSTGRES if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement)


def drop_triggers() -> None:
    """Only for emptying a test database."""
    with connection.cursor() as cursor:
        for name in TRIGGERS:
            suffix = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")


def missing_triggers() -> list[str]:
    """The triggers that should be there and are not."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'practice_auditevent'::regclass AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    return [name for name in TRIGGERS if name not in present]
