"""Proposing an exercise, taking it back, and what discharge does."""

import pytest

from clients.actions.course import discharge
from homework.actions import propose, withdraw_proposal
from homework.models import Proposal
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.clients import SessionFactory, client_of
from tests.factories.homework import publish_library
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def person(clinician):
    return client_of(clinician)


@pytest.fixture
def version():
    return publish_library()["equal-say"]


def test_proposing(clinician, person, version):
    session = SessionFactory(client=person, clinician=clinician)
    row = propose(
        by=clinician.user,
        client=person,
        version=version,
        session=session,
        barriers=["power", "control", "power"],
        words=" Try it. ",
    )
    row.refresh_from_db()
    assert (row.state, row.session, row.episode, row.exercise_id) == (
        "proposed",
        session,
        person.episodes.get(),
        version.exercise_id,
    )
    assert (row.barriers, row.words) == (["power", "control"], "Try it.")
    event = AuditEvent.objects.get(action="proposal.made")
    assert (event.client_id, event.detail) == (person.pk, {"barriers": 2, "words": True})


def test_the_same_twice_is_one(clinician, person, version):
    first = propose(by=clinician.user, client=person, version=version)
    assert propose(by=clinician.user, client=person, version=version, words="again") == first
    assert AuditEvent.objects.filter(action="proposal.made").count() == 1


def test_taking_it_back_is_quiet_and_it_can_come_again(clinician, person, version):
    row = propose(by=clinician.user, client=person, version=version)
    for _twice in range(2):
        withdraw_proposal(by=clinician.user, proposal=row)
    row.refresh_from_db()
    assert (row.state, row.closed_at is not None) == ("withdrawn", True)
    assert AuditEvent.objects.filter(action="proposal.withdrawn").count() == 1
    assert propose(by=clinician.user, client=person, version=version) != row


def test_what_is_refused(clinician, person, version):
    other = client_of(clinician)
    with pytest.raises(Refused) as refused:
        propose(by=clinician.user, client=person, version=version, session=SessionFactory(client=other))
    assert refused.value.field == "session"
    with pytest.raises(Refused) as refused:
        propose(by=clinician.user, client=person, version=version, barriers=["charm"])
    assert refused.value.field == "barriers"
    row = propose(by=clinician.user, client=person, version=version)
    Proposal.objects.update(state="assigned", closed_at=row.proposed_at)
    with pytest.raises(Refused):
        withdraw_proposal(by=clinician.user, proposal=row)


def test_discharge_takes_proposals_back(clinician, person, version):
    other = propose(by=clinician.user, client=client_of(clinician), version=version)
    row = propose(by=clinician.user, client=person, version=version)
    discharge(by=clinician.user, client=person, reason="agreed")
    assert dict(Proposal.objects.values_list("pk", "state")) == {row.pk: "withdrawn", other.pk: "proposed"}
    assert AuditEvent.objects.get(action="client.discharged").detail["proposals_withdrawn"] == 1
    with pytest.raises(Refused):
        propose(by=clinician.user, client=person, version=version)
