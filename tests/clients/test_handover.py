"""Handing over a caseload or one client: all or nothing, by date, with what was planned."""

import datetime as dt

import pytest

from clients.access import clients_for
from clients.actions.common import RowProblems
from clients.actions.handover import hand_over
from clients.models import CareAssignment
from practice.errors import Refused
from practice.grants import Permission
from practice.models import AuditEvent, OutboxMessage
from tests.factories.clients import CareFactory, ClientFactory, LeaveFactory, SessionFactory, client_of
from tests.factories.practice import LONG_AGO, MembershipFactory, PracticeFactory, SupervisionFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
FRIDAY = dt.date(2026, 5, 8)


@pytest.fixture
def practice():
    return PracticeFactory(time_zone="America/New_York")


@pytest.fixture
def clinician(practice):
    return MembershipFactory(practice=practice)


@pytest.fixture
def other(practice):
    return MembershipFactory(practice=practice)


def give(clinician, to, day=FRIDAY, **fields):
    fields = {"by": clinician.user, "at": NOON, "sessions": True} | fields
    return hand_over(
        clinician=clinician, to={client.pk: member for client, member in to.items()}, starts_on=day, **fields
    )


def team(client):
    rows = client.careassignments.order_by("starts_on", "role")
    return [(row.clinician, row.role, row.starts_on, row.ends_on) for row in rows]


def listed(member, day):
    member.user.__dict__.pop("_current_memberships", None)
    at = dt.datetime.combine(day, dt.time(0, 1), tzinfo=member.practice.zone)
    return set(clients_for(member.user, Permission.SEE_CLINICAL, at=at))


def test_a_caseload_on_a_day(clinician, other):
    first, second, stays = client_of(clinician), client_of(clinician), client_of(clinician)
    co = CareFactory(client=first, role="co")
    assert give(clinician, {first: other, second: other}) == 2
    assert team(second) == [
        (clinician, "primary", LONG_AGO, FRIDAY - DAY),
        (other, "primary", FRIDAY, None),
    ]
    assert team(first)[0] == (co.clinician, "co", LONG_AGO, None)
    assert (listed(clinician, FRIDAY - DAY), listed(other, FRIDAY - DAY)) == ({first, second, stays}, set())
    assert (listed(clinician, FRIDAY), listed(other, FRIDAY)) == ({stays}, {first, second})
    rows = AuditEvent.objects.filter(action="care.handed_over")
    assert {row.client_id for row in rows} == {first.pk, second.pk}
    assert {(row.detail["clinician"], row.detail["before"], row.detail["sessions"]) for row in rows} == {
        (str(other.pk), str(clinician.pk), 0)
    }
    assert list(OutboxMessage.objects.values_list("template", "subject_id")) == [("clients-handed-over", other.pk)]


def test_split_between_several(clinician, other):
    third = MembershipFactory(practice=clinician.practice)
    first, second = client_of(clinician), client_of(clinician)
    give(clinician, {first: other, second: third})
    assert [client.careassignments.get(ends_on=None).clinician for client in (first, second)] == [other, third]
    assert set(OutboxMessage.objects.values_list("subject_id", flat=True)) == {other.pk, third.pk}


def test_supervision_follows(clinician, other):
    client = client_of(clinician)
    before = SupervisionFactory(supervisee=clinician, supervisor__practice=clinician.practice).supervisor
    after = SupervisionFactory(supervisee=other, supervisor__practice=clinician.practice).supervisor
    give(clinician, {client: other})
    days = (FRIDAY - DAY, FRIDAY)
    assert [[listed(member, day) for day in days] for member in (before, after)] == [
        [{client}, set()],
        [set(), {client}],
    ]


def test_all_or_nothing_with_the_reason_beside_the_client(clinician, other):
    mine, theirs, planned = client_of(clinician), client_of(other), client_of(clinician)
    give(clinician, {planned: MembershipFactory(practice=clinician.practice)})
    before = CareAssignment.objects.count()
    outside = client_of(clinician)
    with pytest.raises(RowProblems) as caught:
        give(clinician, {mine: other, theirs: other, planned: other, outside: MembershipFactory()})
    assert set(caught.value.rows) == {theirs.pk, planned.pk, outside.pk}
    assert str(clinician) in caught.value.rows[theirs.pk]
    assert CareAssignment.objects.count() == before + 1
    assert team(mine) == [(clinician, "primary", LONG_AGO, None)]
    assert AuditEvent.objects.filter(action="care.handed_over").count() == 1


def test_a_co_therapist_takes_over(clinician, other):
    client = client_of(clinician)
    CareFactory(client=client, clinician=other, role="co")
    give(clinician, {client: other})
    assert team(client)[-1] == (other, "primary", FRIDAY, None)
    assert (other, "co", LONG_AGO, FRIDAY - DAY) in team(client)


def test_planned_sessions_from_that_day_on(clinician, other):
    client = client_of(clinician)
    zone = clinician.practice.zone

    def session(day, hour, **fields):
        at = dt.datetime.combine(day, dt.time(hour), tzinfo=zone)
        return SessionFactory(client=client, starts_at=at, **{"clinician": clinician, "attendance": "planned"} | fields)

    before, first, later = session(FRIDAY - DAY, 23), session(FRIDAY, 0), session(FRIDAY + 7 * DAY, 9)
    co = session(FRIDAY, 15, clinician=MembershipFactory(practice=clinician.practice))
    cancelled = session(FRIDAY, 16, attendance="cancelled")
    give(clinician, {client: other})
    rows = [before, first, later, co, cancelled]
    for row in rows:
        row.refresh_from_db()
    assert [row.clinician for row in rows] == [clinician, other, other, co.clinician, clinician]
    assert first.changed_at == NOON
    assert AuditEvent.objects.get(action="care.handed_over").detail["sessions"] == 2


def test_sessions_may_stay(clinician, other):
    client = client_of(clinician)
    at = dt.datetime.combine(FRIDAY, dt.time(9), tzinfo=clinician.practice.zone)
    session = SessionFactory(client=client, clinician=clinician, attendance="planned", starts_at=at)
    give(clinician, {client: other}, sessions=False)
    session.refresh_from_db()
    assert session.clinician == clinician


def test_a_new_primary_who_will_be_away_is_covered(clinician, other):
    leave = LeaveFactory(clinician=other, starts_on=FRIDAY + DAY, ends_on=FRIDAY + 3 * DAY)
    client = client_of(clinician)
    give(clinician, {client: other})
    row = client.careassignments.get(role="cover")
    assert (row.clinician, row.leave, row.starts_on, row.ends_on) == (
        leave.cover,
        leave,
        FRIDAY + DAY,
        FRIDAY + 3 * DAY,
    )


def test_refusals(clinician, other):
    client = client_of(clinician)

    def field(**fields):
        with pytest.raises(Refused) as caught:
            give(clinician, fields.pop("to", {client: other}), **fields)
        return caught.value.field

    assert field(day=dt.date(2026, 5, 3)) == "starts_on"
    assert field(to={}) == ""
    assert field(by=other.user) == field(by=MembershipFactory(roles="owner").user) == ""
    assert field(to={client: other, ClientFactory(): other}) == ""
    assert team(client) == [(clinician, "primary", LONG_AGO, None)]
    owner = MembershipFactory(practice=clinician.practice, roles="owner")
    assert give(clinician, {client: other}, by=owner.user) == 1


def test_today_in_the_practice_zone(clinician, other):
    client = client_of(clinician)
    late = dt.datetime(2026, 5, 5, 2, tzinfo=dt.UTC)  # still Monday evening there
    give(clinician, {client: other}, day=dt.date(2026, 5, 4), at=late)
    assert listed(other, dt.date(2026, 5, 4)) == {client}
