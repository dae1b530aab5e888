"""The audit trail is append-only on both databases, and the product notices when the triggers are gone."""

import uuid

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from practice import audit
from practice.models import AuditEvent
from practice.requestid import request_id
from tests.factories.practice import MembershipFactory, PracticeFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> AuditEvent:
    return audit.write("opened", by=UserFactory(), subject="client", subject_id=uuid.uuid4())


def refused(statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_update_and_delete_are_refused(event) -> None:
    """Abuse 41, by SQL and through Django."""
    refused("UPDATE practice_auditevent SET action = 'nothing'")
    refused("DELETE FROM practice_auditevent")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.update(action="nothing")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.delete()
    assert AuditEvent.objects.get().action == "opened"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no TRUNCATE")
def test_truncate_is_refused(event) -> None:
    refused("TRUNCATE practice_auditevent")


def test_without_the_trigger_it_would_pass(event) -> None:
    """The guard is the trigger, not something else. The triggers are back after the rollback."""
    with transaction.atomic():
        audit.drop_triggers()
        AuditEvent.objects.update(action="nothing")
        assert AuditEvent.objects.get().action == "nothing"
        transaction.set_rollback(True)
    assert audit.missing_triggers() == []


def errors() -> list[str]:
    return [
        str(error.msg) for error in run_checks(tags=["database"], databases=["default"]) if "audit" in str(error.msg)
    ]


def test_check_names_a_missing_trigger_and_migrate_puts_it_back() -> None:
    assert errors() == []
    with transaction.atomic():
        audit.drop_triggers()
        assert errors() == [f"The audit trail's trigger {name} is missing." for name in audit.TRIGGERS]
        call_command("migrate", "practice", verbosity=0)
        assert errors() == []
        transaction.set_rollback(True)


def test_what_a_row_holds() -> None:
    membership = MembershipFactory()
    token = request_id.set("request-1")
    row = audit.write("member.changed", by=membership.user, record=membership, roles=["owner"])
    request_id.reset(token)
    row.refresh_from_db()
    assert (row.action, row.actor_id, row.practice_id, row.request_id) == (
        "member.changed",
        membership.user_id,
        membership.practice_id,
        "request-1",
    )
    assert (row.subject, row.subject_id, row.detail) == ("membership", membership.pk, {"roles": ["owner"]})


def test_a_row_outlives_what_it_tells_about() -> None:
    """Plain ids: no foreign key stands in the way, none takes the row with it."""
    user, practice = UserFactory(), PracticeFactory()
    audit.write("opened", by=user, practice=practice.pk)
    user.delete()
    practice.delete()
    assert AuditEvent.objects.count() == 1
