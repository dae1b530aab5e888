"""Episodes, focus, life events, sessions, safety: the actions."""

import datetime as dt

import pytest

from clients.actions.course import (
    add_life_event,
    decide_focus,
    discharge,
    propose_focus,
    restore_life_event,
    start_episode,
    withdraw_life_event,
)
from clients.models import FocusBarrier, LifeEvent
from clients.queries import course
from practice.errors import Refused
from practice.models import AuditEvent
from tests.factories.clients import FocusFactory, LifeEventFactory, SafetyFlagFactory, SessionFactory, client_of
from tests.factories.practice import LONG_AGO

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
TODAY = NOON.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def client(clinician):
    return client_of(clinician)


def states(client):
    return sorted(FocusBarrier.objects.filter(client=client).values_list("barrier", "state", "slot"), key=str)


# --- episodes ---------------------------------------------------------------------------------------------------


def test_discharge_ends_episode_and_focus_and_keeps_the_care_team(client, clinician, audited):
    FocusFactory(client=client, state="active", slot=1, starts_on=LONG_AGO)
    FocusFactory(client=client, barrier="past")
    episode = discharge(by=clinician.user, client=client, reason="agreed", closing_note=" Well. ", at=NOON)
    client.refresh_from_db()
    episode.refresh_from_db()
    assert client.status == "discharged"
    assert (episode.ends_on, episode.reason, episode.closing_note) == (TODAY, "agreed", "Well.")
    assert states(client) == [("communication", "ended", None), ("past", "declined", None)]
    assert client.careassignments.get().ends_on is None
    assert audited() == ["client.discharged"]
    assert AuditEvent.objects.get().detail == {
        "reason": "agreed",
        "measures_withdrawn": 0,
        "proposals_withdrawn": 0,
        "goals_ended": 0,
        "sessions_cancelled": 0,
    }
    assert course.open_episode(client) is None
    assert course.latest_episode(client) == episode


def test_discharge_cancels_what_is_planned(client, clinician):
    soon = SessionFactory(client=client, starts_at=NOON + DAY, attendance="planned")
    past = SessionFactory(client=client, starts_at=NOON - 3 * DAY, attendance="planned")
    held = SessionFactory(client=client, starts_at=NOON - 2 * DAY, attendance="held")
    other = SessionFactory(client=client_of(clinician), starts_at=NOON + DAY, attendance="planned")
    discharge(by=clinician.user, client=client, reason="agreed", at=NOON)
    found = [type(row).objects.get(pk=row.pk).attendance for row in (soon, past, held, other)]
    assert found == ["cancelled", "planned", "held", "planned"]  # what was past stays, so that it can be filled in
    assert AuditEvent.objects.get(action="client.discharged").detail["sessions_cancelled"] == 1


def test_no_discharge_before_a_flag_is_acknowledged(client, clinician, audited):
    flag = SafetyFlagFactory(client=client)
    SafetyFlagFactory(client=client_of(clinician))
    with pytest.raises(Refused) as refused:
        discharge(by=clinician.user, client=client, reason="agreed", at=NOON)
    assert (refused.value.field, "Acknowledge it first" in str(refused.value)) == ("", True)
    assert (audited(), course.open_episode(client) is None) == ([], False)
    flag.state, flag.acknowledged_at, flag.acknowledged_by = "acknowledged", NOON, clinician.user
    flag.save()
    assert discharge(by=clinician.user, client=client, reason="agreed", at=NOON).ends_on == TODAY


@pytest.mark.parametrize(
    ("kwargs", "field"),
    [
        ({"reason": "tired"}, "reason"),
        ({"reason": "agreed", "ends_on": TODAY + DAY}, "ends_on"),
        ({"reason": "agreed", "ends_on": LONG_AGO - DAY}, "ends_on"),
        ({"reason": "agreed", "ends_on": TODAY - 2 * DAY}, "ends_on"),
    ],
)
def test_discharge_refused_at_the_field(client, clinician, audited, kwargs, field):
    SessionFactory(client=client, starts_at=NOON - DAY)
    with pytest.raises(Refused) as refused:
        discharge(by=clinician.user, client=client, at=NOON, **kwargs)
    client.refresh_from_db()
    assert (refused.value.field, client.status, audited()) == (field, "active", [])


def test_a_return_starts_the_next_episode(client, clinician, audited):
    discharge(by=clinician.user, client=client, reason="agreed", at=NOON)
    with pytest.raises(Refused):
        discharge(by=clinician.user, client=client, reason="agreed", at=NOON)
    with pytest.raises(Refused) as refused:
        start_episode(by=clinician.user, client=client, starts_on=TODAY - DAY, at=NOON)
    assert refused.value.field == "starts_on"
    episode = start_episode(by=clinician.user, client=client, at=NOON + 30 * DAY)
    client.refresh_from_db()
    assert (episode.number, episode.starts_on, client.status) == (2, TODAY + 30 * DAY, "active")
    assert audited() == ["client.discharged", "episode.started"]
    with pytest.raises(Refused):
        start_episode(by=clinician.user, client=client, at=NOON + 31 * DAY)
    assert course.episode_on(client, TODAY).number == 1
    assert course.episode_on(client, TODAY + 10 * DAY) is None
    assert course.episode_on(client, TODAY + 30 * DAY) == episode


# --- focus ------------------------------------------------------------------------------------------------------


def test_the_client_proposes_the_clinician_decides(client, clinician, audited):
    propose_focus(by=None, client=client, barriers=["communication", "past"], by_client=True, at=NOON)
    assert states(client) == [("communication", "proposed", None), ("past", "proposed", None)]
    assert [row.barrier for row in course.proposals(client)] == ["communication", "past"]
    active = decide_focus(by=clinician.user, client=client, barriers=["past", "control"], at=NOON)
    assert [(row.barrier, row.slot, row.starts_on) for row in active] == [("past", 1, TODAY), ("control", 2, TODAY)]
    assert states(client) == [
        ("communication", "declined", None),
        ("control", "active", 2),
        ("past", "active", 1),
    ]
    assert [row.barrier for row in course.focus(client)] == ["past", "control"]
    assert {row.decided_by for row in FocusBarrier.objects.all()} == {clinician.user}
    assert audited() == ["focus.proposed", "focus.decided"]


def test_deciding_again_keeps_what_stays_and_reuses_slots(client, clinician):
    first = decide_focus(by=clinician.user, client=client, barriers=["past", "control", "power"], at=NOON)
    second = decide_focus(by=clinician.user, client=client, barriers=["norms", "power", "past"], at=NOON + DAY)
    assert [(row.barrier, row.slot) for row in second] == [("past", 1), ("norms", 2), ("power", 3)]
    assert {row.pk for row in second} & {row.pk for row in first} == {first[0].pk, first[2].pk}
    assert decide_focus(by=clinician.user, client=client, barriers=[], at=NOON + DAY) == []
    assert course.focus(client) == []


def test_a_new_proposal_of_the_client_replaces_the_earlier_one(client, clinician):
    propose_focus(by=None, client=client, barriers=["communication", "past"], by_client=True, at=NOON)
    propose_focus(by=clinician.user, client=client, barriers=["power"], by_client=False, at=NOON)
    propose_focus(by=None, client=client, barriers=["past", "control"], by_client=True, at=NOON)
    assert states(client) == [
        ("communication", "declined", None),
        ("control", "proposed", None),
        ("past", "proposed", None),
        ("power", "proposed", None),
    ]


@pytest.mark.parametrize("codes", [["past", "power", "norms", "control"], ["unknown"], ["past", "b01"]])
def test_unknown_or_too_many_are_refused(client, clinician, codes):
    for act in (
        lambda: decide_focus(by=clinician.user, client=client, barriers=codes, at=NOON),
        lambda: propose_focus(by=None, client=client, barriers=codes, by_client=True, at=NOON),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.field == "barriers"
    assert states(client) == []


def test_focus_needs_an_open_episode(client, clinician):
    discharge(by=clinician.user, client=client, reason="agreed", at=NOON)
    with pytest.raises(Refused):
        decide_focus(by=clinician.user, client=client, barriers=["past"], at=NOON)


# --- life events ------------------------------------------------------------------------------------------------


def test_life_events_are_added_withdrawn_and_restored(client, clinician, audited):
    session = SessionFactory(client=client)
    event = add_life_event(
        by=clinician.user, client=client, kind="grief", happened_on=TODAY, note=" aunt ", session=session, at=NOON
    )
    event = LifeEvent.objects.get(pk=event.pk)
    assert (event.kind, event.note, event.episode, event.session) == (
        "grief",
        "aunt",
        course.open_episode(client),
        session,
    )
    assert list(course.life_events(client)) == [event]
    assert course.events_of([session]) == {session.pk: [event]}
    withdraw_life_event(by=clinician.user, event=event, at=NOON)
    assert list(course.life_events(client)) == []
    assert LifeEvent.objects.count() == 1
    restore_life_event(by=clinician.user, event=event, at=NOON)
    assert list(course.life_events(client)) == [event]
    assert audited() == ["event.added", "event.withdrawn", "event.restored"]


def test_two_at_once_withdraw_and_restore_an_event_once(client, clinician, audited):
    """Both read the row before either wrote: the second finds it done."""
    event = LifeEventFactory(client=client)
    first, second = LifeEvent.objects.get(pk=event.pk), LifeEvent.objects.get(pk=event.pk)
    withdraw_life_event(by=clinician.user, event=first, at=NOON)
    assert withdraw_life_event(by=clinician.user, event=second, at=NOON + DAY).withdrawn_at == NOON
    assert audited() == ["event.withdrawn"]
    first, second = LifeEvent.objects.get(pk=event.pk), LifeEvent.objects.get(pk=event.pk)
    restore_life_event(by=clinician.user, event=first, at=NOON)
    restore_life_event(by=clinician.user, event=second, at=NOON)
    assert audited() == ["event.restored"]


@pytest.mark.parametrize(
    ("kind", "day", "field"),
    [
        ("party", TODAY, "kind"),
        ("work", TODAY + 367 * DAY, "happened_on"),
        ("work", dt.date(1899, 12, 31), "happened_on"),
    ],
)
def test_life_events_refused_at_the_field(client, clinician, kind, day, field):
    with pytest.raises(Refused) as refused:
        add_life_event(by=clinician.user, client=client, kind=kind, happened_on=day, at=NOON)
    assert (refused.value.field, LifeEvent.objects.count()) == (field, 0)


def test_an_event_of_another_clients_session_is_refused(client, clinician):
    other = SessionFactory(client=client_of(clinician))
    with pytest.raises(Refused):
        add_life_event(by=clinician.user, client=client, kind="work", happened_on=TODAY, session=other, at=NOON)
    assert not LifeEvent.objects.exists()


def test_held_sessions_are_of_the_episode_and_took_place(client):
    first = SessionFactory(client=client, starts_at=NOON)
    second = SessionFactory(client=client, starts_at=NOON - DAY)
    SessionFactory(client=client, attendance="missed")
    SessionFactory(client=client, attendance="planned")
    assert list(course.held_sessions(client, first.episode)) == [second, first]
