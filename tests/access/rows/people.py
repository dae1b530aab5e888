"""The owner's pages: people, invitations, supervision, settings, notices, audit, roster, emergency access."""

import datetime as dt

from tests.access.kinds import EMERGENCY, FAR_CLINICIAN, FAR_OWNER, GO, OK, OWNER, OWNERS, STAFF
from tests.access.matrix import Row
from tests.factories.practice import InvitationFactory, PrivacyNoticeFactory

OWN = frozenset({OWNER, EMERGENCY})
"""Owners of the practice that the row belongs to."""


def extend(world):
    world.open_invitation = InvitationFactory(practice=world.practice)
    world.notice = PrivacyNoticeFactory(practice=world.practice)
    world.supervision = world.members["supervisor"].supervises.get()


def member(w):
    return {"pk": w.members["primary"].pk}


def invitation(w):
    return {"pk": w.open_invitation.pk}


def client(w):
    return {"pk": w.client.pk}


def today(_w):
    return dt.date.today().isoformat()


ROWS = [
    Row("dashboard:people", get={OWNERS: OK}),
    Row(
        "dashboard:invite",
        get={OWNERS: OK},
        post={OWNERS: GO},
        data=lambda w: {"name": "New", "email": "new@example.test", "roles": ["clinician"]},
    ),
    Row("dashboard:invitation_renew", invitation, post={OWN: GO}),
    Row("dashboard:invitation_revoke", invitation, post={OWN: GO}),
    Row("dashboard:member", member, get={OWN: OK}, post={OWN: GO}, data=lambda w: {"roles": ["clinician"]}),
    Row(
        "dashboard:supervision_add",
        get={OWNERS: OK},
        post={OWN: GO, FAR_OWNER: OK},  # the far owner's choices do not hold these people: the form says so
        data=lambda w: {
            "supervisor": w.members["other_supervisor"].pk,
            "supervisee": w.members["primary"].pk,
            "starts_on": today(w),
        },
    ),
    Row(
        "dashboard:supervision_end",
        lambda w: {"pk": w.supervision.pk},
        get={OWN: OK},
        post={OWN: GO},
        data=lambda w: {"ends_on": today(w)},
    ),
    Row(
        "dashboard:practice_settings",
        get={OWNERS: OK},
        post={OWNERS: GO},
        data=lambda w: {"name": "New name", "time_zone": "Europe/Vienna"},
    ),
    Row("dashboard:notices", get={OWNERS: OK}, post={OWNERS: GO}, data=lambda w: {"text": "Something new."}),
    Row("dashboard:notice", lambda w: {"pk": w.notice.pk}, get={OWN: OK}),
    Row("dashboard:audit", get={OWNERS: OK}, post={OWNERS: GO}, data=lambda w: {"kind": "r"}),
    Row("dashboard:audit_export", post={OWNERS: OK}),
    Row("dashboard:roster", get={OWNERS: OK}),
    Row(
        "dashboard:emergency",
        client,
        get={OWN: OK},
        post={OWN: GO},
        data=lambda w: {"reason": "The clinician is ill.", "hours": "2"},
    ),
    Row("dashboard:emergency_end", lambda w: {"pk": w.emergency.pk}, post={OWN: GO}),
    Row(
        "dashboard:switch_practice",
        post={STAFF - {FAR_OWNER, FAR_CLINICIAN}: GO},
        data=lambda w: {"practice": str(w.practice.pk)},
    ),
]
