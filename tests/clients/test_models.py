"""What the database itself refuses, on SQLite and PostgreSQL alike; and parallel adds."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from clients.actions.clients import add_client
from clients.models import (
    CareAssignment,
    Client,
    Consent,
    Couple,
    EmergencyAccess,
    Episode,
    FocusBarrier,
    Partner,
    SafetyFlag,
    TherapySession,
)
from practice import audit
from tests.factories.clients import (
    CareFactory,
    ClientFactory,
    EmergencyFactory,
    FocusFactory,
    SafetyFlagFactory,
    SessionFactory,
    couple_of,
)
from tests.factories.practice import LONG_AGO, MembershipFactory, PrivacyNoticeFactory, UserFactory

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def client(practice):
    return ClientFactory(practice=practice)


def refuses(name, act):
    """The write fails by this constraint (SQLite names the columns of a unique one instead) and changes nothing."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        act()
    message = str(error.value)
    assert name in message or (connection.vendor == "sqlite" and message.startswith("UNIQUE constraint failed"))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("client_screened_whole", {"safety_cleared": True}),
        ("client_screened_whole", {"safety_screened_on": LONG_AGO}),
        ("client_contact_hours", {"contact_from": 24}),
        ("client_contact_hours", {"contact_to": 25}),
        ("client_contact_has_address", {"safe_contact": "email", "email": ""}),
    ],
)
def test_clients(client, name, fields):
    refuses(name, lambda: Client.objects.filter(pk=client.pk).update(**fields))


def test_codes_and_users_are_unique_within_a_practice(client, practice):
    other = ClientFactory(practice=practice)
    refuses("client_code_once", lambda: Client.objects.filter(pk=other.pk).update(code=client.code))
    user = UserFactory()
    Client.objects.filter(pk=client.pk).update(user=user)
    refuses("client_user_once", lambda: Client.objects.filter(pk=other.pk).update(user=user))
    far = ClientFactory(code=client.code)
    Client.objects.filter(pk=far.pk).update(user=user)
    assert Client.objects.filter(code=client.code, user=user).count() == 2


def test_care(client, practice):
    row = CareFactory(client=client)
    refuses("care_dates", lambda: CareAssignment.objects.update(ends_on=LONG_AGO - DAY))
    refuses("care_cover_ends", lambda: CareAssignment.objects.update(role="cover"))
    refuses("care_one_primary", lambda: CareFactory(client=client))
    refuses("care_open_once", lambda: CareFactory(client=client, clinician=row.clinician, role="co"))
    CareFactory(client=client, role="co")
    CareFactory(client=client, clinician=row.clinician, role="co", ends_on=LONG_AGO)


def test_couples(client, practice):
    partner, third = ClientFactory(practice=practice), ClientFactory(practice=practice)
    couple = couple_of(client, partner)
    refuses("couple_dates", lambda: Couple.objects.update(ends_on=LONG_AGO - DAY))
    refuses("partner_two_seats", lambda: Partner.objects.create(couple=couple, client=third, seat=3))
    refuses("partner_seat_once", lambda: Partner.objects.create(couple=couple, client=third, seat=2))
    refuses("partner_open_once", lambda: couple_of(client, third))
    Partner.objects.update(ended=True)
    Partner.objects.filter(client=partner).delete()
    refuses("partner_in_couple_once", lambda: Partner.objects.create(couple=couple, client=client, seat=2))
    couple_of(client, third)


def test_episodes(client):
    refuses("episode_open_once", lambda: Episode.objects.create(client=client, number=2, starts_on=LONG_AGO))
    refuses("episode_end_has_reason", lambda: Episode.objects.update(ends_on=LONG_AGO))
    refuses("episode_dates", lambda: Episode.objects.update(ends_on=LONG_AGO - DAY, reason="agreed"))
    Episode.objects.update(ends_on=LONG_AGO, reason="agreed")
    refuses("episode_number_once", lambda: Episode.objects.create(client=client, number=1, starts_on=LONG_AGO))
    Episode.objects.create(client=client, number=2, starts_on=LONG_AGO)


def test_sessions(client):
    session = SessionFactory(client=client)
    refuses("session_time_once", lambda: SessionFactory(client=client, starts_at=session.starts_at))
    refuses("session_joint_has_couple", lambda: TherapySession.objects.update(kind="joint"))
    SessionFactory(client=ClientFactory(practice=client.practice), starts_at=session.starts_at)


def test_focus(client):
    active = {"state": "active", "starts_on": LONG_AGO}
    row = FocusFactory(client=client, slot=1, **active)
    refuses("focus_known_barrier", lambda: FocusFactory(client=client, barrier="weather"))
    for fields in ({"slot": None}, {"slot": 4}, {"slot": 0}, {"starts_on": None}, {"state": "ended"}):
        refuses("focus_active_has_slot", lambda fields=fields: FocusBarrier.objects.update(**fields))
    refuses("focus_slot_once", lambda: FocusFactory(client=client, barrier="past", slot=1, **active))
    refuses("focus_barrier_once", lambda: FocusFactory(client=client, barrier=row.barrier))
    FocusFactory(client=client, barrier=row.barrier, state="ended")


def test_flags(client):
    flag = SafetyFlagFactory(client=client)
    refuses("flag_response_once", lambda: SafetyFlagFactory(client=client, response_id=flag.response_id))
    refuses("flag_acknowledged_by_someone", lambda: SafetyFlag.objects.update(state="acknowledged"))
    SafetyFlag.objects.update(state="acknowledged", acknowledged_at=NOW, acknowledged_by=UserFactory())
    refuses("flag_closed_by_someone", lambda: SafetyFlag.objects.update(state="closed", closed_at=NOW))


def test_emergency_access_ends(client):
    row = EmergencyFactory(client=client)
    refuses("emergency_ends", lambda: EmergencyAccess.objects.update(ends_at=row.starts_at))


def test_consent_once(client):
    notice = PrivacyNoticeFactory(practice=client.practice)
    Consent.objects.create(client=client, notice=notice)
    refuses("consent_once", lambda: Consent.objects.create(client=client, notice=notice))


def test_sealed_texts_are_not_in_the_database(client):
    SessionFactory(client=client, note="the canary sings")
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM clients_therapysession")
        stored = bytes(cursor.fetchone()[0])
    assert b"canary" not in stored
    assert TherapySession.objects.get().note == "the canary sings"


@pytest.fixture
def committed(transactional_db):
    """Rows that other threads see; the audit trail's triggers stand aside only while the tables are emptied."""
    yield
    audit.drop_triggers()


def test_parallel_adds_get_different_codes(committed):
    member = MembershipFactory()
    failures: list[BaseException] = []

    def add():
        try:
            add_client(by=member.user, clinician=member, first_name="R", last_name="H")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(Client.objects.values_list("code", flat=True)) == [f"C-000{number}" for number in range(1, 7)]
