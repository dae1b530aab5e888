"""Every relationship × permission, at the edges of its dates in the practice's zone, in one practice and another."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from clients import access
from clients.models import Client, LifeEvent
from practice.grants import GRANTS, Permission, Relationship, giving
from practice.models import User
from tests.factories.clients import CareFactory, ClientFactory, EmergencyFactory, LifeEventFactory, client_of, couple_of
from tests.factories.practice import MembershipFactory, SupervisionFactory, UserFactory

P, R = Permission, Relationship
DAY = dt.timedelta(days=1)


def as_self(client):
    client.user = UserFactory()
    client.save()
    return client.user


def as_carer(client, role):
    ends_on = client.practice.today() if role == "cover" else None
    return CareFactory(client=client, role=role, ends_on=ends_on).clinician.user


def as_supervisor(client):
    care = CareFactory(client=client)
    return SupervisionFactory(
        supervisor=MembershipFactory(practice=client.practice, roles="supervisor"), supervisee=care.clinician
    ).supervisor.user


MAKERS = {
    R.SELF: as_self,
    R.PRIMARY: lambda client: as_carer(client, "primary"),
    R.CO: lambda client: as_carer(client, "co"),
    R.COVER: lambda client: as_carer(client, "cover"),
    R.SUPERVISOR: as_supervisor,
    R.EMERGENCY: lambda client: EmergencyFactory(client=client).membership.user,
    R.OWNER: lambda client: MembershipFactory(practice=client.practice, roles="owner").user,
}


def fresh(user) -> User:
    """As in the next request: memberships are read again."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def client(practice):
    return ClientFactory(practice=practice)


@pytest.mark.parametrize("relationship", MAKERS)
def test_a_relationship_gives_exactly_its_permissions(client, relationship):
    user = MAKERS[relationship](client)
    other = ClientFactory(practice=client.practice)  # without any relationship to the user
    far = ClientFactory()
    expected = set(GRANTS[relationship]) | (set(GRANTS[R.OWNER]) if relationship == R.EMERGENCY else set())
    for permission in P:
        allowed = permission in expected
        assert access.can(user, permission, client) is allowed, permission
        assert list(access.clients_for(user, permission).filter(pk=client.pk)) == ([client] if allowed else [])
        of_practice = relationship in (R.OWNER, R.EMERGENCY) and permission in GRANTS[R.OWNER]
        assert access.can(user, permission, other) is of_practice, permission
        assert not access.can(user, permission, far)
    assert access.basis(user, client) == relationship
    assert access.basis(user, far) is None


def test_link_bearers_and_strangers_have_nothing_here(client):
    for user in (AnonymousUser(), UserFactory(), MembershipFactory(practice=client.practice).user):
        assert not any(access.can(user, permission, client) for permission in P)
        assert access.basis(user, client) is None


def test_the_table_says_who_gives_what():
    assert giving(P.WORK) == {R.PRIMARY, R.CO, R.COVER}
    assert giving(P.CHANGE_IDENTITY) == {R.PRIMARY, R.CO}
    assert giving(P.SEE_CLINICAL) == {R.PRIMARY, R.CO, R.COVER, R.SUPERVISOR, R.EMERGENCY}
    assert giving(P.SEE_SAFETY) == {R.PRIMARY, R.CO, R.COVER, R.EMERGENCY}
    assert giving(P.SEE_ROSTER) == giving(P.OPEN_EMERGENCY) == giving(P.MANAGE_PRACTICE) == {R.OWNER}
    assert giving(P.ANSWER) == {R.SELF, R.LINK}


@pytest.mark.parametrize("relationship", [R.CO, R.COVER])
def test_care_begins_and_ends_at_midnight_of_the_practice(client, relationship):
    """Berlin is an hour ahead of UTC in March: the edges are at 23:00 UTC of the day before, and of the last day."""
    first, last = dt.date(2026, 3, 2), dt.date(2026, 3, 10)
    user = CareFactory(client=client, role=str(relationship), starts_on=first, ends_on=last).clinician.user
    begins, ends = dt.datetime(2026, 3, 1, 23, tzinfo=dt.UTC), dt.datetime(2026, 3, 10, 23, tzinfo=dt.UTC)
    second = dt.timedelta(seconds=1)
    seen = [
        access.can(user, P.SEE_CLINICAL, client, at=moment) for moment in (begins - second, begins, ends - second, ends)
    ]
    assert seen == [False, True, True, False]
    assert [access.basis(user, client, at=moment) for moment in (ends - second, ends)] == [relationship, None]


def test_supervision_ends_at_midnight_of_the_practice(client):
    care = CareFactory(client=client)
    link = SupervisionFactory(
        supervisor=MembershipFactory(practice=client.practice, roles="supervisor"),
        supervisee=care.clinician,
        ends_on=dt.date(2026, 3, 10),
    )
    user, edge = link.supervisor.user, dt.datetime(2026, 3, 10, 23, tzinfo=dt.UTC)
    assert access.can(user, P.SEE_CLINICAL, client, at=edge - DAY)
    assert not access.can(user, P.SEE_CLINICAL, client, at=edge)


def test_emergency_ends_to_the_second_and_when_revoked(client):
    row = EmergencyFactory(client=client)
    user = row.membership.user
    second = dt.timedelta(seconds=1)
    seen = [
        access.can(user, P.SEE_CLINICAL, client, at=moment)
        for moment in (row.starts_at - second, row.starts_at, row.ends_at - second, row.ends_at)
    ]
    assert seen == [False, True, True, False]
    row.revoked_at = row.starts_at
    row.save()
    assert not access.can(user, P.SEE_CLINICAL, client, at=row.starts_at)


def test_supervision_reaches_clients_of_primary_and_co_not_of_cover(client, practice):
    cover = CareFactory(client=client, role="cover", ends_on=practice.today()).clinician
    user = SupervisionFactory(
        supervisor=MembershipFactory(practice=practice, roles="supervisor"), supervisee=cover
    ).supervisor.user
    assert not access.can(user, P.SEE_CLINICAL, client)
    mine = client_of(cover)
    assert list(access.clients_for(user, P.SEE_CLINICAL)) == [mine]


def test_supervision_of_a_former_carer_opens_nothing(client, practice):
    former = CareFactory(client=client, ends_on=practice.today() - DAY).clinician
    user = SupervisionFactory(
        supervisor=MembershipFactory(practice=practice, roles="supervisor"), supervisee=former
    ).supervisor.user
    assert not access.can(user, P.SEE_CLINICAL, client)


@pytest.mark.parametrize("change", ["ended", "later", "role", "inactive"])
@pytest.mark.parametrize("relationship", [R.PRIMARY, R.SUPERVISOR, R.EMERGENCY, R.OWNER])
def test_without_a_running_membership_in_the_role_nothing_is_left(client, relationship, change):
    user = MAKERS[relationship](client)
    member = user.memberships.get()
    today = client.practice.today()
    if change == "ended":
        member.ends_on = today - DAY
    elif change == "later":
        member.starts_on = today + DAY
    elif change == "role":
        was_owner = member.is_owner
        member.is_owner, member.is_clinician, member.is_supervisor = not was_owner, was_owner, False
    else:
        user.is_active = False
        user.save()
    member.save()
    user = fresh(user)
    clinical = {P.SEE_CLINICAL, P.WORK, P.SEE_SAFETY, P.SEE_IDENTITY}
    assert not any(access.can(user, permission, client) for permission in clinical)


def test_a_deactivated_client_has_nothing(client):
    user = as_self(client)
    user.is_active = False
    assert not access.can(user, P.ANSWER, client)


def test_a_partner_has_nothing_and_opens_nothing(client, practice):
    partner = ClientFactory(practice=practice)
    couple_of(client, partner)
    assert access.relationships(as_self(partner), client) == []
    carer = CareFactory(client=partner).clinician.user
    assert not any(access.can(carer, permission, client) for permission in P)


def test_memberships_of_two_practices_do_not_mix(client):
    user = as_carer(client, "primary")
    far = MembershipFactory(user=user, roles="owner")
    far_client = ClientFactory(practice=far.practice)
    user = fresh(user)
    assert list(access.clients_for(user, P.SEE_CLINICAL)) == [client]
    assert list(access.clients_for(user, P.SEE_ROSTER)) == [far_client]
    assert (access.basis(user, client), access.basis(user, far_client)) == (R.PRIMARY, R.OWNER)


def test_a_care_row_of_another_practice_opens_nothing(client):
    """Even if such a row came to be, it would be of no use."""
    far = MembershipFactory()
    CareFactory(client=client, clinician=far, role="co")
    assert not access.can(far.user, P.SEE_CLINICAL, client)


def test_all_relationships_strongest_first(client, practice, django_assert_num_queries):
    member = MembershipFactory(practice=practice, roles="owner clinician supervisor")
    CareFactory(client=client, clinician=member, role="cover", ends_on=practice.today())
    SupervisionFactory(supervisor=member, supervisee=CareFactory(client=client).clinician)
    EmergencyFactory(client=client, membership=member)
    user = fresh(member.user)
    with django_assert_num_queries(2):
        found = access.relationships(user, client)
    assert found == [R.COVER, R.SUPERVISOR, R.EMERGENCY, R.OWNER]
    assert access.basis(user, client) == R.COVER


def test_rows_lists_and_checks_agree(client, clinician):
    mine = client_of(clinician)
    event, other = LifeEventFactory(client=mine), LifeEventFactory(client=client)
    user = clinician.user
    assert list(access.scoped(LifeEvent.objects.all(), user, P.SEE_CLINICAL)) == [event]
    assert access.get_row(LifeEvent.objects.all(), user, event.pk, P.SEE_CLINICAL) == event
    with pytest.raises(access.Denied) as denied:
        access.get_row(LifeEvent.objects.all(), user, other.pk, P.SEE_CLINICAL)
    assert (denied.value.subject, denied.value.subject_id) == ("lifeevent", other.pk)
    assert access.get_child(LifeEvent.objects.all(), mine, event.pk) == event
    with pytest.raises(access.Denied):
        access.get_child(LifeEvent.objects.all(), mine, other.pk)
    assert access.get_client(user, mine.pk, P.WORK) == mine
    with pytest.raises(access.Denied):
        access.get_client(user, client.pk, P.WORK)
    assert (access.can(user, P.WORK, event), access.can(user, P.WORK, other)) == (True, False)


def test_one_query_however_many_clients(clinician, django_assert_num_queries):
    for count in (1, 3):
        while Client.objects.count() < count:
            client_of(clinician)
        user = fresh(clinician.user)
        with django_assert_num_queries(2):  # memberships, clients
            assert len(access.clients_for(user, P.WORK)) == count
