"""Bringing history: the owner's pages."""

from django.core.files.uploadedfile import SimpleUploadedFile

from assessments.models import ImportRun
from clients.barriers import CODES
from tests.access.kinds import EMERGENCY, GO, OK, OWNER, OWNERS
from tests.access.matrix import Row
from tests.factories.assessments import publish

HEAD = ",".join(["client", "date", *CODES])
OWN = frozenset({OWNER, EMERGENCY})


def extend(world):
    world.measure = publish("barriers")["barriers"]
    world.import_run = ImportRun.objects.create(
        practice=world.practice,
        version=world.measure,
        asked_by=world.users["owner"],
        state="refused",
        ended_at=world.emergency.starts_at,
        rows=2,
        rows_read=2,
        problem_count=1,
        problems='[[3, "client", "“C-9999” is no client code of this practice."]]',
    )


def run(w):
    return {"pk": w.import_run.pk}


def measure(w):
    return {"pk": w.measure.pk}


def upload(w):
    return {"version": str(w.measure.pk), "file": SimpleUploadedFile("past.csv", HEAD.encode()), "dry_run": "on"}


ROWS = [
    Row("dashboard:imports", get={OWNERS: OK}),
    Row("dashboard:import_new", get={OWNERS: OK}, post={OWNERS: GO}, data=upload),
    Row("dashboard:import_template", measure, get={OWNERS: OK}),
    Row("dashboard:import_run", run, get={OWN: OK}),
    Row("dashboard:import_status", run, get={OWN: OK}),
    Row("dashboard:import_problems", run, get={OWN: OK}),
]
