"""Asking: what is made, what is refused, and that a refusal writes nothing."""

import datetime as dt

import pytest
from django.utils import timezone

from assessments.actions.assigning import assign, withdraw
from assessments.actions.links import by_pass, enter_link
from assessments.models import Administration, Assignment, AssignmentLink
from assessments.queries.asked import asked_in_portal, open_assignments, weekly_load
from clients.actions.course import discharge
from practice.errors import Refused
from practice.models import AuditEvent, OutboxMessage
from tests.factories.assessments import answered, ask, definitions, publish, version_of
from tests.factories.clients import ClientFactory, SessionFactory, couple_of
from tests.factories.practice import UserFactory

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


@pytest.fixture
def by():
    return UserFactory()


@pytest.fixture
def client():
    return ClientFactory()


def test_asks_several_at_once_in_one_administration(by, client):
    versions = list(publish("barriers", "session-checkin").values())
    made = assign(by=by, clients=[client], versions=versions, due_on=client.practice.today(), at=timezone.now())
    assert {one.version_id for one in made} == {version.pk for version in versions}
    assert Administration.objects.get().asked_by == by
    assert {(one.client_id, one.practice_id, one.state, one.channel) for one in made} == {
        (client.pk, client.practice_id, "open", "portal")
    }
    row = AuditEvent.objects.get(action="assignment.made")
    assert (row.actor_id, row.client_id) == (by.pk, client.pk)
    assert row.detail == {"count": 2, "items": 17, "channel": "portal", "told": False}


def test_a_couple_is_asked_in_one_administration(by, client):
    partner = ClientFactory(practice=client.practice)
    couple = couple_of(client, partner)
    made = assign(by=by, clients=[client, partner], versions=[version_of()])
    assert [one.client_id for one in made] == [client.pk, partner.pk]
    assert Administration.objects.get().couple == couple
    assert set(AuditEvent.objects.values_list("action", "client_id")) >= {
        ("assignment.made", client.pk),
        ("assignment.made", partner.pk),
    }


def test_two_who_are_no_couple_are_refused(by, client):
    couple_of(client, ClientFactory(practice=client.practice))
    other = ClientFactory(practice=client.practice)
    couple_of(other, ClientFactory(practice=client.practice))
    _refused("clients", by, [client, other])
    _refused("clients", by, [client, client])
    _refused("clients", by, [])


def test_what_is_for_the_room_only_is_never_given_otherwise(by, client):
    versions = list(publish("safety-screen", "barriers").values())
    made = assign(by=by, clients=[client], versions=versions, channel="link")
    channels = {one.version.definition.slug: one.channel for one in made}
    assert channels == {"safety-screen": "room", "barriers": "link"}
    assert [link.assignment.version.definition.slug for link in AssignmentLink.objects.all()] == ["barriers"]


def test_an_open_duplicate_is_refused_and_nothing_is_written(by, client):
    ask(client, "barriers")
    versions = list(publish("attunement", "barriers").values())
    with pytest.raises(Refused, match="still open") as refused:
        assign(by=by, clients=[client], versions=versions)
    assert refused.value.field == "versions"
    assert Assignment.objects.count() == 1
    assert Administration.objects.count() == 1


def test_once_sent_or_withdrawn_it_can_be_asked_again(by, client):
    answered(client, "barriers")
    withdraw(by=by, assignment=ask(client, "barriers"))
    assert ask(client, "barriers").state == "open"


def test_a_slow_measure_waits_for_its_interval(by, client):
    answered(client, "attachment-patterns", at=NOON)
    day = NOON + dt.timedelta(days=89)
    with pytest.raises(Refused, match="2026-06-02") as refused:
        ask(client, "attachment-patterns", at=day)
    assert refused.value.field == "versions"
    assert ask(client, "attachment-patterns", at=NOON + dt.timedelta(days=90)).state == "open"


def test_refusals_name_their_field(by, client):
    today = client.practice.today()
    _refused("due_on", by, [client], due_on=today - dt.timedelta(days=1))
    _refused("channel", by, [client], channel="pigeon")
    _refused("session", by, [client], session=SessionFactory())
    _refused("versions", by, [client], versions=[])
    _refused("versions", by, [client], versions=[version_of(), version_of()])
    assert Assignment.objects.count() == 0
    assert AuditEvent.objects.filter(action="assignment.made").count() == 0


def test_a_retired_instrument_is_refused(by, client):
    version = version_of()
    version.instrument.retired_at = timezone.now()
    version.instrument.save()
    _refused("versions", by, [client], versions=[version])


def test_the_last_day_ends_at_midnight_of_the_practice(by, client):
    client.practice.time_zone = "America/New_York"
    client.practice.save()
    noon = dt.datetime(2026, 5, 20, 12, tzinfo=dt.UTC)
    row = ask(client, by=by, expires_on=dt.date(2026, 5, 22), at=noon)
    ends = dt.datetime(2026, 5, 23, 4, tzinfo=dt.UTC)
    assert (row.expires_at, row.last_day) == (ends, dt.date(2026, 5, 22))
    second = dt.timedelta(seconds=1)
    assert [row in open_assignments(client, at) for at in (ends - second, ends)] == [True, False]
    with pytest.raises(Refused):
        ask(client, by=by, at=ends - second)
    assert ask(client, by=by, at=ends).expires_at is None


def test_what_the_portal_shows_costs_one_query_with_last_days_too(by, client, django_assert_num_queries):
    for slug in ("barriers", "attunement", "growth-habits"):
        ask(client, slug, by=by, expires_on=client.practice.today())
    with django_assert_num_queries(1):
        assert [row.last_day for row in asked_in_portal(client)] == [client.practice.today()] * 3


@pytest.mark.parametrize(("due", "last"), [(None, 19), (22, 21)])
def test_the_last_day_is_not_past_nor_before_the_due_day(by, client, due, last):
    with pytest.raises(Refused) as refused:
        ask(
            client,
            by=by,
            due_on=due and dt.date(2026, 5, due),
            expires_on=dt.date(2026, 5, last),
            at=dt.datetime(2026, 5, 20, 12, tzinfo=dt.UTC),
        )
    assert refused.value.field == "expires_on"


def test_a_discharged_client_is_asked_nothing(by, client):
    discharge(by=by, client=client, reason="completed")
    _refused("", by, [client])


def test_withdrawing_ends_links_and_happens_once(by, client):
    assignment = ask(client, channel="link")
    secret = enter_link(link=assignment.links.get())
    withdraw(by=by, assignment=assignment)
    assert by_pass(secret) is None
    assert assignment.links.get().revoked_at is not None
    with pytest.raises(Refused):
        withdraw(by=by, assignment=assignment)
    assert AuditEvent.objects.filter(action="assignment.withdrawn").count() == 1


class TestMail:
    @pytest.fixture
    def told(self, client):
        client.email, client.safe_contact = "robin@example.test", "email"
        client.contact_from, client.contact_to, client.user = 9, 19, UserFactory()
        client.save()
        return client

    def test_one_neutral_message_an_asking(self, by, told):
        made = assign(by=by, clients=[told], versions=list(publish("barriers", "attunement").values()))
        message = OutboxMessage.objects.get()
        assert (message.template, message.practice_id) == ("assignment-ready", told.practice_id)
        assert message.subject_id in {one.pk for one in made}
        assert not message.at_least_once

    def test_it_waits_for_the_clients_hours(self, by, told):
        told.contact_from, told.contact_to = 9, 10
        told.save()
        at = timezone.now().replace(hour=10, minute=30)
        if at > timezone.now() + dt.timedelta(hours=12):
            at -= dt.timedelta(days=1)
        ask(told, at=at)
        message = OutboxMessage.objects.get()
        assert message.not_before.hour == 9
        assert message.not_before > at

    @pytest.mark.parametrize(
        "change", [{"safe_contact": "none"}, {"user": None}], ids=["no messages wanted", "no sign-in yet"]
    )
    def test_nobody_is_told_where_it_is_not_safe_or_of_no_use(self, by, told, change):
        for name, value in change.items():
            setattr(told, name, value)
        told.save()
        ask(told)
        assert OutboxMessage.objects.count() == 0

    def test_a_link_needs_no_sign_in(self, by, told):
        told.user = None
        told.save()
        ask(told, channel="link")
        assert OutboxMessage.objects.count() == 1

    def test_the_room_and_the_past_are_not_announced(self, by, told):
        ask(told, "barriers", channel="room")
        ask(told, "attunement", at=NOON)
        assert OutboxMessage.objects.count() == 0


def test_the_weekly_load_counts_open_recent_and_new(by, client, django_assert_num_queries):
    versions = publish()
    now = timezone.now()
    answered(client, "attunement", at=now - dt.timedelta(days=8))
    answered(client, "growth-habits", at=now - dt.timedelta(days=6))
    ask(client, "barriers", at=now - dt.timedelta(days=30))
    withdraw(by=by, assignment=ask(client, "patterns-between-us"))
    new = [versions["relationship-spectrum"]]
    with django_assert_num_queries(1):
        load = weekly_load(client, new, now)
    assert (load.open_items, load.new_items, load.total, load.much) == (27, 18, 45, True)
    assert weekly_load(client, [], now).much is False


def _refused(field, by, clients, *, versions=None, **kwargs):
    versions = [version_of()] if versions is None else versions
    with pytest.raises(Refused) as refused:
        assign(by=by, clients=clients, versions=versions, **kwargs)
    assert refused.value.field == field


def test_the_definitions_say_what_the_tests_use():
    assert definitions()["attachment-patterns"].min_interval_days == 90
    assert definitions()["safety-screen"].in_room_only
