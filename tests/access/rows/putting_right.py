"""Putting right: a submission, a session, two records of one person."""

import datetime as dt

from assessments.actions.corrections import withdraw_response
from tests.access.kinds import CARE, CHANGERS, COVER, EMERGENCY, GO, OK, REFUSED, SILENT, SUPERVISOR
from tests.access.matrix import CLIENT_PAGE, CLIENT_WORK, Expected, Row
from tests.access.world import care, make_client
from tests.factories.assessments import answered
from tests.factories.clients import SessionFactory

READERS = frozenset({SUPERVISOR, SILENT, EMERGENCY})
WORK_PAGE: Expected = {CARE: OK, READERS: REFUSED}
"""A page for those who work with the client; who may only read the record gets 403."""


def extend(world):
    members = world.members
    world.wrong = answered(world.client, "patterns-between-us", {})
    world.wrong_other = answered(world.other, "patterns-between-us", {})
    world.withdrawn = answered(world.client, "self-in-relationship", {})
    withdraw_response(by=members["primary"].user, response=world.withdrawn, reason="Sent twice.")
    world.mistaken = SessionFactory(client=world.client, clinician=members["primary"])
    world.mistaken_other = SessionFactory(client=world.other, clinician=members["other_clinician"])
    world.second = make_client(world.practice, "Robyn")
    for kind, ends_on in (("primary", None), ("co", None), ("cover", dt.date(2999, 1, 1))):
        care(world.second, members[kind], kind, ends_on)


def client(w):
    return {"pk": w.client.pk}


def row(name):
    return lambda w: {"pk": w.client.pk, "row": getattr(w, name).pk}


def why(w, **more):
    return {"reason": "A slip of the pen.", **more}


def first_answer(w):
    return why(w, seen=w.wrong.revision, q1="2")


WRONG, FOREIGN = row("wrong"), row("wrong_other")

ROWS = [
    Row("dashboard:response_correct", WRONG, get=WORK_PAGE, post=CLIENT_WORK, data=first_answer, foreign=FOREIGN),
    Row("dashboard:response_withdraw", WRONG, get=WORK_PAGE, post=CLIENT_WORK, data=why, foreign=FOREIGN),
    Row("dashboard:response_restore", row("withdrawn"), get=WORK_PAGE, post=CLIENT_WORK, data=why, foreign=FOREIGN),
    Row(
        "dashboard:response_about",
        WRONG,
        get=WORK_PAGE,
        post=CLIENT_WORK,
        data=lambda w: why(w, relationship="My sister"),
        foreign=FOREIGN,
    ),
    Row(
        "dashboard:response_move",
        WRONG,
        get=WORK_PAGE,
        post=CLIENT_WORK,
        data=lambda w: why(w, to=w.second.pk),
        foreign=FOREIGN,
    ),
    Row(
        "dashboard:session_mistaken",
        row("mistaken"),
        get=WORK_PAGE,
        post=CLIENT_WORK,
        data=why,
        foreign=row("mistaken_other"),
    ),
    Row("dashboard:client_corrections", client, get=CLIENT_PAGE),
    Row(
        "dashboard:client_merge",
        client,
        get={CHANGERS: OK, READERS | {COVER}: REFUSED},
        post={CHANGERS: GO, READERS | {COVER}: REFUSED},
        data=lambda w: why(w, gone=w.second.pk, do="merge"),
    ),
]
