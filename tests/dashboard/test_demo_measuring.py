"""The demo's spectrum: everybody in care twice, couples at once, one partner of later couples silent at last."""

import datetime as dt
from random import Random

import pytest

from assessments.models import Administration, Response
from dashboard.demo.measuring import measure
from tests.factories.assessments import answered, publish
from tests.factories.clients import client_of, couple_of
from tests.factories.practice import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 5, 20, 12, 0, tzinfo=dt.UTC)


def counts(*people):
    return [Response.objects.filter(client=person, state="submitted").count() for person in people]


def test_who_is_asked_and_who_answers():
    clinician = MembershipFactory()
    versions = publish("relationship-spectrum", "secure-agreements")
    people = [client_of(clinician, user=UserFactory(), code=f"C-{n}") for n in range(9)]
    for first, second in ((0, 1), (2, 3), (4, 5)):
        couple_of(people[first], people[second])
    answered(people[8], "relationship-spectrum", at=NOW - dt.timedelta(weeks=30))
    people[7].episodes.update(starts_on=dt.date(2026, 5, 1))
    measure(Random(1), [clinician], versions, NOW)
    assert counts(*people) == [4, 4, 4, 4, 4, 2, 2, 0, 1]
    assert Administration.objects.exclude(couple=None).count() == 6
