"""Asking several clients at once: all of it or nothing, what cannot be asked left out by choice only."""

import datetime as dt

import pytest
from django.utils import timezone

from assessments.actions import several
from assessments.actions.several import assign_several
from assessments.models import Administration, Assignment
from assessments.queries.several import standings
from clients.actions.common import RowProblems
from clients.actions.course import discharge
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.assessments import answered, ask, publish, version_of
from tests.factories.clients import ClientFactory, couple_of
from tests.factories.practice import PracticeFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def people():
    practice = PracticeFactory()
    return [ClientFactory(practice=practice, first_name=name, last_name="Same") for name in ("Ada", "Bo", "Cy")]


def asked(client):
    return sorted(client.assignments.filter(state="open").values_list("version__instrument__slug", flat=True))


def test_everybody_is_asked_the_same_with_one_row_each(by, people):
    versions = list(publish("attunement", "growth-habits").values())
    due = people[0].practice.today() + 3 * DAY
    done = assign_several(by=by, clients=people, versions=versions, due_on=due, expires_on=due + DAY)
    assert (done.clients, len(done.made), done.left_out) == (3, 6, [])
    assert [asked(client) for client in people] == [["attunement", "growth-habits"]] * 3
    assert set(Assignment.objects.values_list("due_on", flat=True)) == {due}
    assert {row.last_day for row in Assignment.objects.all()} == {due + DAY}
    rows = AuditEvent.objects.filter(action="assignment.made")
    assert sorted(row.client_id for row in rows) == sorted(client.pk for client in people)
    assert Administration.objects.count() == 3


def test_a_problem_refuses_the_whole_and_names_whose_it_is(by, people):
    ask(people[1], "attunement")
    with pytest.raises(RowProblems) as refused:
        assign_several(by=by, clients=people, versions=[version_of("attunement"), version_of("growth-habits")])
    assert refused.value.rows == {people[1].pk: "“Attunement” is still open"}
    assert [asked(client) for client in people] == [[], ["attunement"], []]


def test_what_cannot_be_asked_is_left_out_and_the_rest_is_asked(by, people):
    ask(people[1], "attunement")
    discharge(by=by, client=people[2], reason="agreed")
    done = assign_several(
        by=by,
        clients=people,
        versions=[version_of("attunement"), version_of("growth-habits")],
        leave_out={people[1].pk, people[2].pk},
    )
    assert [asked(client) for client in people] == [["attunement", "growth-habits"]] * 2 + [[]]
    assert (done.clients, {client.pk for client in done.left_out}) == (2, {people[1].pk, people[2].pk})


def test_leaving_somebody_out_who_has_no_problem_changes_nothing_for_them(by, people):
    assign_several(by=by, clients=people, versions=[version_of("attunement")], leave_out={people[0].pk})
    assert [asked(client) for client in people] == [["attunement"]] * 3


def test_nothing_left_is_refused(by, people):
    discharge(by=by, client=people[0], reason="agreed")
    with pytest.raises(Refused, match="Nothing is left"):
        assign_several(by=by, clients=people[:1], versions=[version_of("attunement")], leave_out={people[0].pk})


def test_the_least_interval_is_a_problem_until_its_day(by, people):
    now = timezone.now()
    answered(people[0], "attachment-patterns", {}, at=now - 10 * DAY)
    version = version_of("attachment-patterns")
    day = people[0].practice.today(now - 10 * DAY) + version.definition.min_interval_days * DAY
    with pytest.raises(RowProblems) as refused:
        assign_several(by=by, clients=people, versions=[version])
    assert refused.value.rows == {
        people[0].pk: f"“{version.instrument.title}” can be asked again from {day.day} {day:%b %Y}"
    }
    (standing,) = standings(people[:1], [version], now + version.definition.min_interval_days * DAY)
    assert standing.problems([version]) == []


def test_partners_who_are_asked_the_same_share_one_administration(by, people):
    couple = couple_of(people[0], people[1])
    assign_several(by=by, clients=people, versions=[version_of("attunement")])
    assert sorted((row.couple_id == couple.pk, row.assignments.count()) for row in Administration.objects.all()) == [
        (False, 1),
        (True, 2),
    ]


def test_partners_of_whom_not_the_same_can_be_asked_are_asked_apart(by, people):
    couple_of(people[0], people[1])
    ask(people[0], "attunement")
    versions = [version_of("attunement"), version_of("growth-habits")]
    assign_several(by=by, clients=people[:2], versions=versions, leave_out={people[0].pk})
    assert [asked(client) for client in people[:2]] == [["attunement", "growth-habits"]] * 2
    assert list(Administration.objects.exclude(couple=None)) == []


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("clients", {"clients": []}),
        ("versions", {"versions": []}),
        ("channel", {"channel": "post"}),
        ("due_on", {"due_on": dt.date(2020, 1, 1)}),
        ("expires_on", {"expires_on": dt.date(2020, 1, 1)}),
    ],
)
def test_refused_at_the_field_and_nothing_written(by, people, field, change):
    given = {"clients": people, "versions": [version_of("attunement")]} | change
    with pytest.raises(Refused) as refused:
        assign_several(by=by, **given)
    assert refused.value.field == field
    assert Assignment.objects.count() == 0


def test_a_limit(by, people, monkeypatch):
    monkeypatch.setattr(several, "MOST", 2)
    with pytest.raises(Refused, match="At most 2 clients"):
        assign_several(by=by, clients=people, versions=[version_of("attunement")])


def test_a_retired_measure_is_refused(by, people):
    version = version_of("attunement")
    version.instrument.retired_at = timezone.now()
    version.instrument.save()
    version.refresh_from_db()
    with pytest.raises(Refused, match="no longer used"):
        assign_several(by=by, clients=people, versions=[version])


def test_the_weeks_load_of_each_in_a_fixed_number_of_queries(people, django_assert_num_queries):
    ask(people[0], "barriers")
    versions = [version_of("growth-habits"), version_of("barriers"), version_of("attachment-patterns")]
    with django_assert_num_queries(4):
        one = standings(people[:1], versions)
    with django_assert_num_queries(4):
        three = standings(people, versions)
    assert one[0] == three[0]
    loads = [standing.load(versions) for standing in three]
    assert [(load.open_items, load.new_items, load.much) for load in loads] == [
        (12, 27, False),
        (0, 39, False),
        (0, 39, False),
    ]


def test_what_nobody_can_answer_any_more_is_no_problem(by, people):
    today = people[0].practice.today()
    ask(people[0], "attunement", at=timezone.now() - 5 * DAY, expires_on=today - 2 * DAY)
    done = assign_several(by=by, clients=people[:1], versions=[version_of("attunement")])
    assert len(done.made) == 1
