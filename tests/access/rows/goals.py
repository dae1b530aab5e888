"""Own goals (clinician's and client's page), which relationship measures are about, paper entry."""

from tests.access.kinds import CARE, CLIENT, CLIENTS, EMERGENCY, GO, OK, REFUSED, SILENT, STAFF, SUPERVISOR
from tests.access.matrix import CLIENT_PAGE, CLIENT_WORK, Expected, Row
from tests.access.rows.assign import WORK_PAGE
from tests.factories.assessments import ask
from tests.factories.clients import GoalFactory, RelationshipFactory

PAPER_OK: Expected = {CARE: OK, frozenset({SUPERVISOR, SILENT, EMERGENCY}): REFUSED}
"""Without a chosen measure a POST shows the list again."""


def extend(world):
    world.goal = GoalFactory(client=world.client, set_by=world.members["primary"].user, agreed_at=None)
    world.goal_other = GoalFactory(client=world.other)
    world.paper = ask(world.client, "session-checkin", by=world.members["primary"].user)
    world.paper_other = ask(world.other, "session-checkin", by=world.members["other_clinician"].user)
    world.named = RelationshipFactory(client=world.client)
    world.named_other = RelationshipFactory(client=world.other)


def client(w):
    return {"pk": w.client.pk}


def goal(w):
    return {"pk": w.client.pk, "row": w.goal.pk}


def goal_other(w):
    return {"pk": w.client.pk, "row": w.goal_other.pk}


def named(w):
    return {"pk": w.client.pk, "row": w.named.pk}


def named_other(w):
    return {"pk": w.client.pk, "row": w.named_other.pk}


ROWS = [
    Row(
        "dashboard:client_goals",
        client,
        get=CLIENT_PAGE,
        post=CLIENT_WORK,
        data=lambda w: {"words": "See my friends once a week"},
    ),
    Row(
        "dashboard:goal",
        goal,
        get=WORK_PAGE,
        post=CLIENT_WORK,
        data=lambda w: {"words": "In other words"},
        foreign=goal_other,
    ),
    Row("dashboard:goal_do", goal, post=CLIENT_WORK, data=lambda w: {"do": "reached"}, foreign=goal_other),
    Row(
        "dashboard:client_relationship",
        client,
        get=CLIENT_PAGE,
        post=CLIENT_WORK,
        data=lambda w: {"words": "somebody new"},
    ),
    Row("dashboard:relationship_choose", named, post=CLIENT_WORK, foreign=named_other),
    Row("dashboard:papers", client, get=WORK_PAGE, post=PAPER_OK),
    Row(
        "dashboard:paper",
        lambda w: {"pk": w.client.pk, "row": w.paper.pk},
        get=WORK_PAGE,
        post=CLIENT_WORK,
        data=lambda w: {"day": w.client.practice.today().isoformat(), "a.connected": "3"},
        foreign=lambda w: {"pk": w.client.pk, "row": w.paper_other.pk},
    ),
    Row(
        "dashboard:paper_print",
        lambda w: {"pk": w.client.pk, "row": w.paper.pk},
        get=WORK_PAGE,
        foreign=lambda w: {"pk": w.client.pk, "row": w.paper_other.pk},
    ),
    Row("dashboard:instrument_print", lambda w: {"pk": w.paper.version.instrument_id}, get={STAFF: OK}),
    Row("portal:goals", get={CLIENTS: OK}),
    Row("portal:goal_add", client, post={CLIENT: GO}, data=lambda w: {"words": "Sleep well"}),
    Row("portal:goal", lambda w: {"pk": w.goal.pk}, post={CLIENT: GO}, data=lambda w: {"do": "agree"}),
]
