"""A prepared query gives what the queryset would give, for every value and every length of a list."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import CareAssignment, TherapySession
from practice.prepared import LEAST, Prepared
from tests.factories.clients import SessionFactory, client_of
from tests.factories.practice import MembershipFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def sessions(practice, clients, at, until):
    return (
        TherapySession.objects.filter(
            Q(starts_at__lte=at) | Q(starts_at__gt=until), practice=practice, client__in=clients
        )
        .order_by("starts_at")
        .values_list("id", "client_id", "starts_at", "attendance", "episode__starts_on")
    )


@pytest.fixture
def people():
    clinician = MembershipFactory()
    found = [client_of(clinician) for _ in range(3)]
    for client in found:
        SessionFactory.create_batch(2, client=client, clinician=clinician)
    return found


def test_the_rows_of_the_queryset_whatever_the_values(people):
    asked, now = Prepared(sessions), timezone.now()
    for clients in (people[:1], people, people[1:]):
        for at in (now, now - 500 * DAY, now - 2 * DAY):
            values = {
                "practice": people[0].practice_id,
                "clients": [client.pk for client in clients],
                "at": at,
                "until": now + DAY,
            }
            assert asked.rows(**values) == list(sessions(**values))
    assert asked.rows(practice=uuid.uuid4(), clients=[people[0].pk], at=now, until=now) == []


def test_dates_and_long_lists(people):
    def care(clients, today):
        return (
            CareAssignment.objects.current(today)
            .filter(client__in=clients)
            .order_by("id")
            .values_list("id", "starts_on")
        )

    asked, ids = Prepared(care), [client.pk for client in people]
    for today in (dt.date(2000, 1, 1), people[0].practice.today()):
        for clients in (ids, [*(uuid.uuid4() for _ in range(LEAST)), *ids]):
            assert asked.rows(clients=clients, today=today) == list(care(clients, today))


def test_it_is_one_query_and_built_once_for_a_length(people):
    built = []

    def build(clients):
        built.append(len(clients))
        return TherapySession.objects.filter(client__in=clients).values_list("id")

    asked = Prepared(build)
    with CaptureQueriesContext(connection) as captured:
        for length in (1, 2, 3, LEAST + 1):
            asked.rows(clients=([client.pk for client in people] * LEAST)[:length])
    assert len(captured) == 4
    assert built == [LEAST, 2 * LEAST]
