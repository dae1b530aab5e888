"""What is brought to supervision: the agenda, one item, bringing."""

from tests.access.kinds import CARE, CLINICIANS, EMERGENCY, GO, OK, PRIMARY, REFUSED, SILENT, SUPERVISOR, SUPERVISORS
from tests.access.matrix import Row
from tests.factories.clients import SupervisionItemFactory

READERS = frozenset({SUPERVISOR, SILENT, EMERGENCY})
SEES = frozenset({PRIMARY, SUPERVISOR, SILENT})
"""Whoever brought it, and whoever supervises them today. Being asked is the reason to open this one page."""


def extend(world):
    world.item = SupervisionItemFactory(client=world.client, brought_by=world.members["primary"])


def item(w):
    return {"pk": w.item.pk}


ROWS = [
    Row("dashboard:supervision_agenda", get={CLINICIANS | SUPERVISORS: OK}),
    Row("dashboard:supervision_item", item, get={SEES: OK}, post={SEES: GO}, data=lambda w: {"do": "discussed"}),
    Row(
        "dashboard:supervision_bring",
        lambda w: {"pk": w.client.pk},
        get={CARE: OK, READERS: REFUSED},
        post={CARE: GO, READERS: REFUSED},
        data=lambda w: {"question": "How?"},
    ),
]
