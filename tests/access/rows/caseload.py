"""The caseload of one's own, and a supervisor's team."""

from tests.access.kinds import CLINICIANS, OK, SILENT, SUPERVISOR, SUPERVISORS
from tests.access.matrix import Row

ROWS = [
    Row("dashboard:caseload", get={CLINICIANS: OK}),
    Row("dashboard:team", get={SUPERVISORS: OK}),
    # The supervisee's caseload through a running link; that no reason is asked here is the list's rule.
    Row("dashboard:team_member", lambda w: {"pk": w.members["primary"].pk}, get={frozenset({SUPERVISOR, SILENT}): OK}),
]
