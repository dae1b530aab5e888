"""Leave with a cover, and handing clients over."""

import datetime as dt

from tests.access.kinds import CLINICIANS, EMERGENCY, GO, OK, OTHER_CLINICIAN, OWNER, OWNERS, PRIMARY
from tests.access.matrix import Row
from tests.factories.clients import LeaveFactory

THEIRS = frozenset({PRIMARY, OWNER, EMERGENCY})
"""The clinician, and the owners of the practice."""


def extend(world):
    today = world.practice.today()
    world.leave = LeaveFactory(
        clinician=world.members["primary"],
        cover=world.members["other_clinician"],
        starts_on=today + dt.timedelta(days=900),
        ends_on=today + dt.timedelta(days=907),
    )


def leave(w):
    day = w.practice.today() + dt.timedelta(days=30)
    return {"starts_on": day, "ends_on": day, "cover": w.members["other_clinician"].pk}


ROWS = [
    Row("dashboard:leaves", get={CLINICIANS | OWNERS: OK}),
    # One's own: the colleague cannot stand in for themselves, the far clinician has nobody here; their form says so.
    Row(
        "dashboard:leave_add",
        get={CLINICIANS | OWNERS: OK},
        post={
            CLINICIANS: GO,
            OWNERS: OK,
            OTHER_CLINICIAN: OK,
            "far_clinician": OK,
        },
        data=leave,
    ),
    Row("dashboard:leave_cancel", lambda w: {"pk": w.leave.pk}, get={THEIRS: OK}, post={THEIRS: GO}),
    Row(
        "dashboard:handover",
        get={CLINICIANS | OWNERS: OK},
        # Only the primary has somebody to hand over to this colleague; others are shown their form or choice again.
        post={CLINICIANS | OWNERS: OK, PRIMARY: GO},
        data=lambda w: {"starts_on": w.practice.today(), "to": w.members["other_clinician"].pk},
    ),
]
