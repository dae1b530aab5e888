"""One session's autosave and ratings, private notes, the week."""

import datetime as dt

from tests.access.kinds import CARE, CLINICIANS, EMERGENCY, GO, OK, PRIMARY, REFUSED, SILENT, SUPERVISOR
from tests.access.matrix import Row
from tests.factories.assessments import version_of
from tests.factories.clients import PrivateNoteFactory, PrivateNoteGrantFactory, SessionFactory

READERS = frozenset({SUPERVISOR, SILENT, EMERGENCY})
PRIVATE_PAGE = {CARE | {SUPERVISOR}: OK}
"""The supervisor was let read by the primary; the silent one was not, and neither is an owner in an emergency."""


def extend(world):
    members = world.members
    version_of()
    world.day = SessionFactory(client=world.client, clinician=members["primary"], note="A quiet hour.")
    world.day_other = SessionFactory(client=world.other, clinician=members["other_clinician"])
    world.private_note = PrivateNoteFactory(session=world.day, author=members["primary"])
    world.grant = PrivateNoteGrantFactory(client=world.client, author=members["primary"], reader=members["supervisor"])
    world.grant_other = PrivateNoteGrantFactory(
        client=world.other, author=members["other_clinician"], reader=members["other_supervisor"]
    )


def client(w):
    return {"pk": w.client.pk}


def day(w):
    return {"pk": w.client.pk, "row": w.day.pk}


def day_other(w):
    return {"pk": w.client.pk, "row": w.day_other.pk}


ROWS = [
    Row(
        "dashboard:week",
        get={CLINICIANS: OK},
        post={CLINICIANS: OK, CARE: GO},
        data=lambda w: {"client": w.client.pk, "day": dt.date.today().isoformat()},
    ),
    Row(
        "dashboard:session_save",
        day,
        post={CARE: OK, READERS: REFUSED},
        data=lambda w: {"part": "note", "note": "New.", "seen_at": w.day.changed_at.isoformat()},
        foreign=day_other,
    ),
    Row("dashboard:session_ratings", day, get={CARE: GO, READERS: REFUSED}, foreign=day_other),
    Row("dashboard:private_notes", client, get=PRIVATE_PAGE),
    Row(
        "dashboard:private_note",
        day,
        get=PRIVATE_PAGE,
        # Who has a note already must say what they had seen: a form shown again.
        post={CARE: GO, PRIMARY: OK, SUPERVISOR: REFUSED},
        data=lambda w: {"text": "Mine.", "note_seen": ""},
        foreign=day_other,
    ),
    Row(
        "dashboard:private_save",
        day,
        post={CARE: OK, SUPERVISOR: REFUSED},
        data=lambda w: {"text": w.private_note.text, "note_seen": ""},
        foreign=day_other,
    ),
    Row(
        "dashboard:private_grant",
        client,
        # The others have no supervisor to name: the form says so.
        post={CARE: OK, PRIMARY: GO, SUPERVISOR: REFUSED},
        data=lambda w: {"reader": w.members["supervisor"].pk, "ends_on": dt.date.today().isoformat()},
    ),
    Row(
        "dashboard:private_revoke",
        lambda w: {"pk": w.client.pk, "row": w.grant.pk},
        post={PRIMARY: GO, SUPERVISOR: REFUSED},
        foreign=lambda w: {"pk": w.client.pk, "row": w.grant_other.pk},
    ),
]
