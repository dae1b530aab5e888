"""The clinician's ratings: about a session, their own, never pooled with the client's."""

import datetime as dt

import pytest

from assessments.actions.rating import rate
from assessments.models import Response, ResponseRevision, Score, Trajectory
from assessments.queries.responses import rating_of
from clients.barriers import CODES
from practice.errors import Clash, Refused
from practice.models import AuditEvent
from tests.factories.assessments import answered, definitions, version_of
from tests.factories.clients import ClientFactory, SessionFactory
from tests.factories.practice import UserFactory

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def session():
    version_of()
    return SessionFactory(starts_at=NOON)


def test_not_discussed_is_no_value(by, session):
    row = rate(by=by, session=session, ratings={"control": 3, "power": None})
    assert row.answers == {**dict.fromkeys(CODES), "control": 3}
    assert (row.respondent, row.state, row.submitted_by, row.session) == ("clinician", "submitted", by, session)
    scores = {score.scale: score.value for score in Score.objects.filter(response=row)}
    assert scores["barriers.control"] == 3
    assert scores["barriers.power"] is None
    assert {score.at for score in Score.objects.all()} == {NOON}


def test_rating_again_keeps_the_revision_and_scores_anew(by, session):
    rate(by=by, session=session, ratings=dict.fromkeys(CODES, 2))
    row = rate(by=by, session=session, ratings={"control": 4, "power": None})
    assert Response.objects.count() == 1
    kept = ResponseRevision.objects.order_by("number").values_list("number", "answers")
    assert list(kept) == [(1, dict.fromkeys(CODES, 2)), (2, {"control": 4, "power": None})]
    scores = {score.scale: score.value for score in Score.objects.filter(response=row)}
    assert (scores["barriers.control"], scores["barriers.power"], len(scores)) == (4, None, 14)
    series = {one.scale: (one.count, one.latest) for one in Trajectory.objects.all()}
    assert series["barriers.control"] == (1, 4)
    assert "barriers.power" not in series
    assert [event.detail["rated"] for event in AuditEvent.objects.filter(action="session.rated")] == [12, 11]


def test_the_same_ratings_again_write_nothing(by, session):
    rate(by=by, session=session, ratings={"control": 4})
    rate(by=by, session=session, ratings={"control": 4})
    assert ResponseRevision.objects.count() == 1
    assert AuditEvent.objects.filter(action="session.rated").count() == 1


def test_client_and_clinician_are_never_pooled(by, session):
    answered(session.client, answers={"control": 1}, at=NOON - dt.timedelta(days=1))
    rate(by=by, session=session, ratings={"control": 4})
    rows = Trajectory.objects.filter(scale="barriers.control")
    assert {(row.respondent, row.count, row.latest) for row in rows} == {("client", 1, 1), ("clinician", 1, 4)}


@pytest.mark.parametrize(
    ("ratings", "field"),
    [({"control": 5}, "control"), ({"control": "much"}, "control"), ({"charm": 1}, "charm"), ({"focus": 1}, "focus")],
)
def test_bad_ratings_are_refused_at_their_field(by, session, ratings, field):
    with pytest.raises(Refused) as refused:
        rate(by=by, session=session, ratings={"power": 1, **ratings})
    assert refused.value.field == field
    assert Response.objects.count() == 0


@pytest.mark.parametrize("attendance", ["cancelled", "late", "missed"])
def test_what_did_not_take_place_is_not_rated(by, session, attendance):
    session.attendance = attendance
    with pytest.raises(Refused, match="did not take place"):
        rate(by=by, session=session, ratings={"control": 1})


def test_a_later_version_does_not_make_a_second_rating(by, session):
    from assessments.actions.library import publish_instruments
    from assessments.schema import definition_from_json

    first = rate(by=by, session=session, ratings={"control": 1})
    edited = definition_from_json({**definitions()["barriers"].model_dump(mode="json"), "minutes": 6})
    publish_instruments([edited])
    assert rate(by=by, session=session, ratings={"control": 2}).pk == first.pk
    other = SessionFactory(client=session.client, starts_at=NOON + dt.timedelta(days=7))
    assert rate(by=by, session=other, ratings={"control": 2}).version.number == 2


def test_the_rating_of_a_session(by, session):
    other = SessionFactory(client=session.client)
    rate(by=by, session=session, ratings={"control": 1})
    assert (rating_of(session).session_id, rating_of(other)) == (session.pk, None)


def test_without_the_library_it_says_so(by):
    with pytest.raises(Refused, match="not been loaded"):
        rate(by=by, session=SessionFactory(client=ClientFactory()), ratings={"control": 1})


class TestDraft:
    """Until the clinician says that they are done: kept, not scored, not in the trail."""

    def test_a_draft_is_no_rating(self, by, session):
        row = rate(by=by, session=session, ratings={"control": 2}, done=False)
        assert (row.state, row.submitted_at, row.scores.count()) == ("draft", None, 0)
        assert not AuditEvent.objects.filter(action="session.rated").exists()
        row = rate(by=by, session=session, ratings={"power": 1})
        assert (row.state, row.answers["control"], row.answers["power"]) == ("submitted", 2, 1)
        assert row.scores.get(scale="barriers.control").value == 2

    def test_done_without_a_change_ends_the_draft(self, by, session):
        rate(by=by, session=session, ratings={"control": 2}, done=False)
        assert rate(by=by, session=session, ratings={"control": 2}).state == "submitted"

    def test_a_rating_does_not_become_a_draft_again(self, by, session):
        rate(by=by, session=session, ratings={"control": 2})
        row = rate(by=by, session=session, ratings={"control": 3}, done=False)
        assert (row.state, row.scores.get(scale="barriers.control").value) == ("submitted", 3)

    def test_not_over_what_somebody_stored_meanwhile(self, by, session):
        rate(by=by, session=session, ratings={"control": 2}, seen=0)
        with pytest.raises(Clash):
            rate(by=by, session=session, ratings={"control": 4}, seen=0)
        assert rate(by=by, session=session, ratings={"control": 4}, seen=1).answers["control"] == 4

    def test_autosave_writes_one_row_a_sitting(self, by, session):
        for value in (1, 2, 3):
            rate(by=by, session=session, ratings={"control": value}, autosave=True)
        assert AuditEvent.objects.filter(action="session.rated").count() == 1
        assert ResponseRevision.objects.count() == 3
