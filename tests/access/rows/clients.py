"""Client administration, sessions, focus, life events, discharge, safety flags, the access log."""

import datetime as dt

from tests.access.kinds import (
    CARE,
    CHANGERS,
    CLINICIANS,
    COVER,
    EMERGENCY,
    GO,
    OK,
    OWNER,
    OWNERS,
    PRIMARY,
    REFUSED,
    SILENT,
    SUPERVISOR,
)
from tests.access.matrix import CLIENT_PAGE, CLIENT_WORK, Row
from tests.access.world import care, make_client
from tests.factories.clients import LifeEventFactory, SafetyFlagFactory, SessionFactory

READERS = frozenset({SUPERVISOR, SILENT, EMERGENCY})
OWN_OWNERS = frozenset({OWNER, EMERGENCY})

WORK_PAGE = {CARE: OK, READERS: REFUSED}
CHANGE_PAGE = {CHANGERS: OK, READERS | {COVER}: REFUSED}
CHANGE = {CHANGERS: GO, READERS | {COVER}: REFUSED}
ARRANGE_PAGE = {CHANGERS | OWN_OWNERS: OK, frozenset({SUPERVISOR, SILENT, COVER}): REFUSED}
ARRANGE = {CHANGERS | OWN_OWNERS: GO, frozenset({SUPERVISOR, SILENT, COVER}): REFUSED}


def extend(world):
    members = world.members
    world.session = SessionFactory(client=world.client, clinician=members["primary"])
    world.other_session = SessionFactory(client=world.other, clinician=members["other_clinician"])
    world.event = LifeEventFactory(client=world.client)
    world.other_event = LifeEventFactory(client=world.other)
    world.withdrawn_event = LifeEventFactory(client=world.client, withdrawn_at=world.event.episode.client.created_at)
    # Acknowledged: an open flag would keep everybody from discharging.
    world.client_flag = SafetyFlagFactory(
        client=world.client,
        state="acknowledged",
        acknowledged_at=dt.datetime.now(dt.UTC),
        acknowledged_by=members["primary"].user,
    )
    world.cover_care = world.client.careassignments.get(clinician=members["cover"])
    world.other_care = world.other.careassignments.get()
    world.discharged = make_client(world.practice, "Val")
    world.discharged.episodes.update(ends_on=dt.date(2021, 1, 1), reason="agreed")
    for kind, ends_on in (("primary", None), ("co", None), ("cover", dt.date(2999, 1, 1))):
        care(world.discharged, members[kind], kind, ends_on)


def client(w):
    return {"pk": w.client.pk}


def today(_w=None):
    return dt.datetime.now(dt.UTC).date().isoformat()


def row(name):
    return lambda w: {"pk": w.client.pk, "row": getattr(w, name).pk}


def person(w, **more):
    return {
        "first_name": "Robin",
        "last_name": "Other",
        "safe_contact": "none",
        "contact_from": 9,
        "contact_to": 19,
        **more,
    }


def new_person(w):
    return person(w, clinician=w.members["primary"].pk, starts_on=today())


def new_session(w):
    return {
        "day": "2026-01-05",
        "time": "10:00",
        "kind": "individual",
        "attendance": "held",
        "clinician": w.members["primary"].pk,
    }


def changed_session(w):
    return new_session(w) | {"seen_at": w.session.changed_at.isoformat(), "part": "facts"}


def joins(w):
    return {"role": "co", "clinician": w.members["other_clinician"].pk, "starts_on": today()}


ROWS = [
    Row(
        "dashboard:client_add",
        get={OWNERS | CLINICIANS: OK},
        # Others may add clients too, but not for this clinician: their form says so.
        post={OWNERS | CLINICIANS: OK, OWN_OWNERS | {PRIMARY}: GO},
        data=new_person,
    ),
    Row("dashboard:client_edit", client, get=CHANGE_PAGE, post=CHANGE, data=person),
    Row("dashboard:client_invite", client, get=CHANGE_PAGE, post=CHANGE, data=lambda w: {"do": "revoke"}),
    Row("dashboard:client_care", client, get=ARRANGE_PAGE, post=ARRANGE, data=joins),
    Row(
        "dashboard:client_care_end",
        row("cover_care"),
        get=ARRANGE_PAGE,
        post=ARRANGE,
        data=lambda w: {"ends_on": today()},
        foreign=row("other_care"),
    ),
    Row("dashboard:client_couple", client, get=CHANGE_PAGE, post=CHANGE, data=lambda w: {"ends_on": today()}),
    Row(
        "dashboard:client_discharge",
        client,
        get=WORK_PAGE,
        post=CLIENT_WORK,
        data=lambda w: {"reason": "agreed", "ends_on": today()},
    ),
    Row(
        "dashboard:client_beginning",
        client,
        get=WORK_PAGE,
        post=CLIENT_WORK,
        data=lambda w: {"starts_on": "2019-01-07"},
    ),
    Row(
        "dashboard:client_return",
        lambda w: {"pk": w.discharged.pk},
        get={CARE: OK, frozenset({SUPERVISOR, SILENT}): REFUSED},
        post={CARE: GO, frozenset({SUPERVISOR, SILENT}): REFUSED},
        data=lambda w: {"starts_on": today()},
    ),
    Row("dashboard:client_focus", client, get=WORK_PAGE, post=CLIENT_WORK, data=lambda w: {"barriers": ["b07"]}),
    Row(
        "dashboard:client_event_add",
        client,
        get=WORK_PAGE,
        post=CLIENT_WORK,
        data=lambda w: {"kind": "work", "happened_on": today()},
    ),
    Row("dashboard:client_event_withdraw", row("event"), post=CLIENT_WORK, foreign=row("other_event")),
    Row("dashboard:client_event_restore", row("withdrawn_event"), post=CLIENT_WORK, foreign=row("other_event")),
    Row("dashboard:client_sessions", client, get=CLIENT_PAGE),
    Row("dashboard:session_add", client, get=WORK_PAGE, post=CLIENT_WORK, data=new_session),
    Row(
        "dashboard:session",
        row("session"),
        get=CLIENT_PAGE,
        post=CLIENT_WORK,
        data=changed_session,
        foreign=row("other_session"),
    ),
    Row(
        "dashboard:client_access",
        client,
        get={CARE | OWN_OWNERS: OK, frozenset({SUPERVISOR, SILENT}): REFUSED},
    ),
    Row(
        "dashboard:client_reason",
        client,
        get={frozenset({SUPERVISOR, SILENT}): OK, CARE | {EMERGENCY}: GO},
        post={CARE | {SUPERVISOR, SILENT, EMERGENCY}: GO},
        data=lambda w: {"reason": "supervision"},
    ),
    Row(
        "dashboard:flag",
        lambda w: {"pk": w.client_flag.pk},
        get={CARE | {EMERGENCY}: OK},
        post={CARE: GO, EMERGENCY: REFUSED},
        data=lambda w: {"text": "Called."},
    ),
]
