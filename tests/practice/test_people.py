"""Practices, members and supervision: what actions do, refuse and record."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from practice.actions import people
from practice.errors import Refused
from practice.models import AuditEvent, Membership, Supervision, User
from practice.queries import memberships_of
from tests.factories.practice import (
    LONG_AGO,
    MembershipFactory,
    PracticeFactory,
    SupervisionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)


def written() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("id").values_list("action", "subject"))


def found(**more):
    fields = {"name": "North", "time_zone": "Europe/Vienna", "owner_email": "Ada@Example.test", "owner_name": "Ada"}
    return people.found_practice(**fields | more, at=NOW)


def test_founding_makes_practice_owner_and_one_event() -> None:
    membership = found(password="a long enough password")
    assert (membership.practice.name, membership.roles, membership.starts_on) == ("North", ("owner",), TODAY)
    assert (membership.user.sign_in, membership.user.email) == ("ada@example.test", "ada@example.test")
    assert membership.user.check_password("a long enough password")
    assert written() == [("practice.founded", "membership")]


def test_founding_for_somebody_who_signs_in_already_keeps_their_password() -> None:
    first = found(password="a long enough password")
    second = found(name="South", password="another long password")
    assert first.user == second.user
    assert User.objects.get().check_password("a long enough password")


def test_founding_without_password_cannot_be_signed_in_to() -> None:
    assert not found().user.has_usable_password()


def test_founding_refuses_an_unknown_zone() -> None:
    with pytest.raises(ValidationError):
        found(time_zone="Mars/Olympus")
    assert not Membership.objects.exists()


def test_add_member() -> None:
    owner = MembershipFactory(roles="owner")
    user = UserFactory()
    row = people.add_member(
        by=owner.user, practice=owner.practice, user=user, roles=["clinician", "owner"], starts_on=TODAY, at=NOW
    )
    assert (row.roles, row.starts_on, row.ends_on) == (("owner", "clinician"), TODAY, None)
    with pytest.raises(Refused) as refusal:
        people.add_member(by=owner.user, practice=owner.practice, user=user, roles=["owner"], starts_on=TODAY)
    assert refusal.value.field == "user"
    assert written() == [("member.added", "membership")]


@pytest.mark.parametrize("roles", [[], ["boss"], ["owner", "boss"]])
def test_roles_must_be_known(roles) -> None:
    owner = MembershipFactory(roles="owner")
    with pytest.raises(Refused) as refusal:
        people.change_member(by=owner.user, membership=owner, roles=roles, title="", ends_on=None)
    assert refusal.value.field == "roles"
    assert written() == []


def test_change_member_records_codes_only() -> None:
    owner = MembershipFactory(roles="owner")
    row = MembershipFactory(practice=owner.practice)
    people.change_member(
        by=owner.user, membership=row, roles=["supervisor"], title="Dr. Wise", ends_on=TODAY + DAY, at=NOW
    )
    row.refresh_from_db()
    assert (row.roles, row.title, row.ends_on) == (("supervisor",), "Dr. Wise", TODAY + DAY)
    assert AuditEvent.objects.get().detail == {
        "roles": ["supervisor"],
        "roles_before": ["clinician"],
        "ends_on": "2026-05-05",
        "supervisions_ended": 0,
        "care_ended": 0,
    }


@pytest.mark.parametrize(("roles", "ends_on"), [(["clinician"], None), (["owner"], TODAY + DAY)])
def test_the_last_owner_stays(roles, ends_on) -> None:
    owner = MembershipFactory(roles="owner clinician")
    MembershipFactory(practice=owner.practice, roles="owner", ends_on=TODAY + DAY)  # leaves tomorrow
    MembershipFactory(practice=owner.practice, roles="owner", user__is_active=False)  # cannot sign in
    MembershipFactory(roles="owner")  # of another practice
    with pytest.raises(Refused):
        people.change_member(by=owner.user, membership=owner, roles=roles, title="", ends_on=ends_on, at=NOW)
    owner.refresh_from_db()
    assert (owner.roles, owner.ends_on) == (("owner", "clinician"), None)


def test_an_owner_may_go_when_another_stays() -> None:
    owner = MembershipFactory(roles="owner clinician")
    MembershipFactory(practice=owner.practice, roles="owner")
    people.change_member(by=owner.user, membership=owner, roles=["clinician"], title="", ends_on=None, at=NOW)
    owner.refresh_from_db()
    assert owner.roles == ("clinician",)


def test_an_end_before_the_start_is_refused() -> None:
    owner = MembershipFactory(roles="owner")
    row = MembershipFactory(practice=owner.practice, starts_on=TODAY)
    with pytest.raises(Refused) as refusal:
        people.change_member(by=owner.user, membership=row, roles=["clinician"], title="", ends_on=TODAY - DAY)
    assert refusal.value.field == "ends_on"


def test_supervision_ends_with_membership_and_with_the_role() -> None:
    owner = MembershipFactory(roles="owner")
    supervisor = MembershipFactory(practice=owner.practice, roles="supervisor")
    leaving, changing, staying = (SupervisionFactory(supervisor=supervisor) for _ in range(3))
    people.change_member(
        by=owner.user, membership=leaving.supervisee, roles=["clinician"], title="", ends_on=TODAY + DAY, at=NOW
    )
    people.change_member(
        by=owner.user, membership=changing.supervisee, roles=["supervisor"], title="", ends_on=None, at=NOW
    )
    ends = {row.pk: row.ends_on for row in Supervision.objects.all()}
    assert ends == {leaving.pk: TODAY + DAY, changing.pk: TODAY, staying.pk: None}


def test_start_supervision() -> None:
    supervisor = MembershipFactory(roles="supervisor")
    supervisee = MembershipFactory(practice=supervisor.practice)
    row = people.start_supervision(
        by=supervisor.user, supervisor=supervisor, supervisee=supervisee, starts_on=TODAY, at=NOW
    )
    assert (row.practice, row.starts_on, row.ends_on) == (supervisor.practice, TODAY, None)
    assert written() == [("supervision.started", "supervision")]


def test_supervision_that_does_not_fit_is_refused() -> None:
    both = MembershipFactory(roles="supervisor clinician")
    clinician = MembershipFactory(practice=both.practice)
    stranger = MembershipFactory()
    SupervisionFactory(supervisor=both, supervisee=clinician, ends_on=TODAY)
    for supervisor, supervisee, field in (
        (clinician, both, "supervisor"),
        (both, stranger, "supervisor"),
        (both, both, "supervisee"),
        (both, MembershipFactory(practice=both.practice, roles="owner"), "supervisee"),
        (both, clinician, "supervisee"),
    ):
        with pytest.raises(Refused) as refusal:
            people.start_supervision(
                by=both.user, supervisor=supervisor, supervisee=supervisee, starts_on=TODAY, at=NOW
            )
        assert refusal.value.field == field
    assert written() == []
    people.start_supervision(by=both.user, supervisor=both, supervisee=clinician, starts_on=TODAY + DAY, at=NOW)


def test_end_supervision() -> None:
    row = SupervisionFactory()
    by = row.supervisor.user
    with pytest.raises(Refused):
        people.end_supervision(by=by, supervision=row, ends_on=LONG_AGO - DAY, at=NOW)
    people.end_supervision(by=by, supervision=row, at=NOW)
    with pytest.raises(Refused):
        people.end_supervision(by=by, supervision=row, ends_on=TODAY + DAY, at=NOW)
    row.refresh_from_db()
    assert row.ends_on == TODAY
    assert written() == [("supervision.ended", "supervision")]


@pytest.mark.parametrize(("starts_on", "ends_on"), [(TODAY, TODAY - DAY), (TODAY + DAY, TODAY)])
def test_supervision_of_today_ends_at_once_and_may_begin_again(starts_on, ends_on) -> None:
    row = SupervisionFactory(starts_on=starts_on)
    by = row.supervisor.user
    assert people.end_supervision(by=by, supervision=row, ends_on=ends_on, at=NOW) is None
    assert not Supervision.objects.exists()
    event = AuditEvent.objects.get()
    assert (event.action, event.subject_id, event.practice_id) == ("supervision.taken_back", row.pk, row.practice_id)
    people.start_supervision(by=by, supervisor=row.supervisor, supervisee=row.supervisee, starts_on=TODAY, at=NOW)


def test_memberships_run_by_the_practices_own_date() -> None:
    """At 11:30 UTC on 4 May it is already 5 May on Kiritimati."""
    user = UserFactory()
    ahead = PracticeFactory(time_zone="Pacific/Kiritimati")
    at = dt.datetime(2026, 5, 4, 11, 30, tzinfo=dt.UTC)
    assert (ahead.today(at), PracticeFactory().today(at)) == (dt.date(2026, 5, 5), dt.date(2026, 5, 4))
    MembershipFactory(user=user, practice=ahead, ends_on=LONG_AGO)
    assert memberships_of(user) == []
