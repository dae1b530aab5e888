"""The caseload of one's own, its search, export and assigning to several, and a supervisor's team."""

from tests.access.kinds import CARE, CLINICIANS, GO, NO, OK, SILENT, SUPERVISOR, SUPERVISORS
from tests.access.matrix import Row
from tests.factories.assessments import version_of


def several(w):
    return {
        "client": [str(w.client.pk)],
        "versions": [str(version_of("attunement").pk)],
        "channel": "portal",
        "do": "assign",
    }


ROWS = [
    Row("dashboard:caseload", get={CLINICIANS: OK}),
    Row("dashboard:caseload_search", post={CLINICIANS: GO}, data=lambda w: {"q": "a"}),
    Row("dashboard:caseload_export", post={CLINICIANS: OK}, data=lambda w: {"as": "csv"}),
    # Clients outside the reader's care deny the whole; without any there is a page that says so.
    Row("dashboard:assign_several", get={CLINICIANS: OK}, post={CLINICIANS: NO, CARE: GO}, data=several),
    Row("dashboard:team", get={SUPERVISORS: OK}),
    # The supervisee's caseload through a running link; that no reason is asked here is the list's rule.
    Row("dashboard:team_member", lambda w: {"pk": w.members["primary"].pk}, get={frozenset({SUPERVISOR, SILENT}): OK}),
]
