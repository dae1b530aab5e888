"""A row's practice is its client's: set when saved, held by PostgreSQL, proved by a command."""

import io

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from clients.models import CareAssignment, ClientRow, LifeEvent, TherapySession
from clients.queries.integrity import practice_paths
from practice import composite
from tests.factories.clients import CareFactory, LifeEventFactory, SessionFactory, client_of
from tests.factories.practice import MembershipFactory, PracticeFactory

on_postgres = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="the composite key is PostgreSQL's")


def test_the_practice_is_taken_from_the_client(clinician):
    event = LifeEvent(client=client_of(clinician), kind="work", happened_on="2026-01-01", practice=PracticeFactory())
    event.episode = event.client.episodes.get()
    event.save()
    assert LifeEvent.objects.get().practice == clinician.practice


def test_the_command_counts_and_passes(clinician):
    SessionFactory(client=client_of(clinician), clinician=clinician)
    out = io.StringIO()
    call_command("check_practices", stdout=out)
    lines = out.getvalue().splitlines()
    assert "clients.therapysession.client: 1 rows, 0 in another practice" in lines
    assert "clients.careassignment.clinician: 1 rows, 0 in another practice" in lines
    assert lines[-1] == f"{len(list(practice_paths()))} paths checked, no mismatch."


def test_the_command_fails_on_a_clinician_of_another_practice(clinician):
    care = CareFactory(client=client_of(clinician, last_name="Hill"), clinician=MembershipFactory(), role="co")
    with pytest.raises(CommandError, match=r"clients\.careassignment\.clinician$"):
        call_command("check_practices", stdout=io.StringIO())
    care.delete()
    call_command("check_practices", stdout=io.StringIO())


def test_every_model_of_a_client_is_covered():
    rows = {model for model in apps.get_models() if issubclass(model, ClientRow)}
    assert rows <= {model for model in apps.get_models() if composite.has_composite_key(model)}
    assert {(CareAssignment, "client"), (TherapySession, "couple"), (TherapySession, "episode")} <= set(
        practice_paths()
    )


@on_postgres
def test_postgres_has_every_key(db):
    wanted = {composite.key_name(model) for model in apps.get_models() if composite.has_composite_key(model)}
    assert len(wanted) >= 10
    assert composite.installed_keys() == wanted


@on_postgres
@pytest.mark.parametrize("how", ["update", "insert"])
def test_postgres_refuses_a_mismatch(clinician, how):
    event = LifeEventFactory(client=client_of(clinician))
    other = PracticeFactory()
    columns = "episode_id, kind, happened_on, told_by_client, client_id"
    sql = {
        "update": "UPDATE clients_lifeevent SET practice_id = %s WHERE id = %s",
        "insert": f"INSERT INTO clients_lifeevent (id, practice_id, {columns})"
        f" SELECT gen_random_uuid(), %s, {columns} FROM clients_lifeevent WHERE id = %s",
    }[how]
    with connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="clients_lifeevent_client_practice"), transaction.atomic():
            cursor.execute(sql, [other.pk, event.pk])
        cursor.execute(sql, [clinician.practice_id, event.pk])
        assert cursor.rowcount == 1


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="PostgreSQL refuses the row itself")
def test_the_command_fails_on_a_row_of_another_practice(clinician):
    event = LifeEventFactory(client=client_of(clinician))
    LifeEvent.objects.filter(pk=event.pk).update(practice=PracticeFactory())
    with pytest.raises(CommandError, match=r"clients\.lifeevent\.client, clients\.lifeevent\.episode$"):
        call_command("check_practices", stdout=io.StringIO())
