"""Leave with a named cover: whom it covers, from when, and that it ends by its date alone."""

import datetime as dt

import pytest
from django.utils import timezone

from clients.access import can, clients_for
from clients.actions.care import assign_care, end_care
from clients.actions.common import RowProblems
from clients.actions.course import discharge, start_episode
from clients.actions.leave import end_leave, take_leave
from clients.actions.safety import raise_flag
from clients.models import CareAssignment, Client, Leave
from clients.queries.absence import absences, standing_in
from practice.errors import Refused
from practice.grants import Permission
from practice.models import AuditEvent, OutboxMessage
from tests.factories.clients import CareFactory, ClientFactory, LeaveFactory, client_of
from tests.factories.practice import MembershipFactory, PracticeFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
MONDAY = dt.date(2026, 5, 4)


@pytest.fixture
def practice():
    return PracticeFactory(time_zone="Europe/Berlin")


@pytest.fixture
def clinician(practice):
    return MembershipFactory(practice=practice)


@pytest.fixture
def cover(practice):
    return MembershipFactory(practice=practice)


def away(clinician, cover, first=MONDAY + 3 * DAY, last=MONDAY + 6 * DAY, at=NOON, **fields):
    return take_leave(
        by=fields.pop("by", clinician.user), clinician=clinician, cover=cover, starts_on=first, ends_on=last, at=at,
        **fields,
    )  # fmt: skip


def covered(leave) -> dict:
    """Who covers whom from when to when."""
    return {
        row.client: (row.clinician, row.starts_on, row.ends_on) for row in CareAssignment.objects.filter(leave=leave)
    }


def sees(member, client, day, hour=12, minute=0):
    at = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=member.practice.zone)
    member.user.__dict__.pop("_current_memberships", None)
    return can(member.user, Permission.WORK, client, at=at)


def refused(call, *args, **kwargs) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.field, str(caught.value)


def test_everybody_in_care_is_covered_and_nobody_else(clinician, cover):
    first, second = client_of(clinician), client_of(clinician)
    client_of(clinician, status=Client.Status.DISCHARGED)
    client_of(MembershipFactory(practice=clinician.practice))
    leave = away(clinician, cover)
    span = (cover, leave.starts_on, leave.ends_on)
    assert covered(leave) == {first: span, second: span}
    row = AuditEvent.objects.get(action="leave.added")
    assert (row.subject_id, row.detail["clients"], row.client_id) == (leave.pk, 2, None)
    assert list(OutboxMessage.objects.values_list("template", "subject_id")) == [("cover-named", cover.pk)]


def test_the_cover_has_access_on_the_days_of_the_leave_only_at_midnight_of_the_practice(clinician, cover):
    client = client_of(clinician)
    leave = away(clinician, cover)
    days = [leave.starts_on - DAY, leave.starts_on, leave.ends_on, leave.ends_on + DAY]
    assert [sees(cover, client, day) for day in days] == [False, True, True, False]
    edges = [(leave.starts_on - DAY, 23, 59), (leave.starts_on, 0, 0), (leave.ends_on, 23, 59)]
    assert [sees(cover, client, *edge) for edge in edges] == [False, True, True]
    assert not sees(cover, client, leave.ends_on + DAY, 0, 0)
    assert all(sees(clinician, client, day) for day in days)  # whoever is away keeps access


def test_the_cover_may_not_change_identity(clinician, cover):
    client = client_of(clinician)
    leave = away(clinician, cover)
    at = dt.datetime.combine(leave.starts_on, dt.time(12), tzinfo=dt.UTC)
    assert can(cover.user, Permission.SEE_SAFETY, client, at=at)
    assert not can(cover.user, Permission.CHANGE_IDENTITY, client, at=at)


def test_the_cover_is_told_of_a_flag_during_the_leave_and_not_after(clinician, cover):
    client = client_of(clinician)
    leave = away(clinician, cover)

    def told(day):
        OutboxMessage.objects.all().delete()
        at = dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
        raise_flag(client=client, response_id=ClientFactory().pk, at=at)
        return set(OutboxMessage.objects.filter(template="safety-flag").values_list("subject_id", flat=True))

    assert told(leave.starts_on) == {clinician.pk, cover.pk}
    assert told(leave.ends_on + DAY) == {clinician.pk}


def test_another_cover_for_some_and_nobody_only_beside_a_primary(clinician, cover):
    mine, theirs, shared = client_of(clinician), client_of(clinician), ClientFactory(practice=clinician.practice)
    CareFactory(client=shared)
    CareFactory(client=shared, clinician=clinician, role="co")
    third = MembershipFactory(practice=clinician.practice)
    with pytest.raises(RowProblems) as caught:
        away(clinician, cover, covers={mine.pk: None, shared.pk: None})
    assert list(caught.value.rows) == [mine.pk]
    assert not Leave.objects.exists()
    leave = away(clinician, cover, covers={theirs.pk: third, shared.pk: None})
    assert {client: row[0] for client, row in covered(leave).items()} == {mine: cover, theirs: third}
    assert set(OutboxMessage.objects.values_list("subject_id", flat=True)) == {cover.pk, third.pk}


def test_whom_one_covers_for_a_colleague_is_covered_too(clinician, cover):
    third = MembershipFactory(practice=clinician.practice)
    client = client_of(third)
    away(third, clinician, MONDAY, MONDAY + 4 * DAY)
    leave = away(clinician, cover)
    assert covered(leave) == {client: (cover, MONDAY + 3 * DAY, MONDAY + 4 * DAY)}


def test_back_early_ends_whoever_stood_in_for_the_cover_too(clinician, cover):
    third = MembershipFactory(practice=clinician.practice)
    client = client_of(third)
    first = away(third, clinician, MONDAY + DAY, MONDAY + 9 * DAY)
    second = away(clinician, cover)
    assert covered(second) == {client: (cover, MONDAY + 3 * DAY, MONDAY + 6 * DAY)}
    end_leave(by=third.user, leave=first, last=MONDAY + 4 * DAY, at=NOON + 4 * DAY)
    assert covered(second) == {client: (cover, MONDAY + 3 * DAY, MONDAY + 4 * DAY)}
    again = away(third, clinician, MONDAY + 20 * DAY, MONDAY + 29 * DAY)
    over = away(clinician, cover, MONDAY + 20 * DAY, MONDAY + 22 * DAY)
    assert covered(over) != {}
    end_leave(by=third.user, leave=again, at=NOON)
    assert (covered(again), covered(over)) == ({}, {})


def test_a_co_therapist_who_ends_needs_no_cover_any_more(clinician, cover):
    client = ClientFactory(practice=clinician.practice)
    CareFactory(client=client)
    row = CareFactory(client=client, clinician=clinician, role="co")
    leave = away(clinician, cover)
    assert covered(leave) != {}
    end_care(by=clinician.user, assignment=row, ends_on=MONDAY + 4 * DAY, at=NOON)
    assert covered(leave) == {client: (cover, MONDAY + 3 * DAY, MONDAY + 4 * DAY)}


def test_care_that_begins_or_ends_within_the_leave(clinician, cover):
    coming, going = ClientFactory(practice=clinician.practice), ClientFactory(practice=clinician.practice)
    CareFactory(client=coming, clinician=clinician, starts_on=MONDAY + 5 * DAY)
    CareFactory(client=going, clinician=clinician, role="co", ends_on=MONDAY + 4 * DAY)
    leave = away(clinician, cover)
    assert covered(leave) == {
        coming: (cover, MONDAY + 5 * DAY, MONDAY + 6 * DAY),
        going: (cover, MONDAY + 3 * DAY, MONDAY + 4 * DAY),
    }


def test_who_is_in_the_team_anyway_needs_no_cover_row(clinician, cover):
    client = client_of(clinician)
    CareFactory(client=client, clinician=cover, role="co")
    assert covered(away(clinician, cover)) == {}


def test_access_never_begins_before_it_was_given(clinician, cover):
    """Illness is entered late."""
    client = client_of(clinician)
    leave = away(clinician, cover, MONDAY - 3 * DAY, MONDAY + DAY)
    assert (leave.starts_on, covered(leave)) == (MONDAY - 3 * DAY, {client: (cover, MONDAY, MONDAY + DAY)})


def test_who_may_cover(clinician, cover):
    practice = clinician.practice
    LeaveFactory(clinician=cover, starts_on=MONDAY + 6 * DAY, ends_on=MONDAY + 9 * DAY)
    leaving = MembershipFactory(practice=practice, ends_on=MONDAY + 5 * DAY)
    inactive = MembershipFactory(practice=practice, user__is_active=False)
    others = [
        cover,
        clinician,
        leaving,
        inactive,
        MembershipFactory(practice=practice, roles="owner"),
        MembershipFactory(),
    ]
    assert [refused(away, clinician, other)[0] for other in others] == ["cover"] * 6
    assert "on leave too" in refused(away, clinician, cover)[1]
    client = client_of(clinician)
    free = MembershipFactory(practice=practice)
    with pytest.raises(RowProblems) as caught:
        away(clinician, free, covers={client.pk: cover})
    assert "on leave too" in caught.value.rows[client.pk]
    assert Leave.objects.count() == 1


def test_a_cover_who_was_taken_back_may_cover_again(clinician, cover):
    LeaveFactory(clinician=cover, starts_on=MONDAY, ends_on=MONDAY + 9 * DAY, cancelled_at=NOON)
    assert away(clinician, cover).cover == cover


def test_dates(clinician, cover):
    away(clinician, cover)
    overlapping = [(MONDAY, MONDAY + 3 * DAY), (MONDAY + 6 * DAY, MONDAY + 9 * DAY), (MONDAY + 4 * DAY,) * 2]
    assert [refused(away, clinician, cover, *days)[0] for days in overlapping] == ["starts_on"] * 3
    assert refused(away, clinician, cover, MONDAY + 9 * DAY, MONDAY + 8 * DAY)[0] == "ends_on"
    assert refused(away, clinician, cover, MONDAY - 9 * DAY, MONDAY - DAY)[0] == "ends_on"
    assert away(clinician, cover, MONDAY + 7 * DAY, MONDAY + 7 * DAY)


def test_who_may_enter_it(clinician, cover):
    owner = MembershipFactory(practice=clinician.practice, roles="owner")
    others = [
        cover,
        MembershipFactory(roles="owner"),
        MembershipFactory(practice=clinician.practice, roles="supervisor"),
    ]
    for other in others:
        assert refused(away, clinician, cover, by=other.user)[0] == ""
    assert away(clinician, cover, by=owner.user).made_by == owner.user


def test_a_new_client_during_or_before_the_leave_is_covered(clinician, cover):
    leave = away(clinician, cover)
    client = ClientFactory(practice=clinician.practice)
    assign_care(by=clinician.user, client=client, clinician=clinician, role="primary", starts_on=MONDAY, at=NOON)
    assert covered(leave) == {client: (cover, leave.starts_on, leave.ends_on)}
    later, at = ClientFactory(practice=clinician.practice), NOON + 4 * DAY
    assign_care(by=clinician.user, client=later, clinician=clinician, role="primary", starts_on=at.date(), at=at)
    assert covered(leave)[later] == (cover, at.date(), leave.ends_on)


def test_who_returns_during_the_leave_is_covered(clinician, cover):
    now = timezone.now()
    today = clinician.practice.today(now)
    client = client_of(clinician)
    discharge(by=clinician.user, client=client, reason="agreed", at=now)
    leave = away(clinician, cover, today, today + 5 * DAY, at=now)
    assert covered(leave) == {}
    start_episode(by=clinician.user, client=client, at=now)
    assert covered(leave) == {client: (cover, today, today + 5 * DAY)}


def test_handing_over_ends_the_cover_and_taking_it_back_brings_it_back(clinician, cover):
    client, third = client_of(clinician), MembershipFactory(practice=clinician.practice)
    leave = away(clinician, cover)
    row = assign_care(
        by=clinician.user, client=client, clinician=third, role="primary", starts_on=MONDAY + 5 * DAY, at=NOON
    )
    assert covered(leave) == {client: (cover, MONDAY + 3 * DAY, MONDAY + 4 * DAY)}
    end_care(by=clinician.user, assignment=row, at=NOON)
    assert covered(leave) == {client: (cover, MONDAY + 3 * DAY, MONDAY + 6 * DAY)}
    row = assign_care(
        by=clinician.user, client=client, clinician=third, role="primary", starts_on=MONDAY + DAY, at=NOON
    )
    assert covered(leave) == {}
    row.refresh_from_db()
    end_care(by=clinician.user, assignment=row, at=NOON - 3 * DAY)
    assert covered(leave) == {client: (cover, MONDAY + 3 * DAY, MONDAY + 6 * DAY)}


def test_the_cover_may_take_the_client_over(clinician, cover):
    client = client_of(clinician)
    leave = away(clinician, cover)
    assign_care(by=clinician.user, client=client, clinician=cover, role="primary", starts_on=MONDAY + DAY, at=NOON)
    assert covered(leave) == {}
    assert client.careassignments.get(ends_on=None).clinician == cover


def test_ending_early(clinician, cover):
    client = client_of(clinician)
    leave = away(clinician, cover)
    at = NOON + 4 * DAY
    leave = end_leave(by=clinician.user, leave=leave, at=at)
    assert (leave.ends_on, leave.cancelled_at) == (MONDAY + 4 * DAY, None)
    assert [sees(cover, client, MONDAY + day * DAY) for day in (4, 5)] == [True, False]
    leave = end_leave(by=clinician.user, leave=leave, last=MONDAY + 3 * DAY, at=at)  # back since this morning
    assert not sees(cover, client, MONDAY + 4 * DAY)
    assert [row.detail["ends_on"] for row in AuditEvent.objects.filter(action="leave.ended").order_by("at", "id")] == [
        "2026-05-08",
        "2026-05-07",
    ]
    assert refused(end_leave, by=clinician.user, leave=leave, at=at)[0] == ""  # over already


def test_bad_ends(clinician, cover):
    leave = away(clinician, cover)
    at = NOON + 4 * DAY
    assert refused(end_leave, by=clinician.user, leave=leave, last=MONDAY + 2 * DAY, at=at)[0] == "ends_on"
    assert refused(end_leave, by=clinician.user, leave=leave, last=MONDAY + 7 * DAY, at=at)[0] == "ends_on"
    assert refused(end_leave, by=cover.user, leave=leave, at=at)[0] == ""
    assert covered(leave) == {}


def test_taken_back_whole_before_it_begins(clinician, cover):
    client = client_of(clinician)
    leave = end_leave(by=clinician.user, leave=away(clinician, cover), at=NOON)
    assert (leave.cancelled_at, covered(leave)) == (NOON, {})
    assert [row.role for row in client.careassignments.all()] == ["primary"]
    assert AuditEvent.objects.get(action="leave.cancelled").detail == {"clients": 1}
    assert refused(end_leave, by=clinician.user, leave=leave, at=NOON)[0] == ""
    assert away(clinician, cover)  # the days are free again


def test_reading(clinician, cover):
    client = client_of(clinician)
    client_of(clinician)
    third = MembershipFactory(practice=clinician.practice)
    leave = away(clinician, cover, covers={client.pk: third})
    assert [(row.leave, row.covers) for row in absences(clinician, MONDAY)] == [(leave, (str(cover), str(third)))]
    assert standing_in(cover, MONDAY) == [(leave, 1)]
    assert standing_in(third, MONDAY) == [(leave, 1)]
    assert standing_in(clinician, MONDAY) == absences(cover, MONDAY) == standing_in(cover, leave.ends_on + DAY) == []
    assert absences(clinician, leave.ends_on + DAY) == []


def test_lists_follow_the_same_rule(clinician, cover):
    client = client_of(clinician)
    leave = away(clinician, cover)

    def listed(day):
        at = dt.datetime.combine(day, dt.time(0, 0), tzinfo=cover.practice.zone)
        return list(clients_for(cover.user, Permission.WORK, at=at))

    assert [listed(day) for day in (leave.starts_on - DAY, leave.starts_on, leave.ends_on, leave.ends_on + DAY)] == [
        [],
        [client],
        [client],
        [],
    ]
