"""A session entered by mistake: what says so, and what came out of it is taken back."""

import datetime as dt

import pytest

from assessments.actions.mistaken import is_mistaken, mistaken_session
from assessments.actions.rating import rate
from clients.models import SupervisionItem
from homework.actions import propose
from homework.models import Proposal
from practice.models import AuditEvent
from tests.factories.assessments import version_of
from tests.factories.clients import SessionFactory, SupervisionItemFactory, client_of
from tests.factories.homework import publish_library
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def clinician():
    return MembershipFactory()


@pytest.fixture
def by(clinician):
    return clinician.user


@pytest.fixture
def one(clinician):
    return client_of(clinician)


def test_a_session_that_was_cancelled_can_be_a_mistake_too(one, by):
    session = SessionFactory(client=one, starts_at=START, note="", attendance="cancelled")
    other = SessionFactory(client=one, starts_at=START + DAY, note="", attendance="cancelled")
    assert not is_mistaken(session)
    mistaken_session(by=by, session=session, reason="Twice.")
    assert (is_mistaken(session), is_mistaken(other)) == (True, False)
    session.note = "Written since."
    assert not is_mistaken(session)


def test_what_came_out_of_a_mistaken_session_is_taken_back(one, by):
    version_of()
    session, kept = (SessionFactory(client=one, starts_at=START + days * DAY) for days in range(2))
    rating = rate(by=by, session=session, ratings={"control": 2})
    versions = list(publish_library().values())[:3]
    given = {"by": by, "client": one}
    wrong = propose(**given, version=versions[0], session=session)
    right = [propose(**given, version=versions[1], session=kept), propose(**given, version=versions[2])]
    subjects = {"session": session.pk, "response": rating.pk, "exercise": wrong.pk}
    for kind, pk in subjects.items():
        SupervisionItemFactory(client=one, kind=kind, subject_id=pk)
    talked = SupervisionItemFactory(
        client=one, kind="session", subject_id=session.pk, state="discussed", closed_at=START
    )
    stays = [
        SupervisionItemFactory(client=one),
        SupervisionItemFactory(client=one, kind="session", subject_id=kept.pk),
        SupervisionItemFactory(client=one, kind="exercise", subject_id=right[0].pk),
    ]
    at = START + 9 * DAY
    mistaken_session(by=by, session=session, reason="The wrong client.", at=at)
    wrong.refresh_from_db()
    assert (wrong.state, wrong.closed_at) == ("withdrawn", at)
    assert set(Proposal.objects.filter(state="proposed")) == set(right)
    assert set(SupervisionItem.objects.filter(state="waiting")) == set(stays)
    back = SupervisionItem.objects.filter(state="back")
    assert {row.kind: (row.subject_id, row.closed_at, row.closed_by) for row in back} == {
        kind: (pk, at, by) for kind, pk in subjects.items()
    }
    assert SupervisionItem.objects.get(state="discussed") == talked
    events = AuditEvent.objects.filter(action__in=("proposal.withdrawn", "supervision_item.taken_back"), at=at)
    assert sorted(events.values_list("action", flat=True)) == [
        "proposal.withdrawn",
        *["supervision_item.taken_back"] * 3,
    ]
