"""Safety flags and clearance."""

import datetime as dt
import uuid

import pytest

from clients.actions.safety import acknowledge_flag, close_flag, raise_flag, record_screen
from clients.models import SafetyFlag
from clients.queries.safety import clearance, open_flags
from practice.errors import Refused
from practice.models import AuditEvent, OutboxMessage
from tests.factories.clients import CareFactory, SafetyFlagFactory, client_of
from tests.factories.practice import MembershipFactory

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def client(clinician):
    return client_of(clinician)


def test_a_flag_is_raised_once_and_told_to_the_present_team(client, clinician, practice, audited):
    cover = MembershipFactory(practice=practice)
    CareFactory(client=client, clinician=cover, role="cover", ends_on=NOON.date())
    CareFactory(client=client, clinician=MembershipFactory(practice=practice), role="co", ends_on=dt.date(2026, 3, 1))
    response = uuid.uuid4()
    flag = raise_flag(client=client, response_id=response, at=NOON)
    assert raise_flag(client=client, response_id=response, at=NOON) == flag
    assert (flag.state, flag.raised_at, SafetyFlag.objects.count()) == ("open", NOON, 1)
    assert set(OutboxMessage.objects.values_list("template", "subject_id", "at_least_once")) == {
        ("safety-flag", clinician.pk, True),
        ("safety-flag", cover.pk, True),
    }
    assert audited() == ["flag.raised"]
    assert AuditEvent.objects.get().detail == {}


def test_with_no_clinician_left_the_owners_are_told(client, clinician, owner, practice):
    clinician.ends_on = NOON.date() - dt.timedelta(days=1)
    clinician.save()
    MembershipFactory(practice=practice, roles="owner", user__is_active=False)
    MembershipFactory(roles="owner")
    raise_flag(client=client, response_id=uuid.uuid4(), at=NOON)
    assert list(OutboxMessage.objects.values_list("template", "subject_id", "at_least_once")) == [
        ("client-needs-clinician", owner.pk, True)
    ]


def test_acknowledged_then_closed_each_once(client, clinician, audited):
    flag = SafetyFlagFactory(client=client)
    with pytest.raises(Refused):
        close_flag(by=clinician.user, flag=flag, action="Called.", at=NOON)
    with pytest.raises(Refused) as refused:
        acknowledge_flag(by=clinician.user, flag=flag, done="  ", at=NOON)
    assert refused.value.field == "text"
    acknowledge_flag(by=clinician.user, flag=flag, done=" Called. ", at=NOON)
    flag = SafetyFlag.objects.get()
    assert (flag.state, flag.done, flag.acknowledged_by, flag.acknowledged_at) == (
        "acknowledged",
        "Called.",
        clinician.user,
        NOON,
    )
    with pytest.raises(Refused):
        acknowledge_flag(by=MembershipFactory().user, flag=flag, done="Mine.", at=NOON)
    assert list(open_flags(client)) == [flag]
    with pytest.raises(Refused) as refused:
        close_flag(by=clinician.user, flag=flag, action="", at=NOON)
    assert refused.value.field == "text"
    close_flag(by=clinician.user, flag=flag, action="Plan made.", at=NOON)
    flag = SafetyFlag.objects.get()
    assert (flag.state, flag.done, flag.closing_action, flag.closed_by) == (
        "closed",
        "Called.",
        "Plan made.",
        clinician.user,
    )
    with pytest.raises(Refused):
        close_flag(by=clinician.user, flag=flag, action="Again.", at=NOON)
    assert audited() == ["flag.acknowledged", "flag.closed"]
    assert list(open_flags(client)) == []


def test_clearance(client):
    assert (clearance(client).cleared, clearance(client).code) == (False, "unscreened")
    record_screen(client=client, cleared=False, at=NOON)
    client.refresh_from_db()
    assert (client.safety_screened_on, clearance(client).code) == (NOON.date(), "not-cleared")
    record_screen(client=client, cleared=True, at=NOON)
    client.refresh_from_db()
    assert (clearance(client).cleared, str(clearance(client).reason)) == (True, "")
    raise_flag(client=client, response_id=uuid.uuid4(), at=NOON)
    assert clearance(client).code == "flag"
    assert "flag" in str(clearance(client).reason)
