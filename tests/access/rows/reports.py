"""Reports: who may ask for one about a client, and read it. Emergency access holds no report."""

from tests.access.kinds import CARE, CLINICIANS, EMERGENCY, GO, OK, REFUSED, SILENT, SUPERVISOR, SUPERVISORS
from tests.access.matrix import Row
from tests.factories.reports import ReportFactory

READERS = {CARE | {SUPERVISOR}: OK, SILENT: GO}
"""A supervisor who has not said why is asked first."""


def extend(world):
    fields = {"client": world.client, "asked_by": world.users["primary"]}
    world.report = ReportFactory(**fields)
    world.failed_report = ReportFactory(**fields, state="failed", error="storage")


def client(w):
    return {"pk": w.client.pk}


def report(w):
    return {"pk": w.report.pk}


ROWS = [
    Row("dashboard:reports", get={CLINICIANS | SUPERVISORS: OK}),
    Row("dashboard:client_reports", client, get=READERS | {EMERGENCY: REFUSED}),
    Row(
        "dashboard:report_ask",
        client,
        post={CARE | {SUPERVISOR}: GO, frozenset({SILENT, EMERGENCY}): REFUSED},
        data=lambda w: {"period": "episode", "charts": ["focus"], "key": "0b9f5c1e-6a57-4d4e-9b0a-000000000001"},
    ),
    Row("dashboard:report", report, get=READERS),
    Row("dashboard:report_status", report, get=READERS),
    Row(
        "dashboard:report_retry",
        lambda w: {"pk": w.failed_report.pk},
        post={CARE | {SUPERVISOR}: GO, SILENT: REFUSED},
    ),
    # Still waiting: whoever may read is sent to its page; the download itself is tested in tests/dashboard.
    Row("dashboard:report_file", report, get={CARE | {SUPERVISOR, SILENT}: GO}),
]
