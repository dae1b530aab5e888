"""Many at once, in threads, against the database that commits."""

import pytest

from assessments.actions.answering import Receipt, Saved, save, submit
from assessments.actions.assigning import assign
from assessments.actions.links import enter_link
from assessments.models import Assignment, Response, ResponseRevision, Score, Trajectory
from clients.models import SafetyFlag
from practice import audit
from practice.errors import Refused
from practice.models import AuditEvent
from tests.assessments.threads import at_once
from tests.factories.assessments import ask, draft, version_of
from tests.factories.clients import ClientFactory
from tests.factories.practice import UserFactory

pytestmark = pytest.mark.usefixtures("real_transactions")


@pytest.fixture
def real_transactions(transactional_db):
    """Transactions that commit. The audit trail's triggers make way for the flush afterwards."""
    yield
    audit.drop_triggers()


def test_fifty_submits_are_one_submission():
    response = draft(ClientFactory(), "safety-screen", {"afraid.now": 1}, channel="room")
    results = at_once(50, lambda _number: submit(response=Response.objects.get(pk=response.pk)))
    assert {type(result) for result in results} == {Receipt}
    assert sum(not result.again for result in results) == 1
    assert len({(result.code, result.at) for result in results}) == 1
    assert AuditEvent.objects.filter(action="answers.submitted").count() == 1
    assert SafetyFlag.objects.count() == 1


def test_parallel_submits_score_once():
    response = draft(ClientFactory(), answers={"control": 3})
    at_once(8, lambda _number: submit(response=Response.objects.get(pk=response.pk)))
    assert Score.objects.count() == 14
    assert Trajectory.objects.get().count == 1


def test_saves_at_once_all_arrive():
    response = draft(ClientFactory())
    codes = ["control", "power", "norms", "past", "culture", "communication"]
    results = at_once(6, lambda number: save(response=response, answers={codes[number]: number % 5}, key=f"k{number}"))
    assert {type(result) for result in results} == {Saved}
    assert sorted(result.revision for result in results) == [1, 2, 3, 4, 5, 6]
    row = Response.objects.get(pk=response.pk)
    assert row.answers == {code: number % 5 for number, code in enumerate(codes)}


def test_one_change_sent_many_times_at_once_is_one_revision():
    response = draft(ClientFactory())
    results = at_once(8, lambda _number: save(response=response, answers={"control": 3}, key="same"))
    assert set(results_of(results)) == {1}
    assert ResponseRevision.objects.count() == 1


def test_saving_and_submitting_at_once_keeps_what_was_saved():
    response = draft(ClientFactory())
    results = at_once(
        8,
        lambda number: (
            submit(response=Response.objects.get(pk=response.pk))
            if number == 4
            else save(response=response, answers={"control": 1}, key=f"k{number}")
        ),
    )
    row = Response.objects.get(pk=response.pk)
    saved = [result for result in results if isinstance(result, Saved)]
    assert row.revision == len(saved)
    assert row.answers["control"] == (1 if saved else None)
    assert Score.objects.get(scale="barriers.control").value == row.answers["control"]


def test_a_link_is_entered_by_one():
    link = ask(ClientFactory(), channel="link").links.get()
    results = at_once(8, lambda _number: enter_link(link=type(link).objects.get(pk=link.pk)))
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, Refused) for result in results) == 7


def test_assigning_the_same_twice_at_once_is_refused_once():
    client, by, version = ClientFactory(), UserFactory(), version_of()
    results = at_once(4, lambda _number: assign(by=by, clients=[client], versions=[version]))
    assert sum(isinstance(result, list) for result in results) == 1
    assert sum(isinstance(result, Refused) for result in results) == 3
    assert Assignment.objects.count() == 1


def results_of(results):
    return [getattr(result, "revision", result) for result in results]
