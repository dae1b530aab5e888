"""Care assignments, couples, emergency access: the actions."""

import datetime as dt

import pytest

from clients.actions.care import (
    assign_care,
    end_care,
    end_couple,
    end_emergency,
    link_couple,
    open_emergency,
)
from clients.models import CareAssignment, Couple, EmergencyAccess, Partner
from clients.queries.care import care_team, current_clinicians, partner_of
from practice.actions.people import accept_invitation, change_member, invite
from practice.errors import Refused
from practice.models import AuditEvent, OutboxMessage
from tests.factories.clients import (
    CareFactory,
    ClientFactory,
    EmergencyFactory,
    SafetyFlagFactory,
    client_of,
    couple_of,
    screened,
)
from tests.factories.practice import LONG_AGO, MembershipFactory

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
TODAY = NOON.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def client(clinician):
    return client_of(clinician)


@pytest.fixture
def colleague(practice):
    return MembershipFactory(practice=practice)


def rows(client):
    return list(
        CareAssignment.objects.filter(client=client)
        .order_by("starts_on", "role")
        .values_list("clinician", "role", "starts_on", "ends_on")
    )


def assign(client, clinician, role="co", starts_on=TODAY, ends_on=None, by=None):
    return assign_care(
        by=by or clinician.user,
        client=client,
        clinician=clinician,
        role=role,
        starts_on=starts_on,
        ends_on=ends_on,
        at=NOON,
    )


def test_a_co_therapist_joins(client, clinician, colleague, audited):
    assign(client, colleague, by=clinician.user)
    assert rows(client) == [(clinician.pk, "primary", LONG_AGO, None), (colleague.pk, "co", TODAY, None)]
    assert audited() == ["care.assigned"]
    assert AuditEvent.objects.get().detail == {"role": "co", "clinician": str(colleague.pk)}
    assert current_clinicians(client, NOON) == [clinician, colleague]


def test_handing_over_ends_the_former_on_the_day_before(client, clinician, colleague, audited):
    assign(client, colleague, role="primary")
    assert rows(client) == [(clinician.pk, "primary", LONG_AGO, TODAY - DAY), (colleague.pk, "primary", TODAY, None)]
    assert audited() == ["care.assigned"]
    assert current_clinicians(client, NOON) == [colleague]
    assert current_clinicians(client, NOON - DAY) == [clinician]


def test_handing_over_to_the_co_therapist_ends_co_therapy(client, clinician, colleague):
    CareFactory(client=client, clinician=colleague, role="co")
    assign(client, colleague, role="primary")
    assert sorted(rows(client), key=str) == sorted(
        [
            (clinician.pk, "primary", LONG_AGO, TODAY - DAY),
            (colleague.pk, "co", LONG_AGO, TODAY - DAY),
            (colleague.pk, "primary", TODAY, None),
        ],
        key=str,
    )


@pytest.mark.parametrize(
    ("kwargs", "field"),
    [
        ({"role": "cover"}, "ends_on"),
        ({"role": "co", "ends_on": TODAY - DAY}, "ends_on"),
        ({"role": "primary", "ends_on": TODAY}, "ends_on"),
        ({"role": "primary", "starts_on": LONG_AGO}, "starts_on"),
    ],
)
def test_dates_are_refused_at_their_fields(client, colleague, audited, kwargs, field):
    before = rows(client)
    with pytest.raises(Refused) as refused:
        assign(client, colleague, **kwargs)
    assert refused.value.field == field
    assert (rows(client), audited()) == (before, [])


def test_one_place_at_a_time(client, clinician, colleague):
    assign(client, colleague, role="cover", starts_on=TODAY, ends_on=TODAY + 5 * DAY)
    for role, first, last in (("co", TODAY + 5 * DAY, None), ("cover", TODAY - DAY, TODAY)):
        with pytest.raises(Refused) as refused:
            assign(client, colleague, role=role, starts_on=first, ends_on=last)
        assert refused.value.field == "clinician"
    assign(client, colleague, role="cover", starts_on=TODAY + 6 * DAY, ends_on=TODAY + 7 * DAY)
    with pytest.raises(Refused) as refused:
        assign(client, clinician, role="primary")
    assert refused.value.field == "clinician"


@pytest.mark.parametrize("who", ["far", "supervisor", "left"])
def test_only_a_clinician_of_the_practice(client, practice, who):
    member = {
        "far": lambda: MembershipFactory(),
        "supervisor": lambda: MembershipFactory(practice=practice, roles="supervisor"),
        "left": lambda: MembershipFactory(practice=practice, ends_on=TODAY - DAY),
    }[who]()
    with pytest.raises(Refused) as refused:
        assign(client, member)
    assert refused.value.field == "clinician"


def test_ending_care_keeps_today_and_takes_tomorrow(client, clinician, colleague, audited):
    row = CareFactory(client=client, clinician=colleague, role="co")
    end_care(by=clinician.user, assignment=row, at=NOON)
    assert (colleague.pk, "co", LONG_AGO, TODAY) in rows(client)
    assert audited() == ["care.ended"]
    assert colleague in current_clinicians(client, NOON)
    assert colleague not in current_clinicians(client, NOON + DAY)


def test_primary_care_ends_only_by_handing_over(client, clinician):
    with pytest.raises(Refused):
        end_care(by=clinician.user, assignment=client.careassignments.get(), at=NOON)
    assert rows(client) == [(clinician.pk, "primary", LONG_AGO, None)]


def test_a_planned_hand_over_taken_back_restores_primary_care(client, clinician, colleague, audited):
    before = rows(client)
    row = assign(client, colleague, role="primary", starts_on=TODAY + 5 * DAY)
    assert end_care(by=clinician.user, assignment=row, at=NOON) is None
    assert rows(client) == before
    assert audited() == ["care.assigned", "care.taken_back"]


def test_the_care_team_shows_present_and_coming_only(client, clinician, colleague, practice):
    CareFactory(client=client, clinician=colleague, role="co", ends_on=TODAY - DAY)
    coming = CareFactory(
        client=client,
        clinician=MembershipFactory(practice=practice),
        role="cover",
        starts_on=TODAY + DAY,
        ends_on=TODAY + 2 * DAY,
    )
    assert [row.clinician for row in care_team(client, TODAY)] == [clinician, coming.clinician]


@pytest.mark.parametrize("change", ["left", "inactive", "not_clinician"])
def test_who_left_is_not_a_current_clinician(client, colleague, clinician, change):
    CareFactory(client=client, clinician=colleague, role="co")
    if change == "left":
        colleague.ends_on = TODAY - DAY
    elif change == "inactive":
        colleague.user.is_active = False
        colleague.user.save()
    else:
        colleague.is_clinician, colleague.is_supervisor = False, True
    colleague.save()
    assert current_clinicians(client, NOON) == [clinician]
    assert [row.clinician for row in care_team(client, TODAY)] == [clinician]


def test_a_colleague_who_begins_later_is_in_the_coming_team(client, clinician, practice):
    newcomer = MembershipFactory(practice=practice, starts_on=TODAY + 3 * DAY)
    CareFactory(client=client, clinician=newcomer, role="co", starts_on=TODAY + 3 * DAY)
    leaving = MembershipFactory(practice=practice, ends_on=TODAY + DAY)
    CareFactory(client=client, clinician=leaving, role="co", starts_on=TODAY + 3 * DAY)
    assert [row.clinician for row in care_team(client, TODAY)] == [clinician, newcomer]


def leave(owner, member, ends_on, roles=("clinician",)):
    change_member(by=owner.user, membership=member, roles=roles, title="", ends_on=ends_on, at=NOON)


@pytest.mark.parametrize("last", [TODAY - DAY, TODAY, TODAY + 3 * DAY])
def test_ending_a_membership_ends_its_care_with_it(client, clinician, owner, colleague, audited, last):
    CareFactory(client=client, clinician=colleague, role="co")
    other = client_of(clinician)
    past = CareFactory(client=other, clinician=colleague, role="co", ends_on=LONG_AGO + DAY)
    leave(owner, clinician, last)
    assert (clinician.pk, "primary", LONG_AGO, last) in rows(client)
    assert (colleague.pk, "co", LONG_AGO, None) in rows(client)
    assert rows(other) == [(colleague.pk, "co", LONG_AGO, past.ends_on), (clinician.pk, "primary", LONG_AGO, last)]
    assert audited() == ["member.changed"]
    assert AuditEvent.objects.get().detail["care_ended"] == 2


def test_who_stops_being_a_clinician_cares_until_today(client, clinician, owner):
    leave(owner, clinician, None, roles=["supervisor"])
    assert rows(client) == [(clinician.pk, "primary", LONG_AGO, TODAY)]


def test_a_planned_hand_over_to_who_leaves_before_it_is_taken_back(client, clinician, colleague, owner):
    before = rows(client)
    assign(client, colleague, role="primary", starts_on=TODAY + 5 * DAY)
    leave(owner, colleague, TODAY + DAY)
    assert rows(client) == before


def test_inviting_again_does_not_revive_care(client, clinician, owner, practice):
    """Also care that began after the last day was set."""
    leave(owner, clinician, TODAY - DAY)
    later = client_of(clinician)
    invitation = invite(
        by=owner.user, practice=practice, email=clinician.user.sign_in, name="", roles=["clinician"], at=NOON
    )
    clinician.user.set_password("a long enough password")
    clinician.user.save()
    back = accept_invitation(invitation=invitation, password="a long enough password", at=NOON)
    assert (back.pk, back.ends_on) == (clinician.pk, None)
    assert [current_clinicians(one, NOON) for one in (client, later)] == [[], []]


# --- couples ----------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(clinician):
    return screened(client_of(clinician)), screened(client_of(clinician))


def link(clinician, first, second, starts_on=TODAY):
    return link_couple(by=clinician.user, first=first, second=second, starts_on=starts_on, at=NOON)


def test_linking_a_cleared_pair(clinician, pair, audited):
    couple = link(clinician, *pair)
    assert list(Partner.objects.order_by("seat").values_list("couple", "client", "seat", "ended")) == [
        (couple.pk, pair[0].pk, 1, False),
        (couple.pk, pair[1].pk, 2, False),
    ]
    assert audited() == ["couple.linked"]
    assert partner_of(pair[0]).client == pair[1]
    assert partner_of(pair[1]).client == pair[0]


def refuse_link(clinician, first, second, **kwargs):
    with pytest.raises(Refused) as refused:
        link(clinician, first, second, **kwargs)
    assert not Couple.objects.filter(ends_on=None, starts_on=TODAY).exists()
    return refused.value


@pytest.mark.parametrize("seat", [0, 1])
@pytest.mark.parametrize("state", ["unscreened", "not cleared", "flag", "acknowledged flag"])
def test_no_link_before_both_are_cleared(clinician, pair, seat, state, audited):
    client = pair[seat]
    if state == "unscreened":
        client.safety_screened_on = client.safety_cleared = None
        client.save()
    elif state == "not cleared":
        screened(client, cleared=False)
    else:
        extra = {"state": "acknowledged", "acknowledged_at": NOON, "acknowledged_by": clinician.user}
        SafetyFlagFactory(client=client, **(extra if "ack" in state else {}))
    error = refuse_link(clinician, *pair)
    assert error.field == "partner"
    assert client.short_name in str(error)
    assert audited() == []


def test_a_closed_flag_does_not_block(clinician, pair):
    when = {"acknowledged_at": NOON, "closed_at": NOON}
    SafetyFlagFactory(client=pair[0], state="closed", acknowledged_by=clinician.user, closed_by=clinician.user, **when)
    assert link(clinician, *pair).partners.count() == 2


def test_both_must_be_in_ones_care(clinician, pair, practice):
    mine = pair[0]
    refuse_link(clinician, mine, screened(client_of(MembershipFactory(practice=practice))))
    cover = screened(ClientFactory(practice=practice))
    CareFactory(client=cover, clinician=clinician, role="cover", ends_on=TODAY + DAY)
    refuse_link(clinician, mine, cover)
    ended = screened(ClientFactory(practice=practice))
    CareFactory(client=ended, clinician=clinician, ends_on=TODAY - DAY)
    refuse_link(clinician, mine, ended)
    refuse_link(clinician, mine, screened(client_of(MembershipFactory())))
    refuse_link(clinician, mine, mine)


def test_at_most_one_open_link(clinician, pair):
    couple_of(pair[0], client_of(clinician))
    assert refuse_link(clinician, *pair).field == "partner"


def test_not_in_the_future(clinician, pair):
    assert refuse_link(clinician, *pair, starts_on=TODAY + DAY).field == "starts_on"


def test_ending_the_link(clinician, pair, audited):
    couple = couple_of(*pair)
    end_couple(by=clinician.user, couple=couple, at=NOON)
    couple.refresh_from_db()
    assert (couple.ends_on, [row.ended for row in couple.partners.all()]) == (TODAY, [True, True])
    assert audited() == ["couple.ended"]
    assert partner_of(pair[0]) is None
    with pytest.raises(Refused):
        end_couple(by=clinician.user, couple=couple, at=NOON)
    assert link(clinician, *pair).pk != couple.pk


def test_a_stranger_does_not_end_the_link(clinician, pair, practice):
    couple = couple_of(*pair)
    with pytest.raises(Refused):
        end_couple(by=MembershipFactory(practice=practice).user, couple=couple, at=NOON)
    couple.refresh_from_db()
    assert couple.ends_on is None


# --- emergency --------------------------------------------------------------------------------------------------


def test_emergency_is_reasoned_ends_and_tells_the_team(client, clinician, owner, colleague, audited):
    CareFactory(client=client, clinician=colleague, role="co")
    row = open_emergency(by=owner.user, membership=owner, client=client, reason=" ill ", hours=4, at=NOON)
    row = EmergencyAccess.objects.get(pk=row.pk)
    assert (row.reason, row.ends_at - row.starts_at) == ("ill", dt.timedelta(hours=4))
    assert set(OutboxMessage.objects.values_list("template", "subject_id", "at_least_once")) == {
        ("emergency-opened", clinician.pk, True),
        ("emergency-opened", colleague.pk, True),
    }
    assert audited() == ["emergency.opened"]
    assert AuditEvent.objects.get().detail == {"hours": 4}
    end_emergency(by=owner.user, emergency=row, at=NOON)
    assert audited() == ["emergency.ended"]


def test_two_at_once_end_emergency_access_once(client, owner, audited):
    row = EmergencyFactory(client=client, membership=owner, starts_at=NOON)
    first, second = EmergencyAccess.objects.get(pk=row.pk), EmergencyAccess.objects.get(pk=row.pk)
    end_emergency(by=owner.user, emergency=first, at=NOON + DAY)
    assert end_emergency(by=owner.user, emergency=second, at=NOON + 2 * DAY).revoked_at == NOON + DAY
    assert audited() == ["emergency.ended"]


@pytest.mark.parametrize(("reason", "hours", "field"), [(" ", 4, "reason"), ("ill", 0, "hours"), ("ill", 25, "hours")])
def test_emergency_needs_reason_and_bounds(client, owner, reason, hours, field):
    with pytest.raises(Refused) as refused:
        open_emergency(by=owner.user, membership=owner, client=client, reason=reason, hours=hours, at=NOON)
    assert (refused.value.field, EmergencyAccess.objects.count(), OutboxMessage.objects.count()) == (field, 0, 0)


def test_emergency_is_for_owners_of_the_practice_themselves(client, clinician, owner):
    far = MembershipFactory(roles="owner")
    for by, membership in ((clinician, clinician), (far, far), (clinician, owner)):
        with pytest.raises(Refused):
            open_emergency(by=by.user, membership=membership, client=client, reason="ill", hours=4, at=NOON)
    assert not EmergencyAccess.objects.exists()
