"""Asking a client to answer, one submission."""

from tests.access.kinds import EMERGENCY, REFUSED, SILENT, SUPERVISOR
from tests.access.matrix import CLIENT_PAGE, CLIENT_WORK, Expected, Row
from tests.factories.assessments import answered, ask, version_of

WORK_PAGE: Expected = CLIENT_PAGE | {SUPERVISOR: REFUSED, SILENT: REFUSED, EMERGENCY: REFUSED}
"""A page for those who work with the client; who may only read the record gets 403."""


def extend(world):
    world.growth = version_of("growth-habits")
    world.asked = ask(world.client, "barriers", channel="link")
    world.asked_other = ask(world.other, "barriers", channel="link")
    world.answered = answered(world.client, "attunement", {})
    world.answered_other = answered(world.other, "attunement", {})


def client(w):
    return {"pk": w.client.pk}


def asked(w):
    return {"pk": w.client.pk, "row": w.asked.pk}


def asked_other(w):
    return {"pk": w.client.pk, "row": w.asked_other.pk}


ROWS = [
    Row(
        "dashboard:assign",
        client,
        get=WORK_PAGE,
        post=CLIENT_WORK,
        data=lambda w: {
            "versions": [str(version_of("attunement").pk)],
            "who": "client",
            "channel": "portal",
            "do": "assign",
        },
    ),
    Row("dashboard:assignment", asked, get=WORK_PAGE, foreign=asked_other),
    Row("dashboard:assignment_withdraw", asked, post=CLIENT_WORK, foreign=asked_other),
    Row("dashboard:assignment_link", asked, post=CLIENT_WORK, data=lambda w: {"do": "make"}, foreign=asked_other),
    Row("dashboard:assignment_room", asked, post=CLIENT_WORK, foreign=asked_other),
    Row(
        "dashboard:response",
        lambda w: {"pk": w.client.pk, "row": w.answered.pk},
        get=CLIENT_PAGE,
        foreign=lambda w: {"pk": w.client.pk, "row": w.answered_other.pk},
    ),
]
