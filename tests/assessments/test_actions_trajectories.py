"""Trajectories: always equal to a recount, whatever the order in which data arrive."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.actions.answering import save, start, submit
from assessments.actions.assigning import assign
from assessments.actions.library import publish_instruments
from assessments.actions.rating import rate
from assessments.actions.trajectories import KEPT_POINTS, rebuild, recount
from assessments.models import Score, Trajectory
from practice.models import AuditEvent
from tests.factories.assessments import answered, version_of
from tests.factories.clients import ClientFactory, SessionFactory, now_about
from tests.factories.practice import UserFactory

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)


def _send(client, *values, first=START):
    """One submission a week."""
    for week, value in enumerate(values):
        answered(client, answers={"control": value}, at=first + dt.timedelta(weeks=week))


def _control(client):
    return Trajectory.objects.get(client=client, scale="barriers.control", respondent="client")


def points_of(row):
    """The kept points as (days since baseline, value)."""
    return [(int(days), float(value)) for days, value in (point.split(":") for point in row.points.split(" "))]


def test_a_series_in_order():
    client = ClientFactory()
    _send(client, 4, 2, 1)
    row = _control(client)
    assert (row.count, row.baseline, row.previous, row.latest, row.total, row.squares) == (3, 4, 2, 1, 7, 21)
    assert row.points == "0:4 7:2 14:1"
    assert (row.baseline_at, row.previous_at, row.latest_at) == tuple(
        START + dt.timedelta(weeks=week) for week in range(3)
    )
    assert points_of(row) == [(0, 4.0), (7, 2.0), (14, 1.0)]


def test_data_that_arrive_out_of_order_move_the_baseline():
    client = ClientFactory()
    _send(client, 2, 1)
    _send(client, 4, first=START - dt.timedelta(weeks=2))
    row = _control(client)
    assert (row.count, row.baseline, row.previous, row.latest, row.points) == (3, 4, 2, 1, "0:4 14:2 21:1")
    assert rebuild(check=True) == []


def _on(client, version, value, at):
    """A submission on exactly this version."""
    asked = assign(by=UserFactory(), clients=[client], versions=[version], at=at)[0]
    response = start(assignment=asked, at=at)
    save(response=response, answers={"control": value}, key="k", at=at)
    submit(response=response, at=at)


def test_the_versions_of_the_baseline_and_the_latest_value():
    client, first = ClientFactory(), version_of()
    publish_instruments([first.definition.model_copy(update={"minutes": first.definition.minutes + 1})])
    second = first.instrument.versions.get(number=2)

    def versions():
        row = _control(client)
        return row.baseline_version, row.latest_version

    _on(client, first, 3, START)
    assert versions() == (first.pk, first.pk)
    _on(client, second, 2, START + dt.timedelta(weeks=1))
    assert versions() == (first.pk, second.pk)
    _on(client, second, 4, START - dt.timedelta(weeks=1))
    assert versions() == (second.pk, second.pk)
    _on(client, first, None, START + dt.timedelta(weeks=2))
    assert versions() == (second.pk, second.pk)
    assert rebuild(check=True) == []
    Trajectory.objects.update(latest_version=first.pk)
    assert {one.fields for one in rebuild(check=True)} == {("latest_version",)}
    recount([client.pk])
    assert rebuild(check=True) == []


def test_the_migration_fills_the_rows_that_were_there():
    client = ClientFactory(relationship="partner since 2019")
    _send(client, 4, None, 1)
    rate(by=UserFactory(), session=SessionFactory(client=client), ratings={"control": 2})
    Trajectory.objects.update(baseline_version=None, latest_version=None)
    assert rebuild(check=True)
    import_module("assessments.migrations.0006_trajectory_versions").fill(apps, None)
    assert rebuild(check=True) == []


def test_an_unanswered_item_adds_no_point():
    client = ClientFactory()
    _send(client, 4, None, 1)
    assert _control(client).points == "0:4 14:1"
    assert Score.objects.filter(scale="barriers.control").count() == 3


def test_only_the_last_points_are_kept():
    client = ClientFactory()
    _send(client, *[week % 5 for week in range(KEPT_POINTS + 2)])
    row = _control(client)
    assert (row.count, len(points_of(row)), points_of(row)[0]) == (32, 30, (14, 2.0))
    assert rebuild(check=True) == []


def test_a_new_relationship_is_a_baseline_of_its_own():
    client = ClientFactory(relationship="partner since 2019")
    _send(client, 4)
    first = client.relationship_id
    now_about(client, "partner since 2026")
    _send(client, 1, first=START + dt.timedelta(weeks=1))
    rows = Trajectory.objects.filter(scale="barriers.control").values_list("relationship", "count", "baseline")
    assert set(rows) == {(first, 1, 4), (client.relationship_id, 1, 1)}


def test_a_rebuild_finds_and_restores_each_kind_of_difference():
    client = ClientFactory()
    _send(client, 4, 2)
    answered(client, "attunement", at=START)
    changed = _control(client)
    changed.latest, changed.total = 3, 9
    changed.save()
    extra = _control(client)
    extra.pk, extra.scale = None, "barriers.power"
    extra.save()
    answered(client, answers={"norms": 2}, at=START + dt.timedelta(weeks=9))
    Trajectory.objects.filter(scale="barriers.norms").delete()
    found = {(one.kind, one.key.scale, one.fields) for one in rebuild(check=True)}
    assert found == {
        ("different", "barriers.control", ("latest", "total")),
        ("extra", "barriers.power", ()),
        ("missing", "barriers.norms", ()),
    }
    assert len(rebuild(check=True)) == 3
    assert len(rebuild()) == 3
    assert rebuild(check=True) == []
    assert [row.detail for row in AuditEvent.objects.filter(action="trajectories.rebuilt")] == [{"rows": 3}]


def test_a_rebuild_of_one_practice_leaves_the_others():
    one, other = ClientFactory(), ClientFactory()
    _send(one, 4)
    _send(other, 4)
    Trajectory.objects.update(latest=0)
    assert {difference.client for difference in rebuild(one.practice)} == {one.pk}
    assert {difference.client for difference in rebuild(check=True)} == {other.pk}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.booleans(), st.integers(0, 12), st.sampled_from([None, 0, 1, 2, 3, 4])), min_size=1, max_size=10
    )
)
def test_any_order_of_arrival_equals_a_recount(steps):
    """Submissions and ratings (again and again of the same sessions), in any order in time."""
    version_of()
    client, by = ClientFactory(), UserFactory()
    sessions = {}
    for is_rating, week, value in steps:
        at = START + dt.timedelta(weeks=week)
        if not is_rating:
            answered(client, answers={"control": value, "power": 1}, at=at)
            continue
        if week not in sessions:
            sessions[week] = SessionFactory(client=client, starts_at=at)
        rate(by=by, session=sessions[week], ratings={"control": value}, at=at)
    assert rebuild(client.practice, check=True) == []


def test_updating_is_a_fixed_number_of_statements(django_assert_max_num_queries):
    client = ClientFactory()
    _send(client, 4)
    from assessments.actions.answering import submit
    from tests.factories.assessments import draft

    few = draft(client, answers={"control": 2})
    with django_assert_max_num_queries(22):
        submit(response=few)
    many = draft(client, answers=dict.fromkeys(["control", "power", "norms", "past", "culture"], 3))
    with django_assert_max_num_queries(22):
        submit(response=many)
