"""Two clinicians at the same moment: one is first, the other is told; nothing is done twice."""

import datetime as dt

import pytest

from assessments.actions.corrections import correct, withdraw_response
from assessments.actions.merging import merge
from assessments.actions.moving import move
from assessments.actions.trajectories import rebuild
from assessments.models import Correction, Response, Score
from clients.models import Client
from practice import audit
from practice.errors import Clash, Refused
from tests.assessments.threads import at_once
from tests.factories.assessments import answered
from tests.factories.clients import client_of
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.usefixtures("real_transactions")
START = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)


@pytest.fixture
def real_transactions(transactional_db):
    """Transactions that commit. The audit trail's triggers make way for the flush afterwards."""
    yield
    audit.drop_triggers()


def kinds_of(results):
    return sorted(type(one).__name__ for one in results)


def test_of_corrections_at_once_one_stands():
    clinician = MembershipFactory()
    row = answered(client_of(clinician), answers={"control": 4}, at=START)
    seen = row.revision

    def work(number):
        stored = Response.objects.get(pk=row.pk)
        return correct(by=clinician.user, response=stored, answers={"control": number}, reason="r", seen=seen)

    results = at_once(4, work)
    assert kinds_of(results) == ["Clash", "Clash", "Clash", "Corrected"]
    assert all(isinstance(one, Clash) for one in results if isinstance(one, Exception))
    assert Correction.objects.count() == 1
    assert rebuild(check=True) == []


def test_moved_and_withdrawn_at_once_only_one_happens():
    clinician = MembershipFactory()
    one, other = client_of(clinician), client_of(clinician)
    row = answered(one, answers={"control": 4}, at=START)

    def work(number):
        stored = Response.objects.select_related("client").get(pk=row.pk)
        if number % 2:
            return move(by=clinician.user, response=stored, to=Client.objects.get(pk=other.pk), reason="r")
        return withdraw_response(by=clinician.user, response=stored, reason="r")

    results = at_once(4, work)
    done = [one for one in results if not isinstance(one, Exception)]
    assert all(isinstance(one, Refused) for one in results if isinstance(one, Exception)), results
    kinds = sorted(Correction.objects.values_list("kind", flat=True))
    assert kinds in (["withdrawn"], ["away", "here"], ["away", "here", "withdrawn"])
    assert len(done) == (2 if len(kinds) == 3 else 1)
    assert rebuild(check=True) == []


def test_two_records_are_joined_once_whichever_way():
    clinician = MembershipFactory()
    one, other = client_of(clinician), client_of(clinician)
    answered(one, answers={"control": 4}, at=START)
    answered(other, answers={"control": 2}, at=START + dt.timedelta(days=7))

    def work(number):
        pair = [Client.objects.get(pk=client.pk) for client in (one, other)]
        keep, gone = reversed(pair) if number % 2 else pair
        return merge(by=clinician.user, keep=keep, gone=gone, reason="r")

    results = at_once(4, work)
    assert kinds_of(results) == ["Joined", "Refused", "Refused", "Refused"], results
    assert Client.objects.filter(status="merged").count() == 1
    assert Score.objects.values("client").distinct().count() == 1
    assert rebuild(check=True) == []
