"""Publishing: immutable versions by content hash, all or nothing."""

import pytest

from assessments.actions.library import publish_instruments
from assessments.models import Instrument, InstrumentVersion
from assessments.schema import definition_from_json
from homework.actions import publish_exercises
from homework.models import Exercise, ExerciseVersion
from homework.schema import exercise_from_json, load_exercises
from practice.models import AuditEvent
from tests.factories.assessments import definitions

pytestmark = pytest.mark.django_db


def _edited(**changes):
    data = {**definitions()["barriers"].model_dump(mode="json"), **changes}
    return definition_from_json(data)


def test_the_same_content_is_the_same_version():
    first = publish_instruments([definitions()["barriers"]])
    again = publish_instruments([definitions()["barriers"]])
    assert [(line.version, line.outcome) for line in first + again] == [(1, "new"), (1, "same")]
    assert InstrumentVersion.objects.count() == 1


def test_an_edit_is_the_next_number_and_the_title_follows():
    publish_instruments([definitions()["barriers"]])
    line = publish_instruments([_edited(title="Twelve barriers")])[0]
    assert (line.version, line.outcome, line.title) == (2, "edited", "Twelve barriers")
    assert Instrument.objects.get(slug="barriers").title == "Twelve barriers"
    titles = [row.definition.title for row in InstrumentVersion.objects.order_by("number")]
    assert titles == [definitions()["barriers"].title, "Twelve barriers"]


def test_content_of_an_earlier_version_stays_behind_the_later_one():
    publish_instruments([definitions()["barriers"]])
    publish_instruments([_edited(title="Twelve barriers")])
    line = publish_instruments([definitions()["barriers"]])[0]
    assert (line.version, line.outcome) == (1, "older")
    assert Instrument.objects.get(slug="barriers").title == "Twelve barriers"
    assert InstrumentVersion.objects.count() == 2


def test_all_or_nothing(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("broken in the middle")

    monkeypatch.setattr("practice.actions.versions.audit.write", fail)
    with pytest.raises(RuntimeError):
        publish_instruments([definitions()["barriers"], definitions()["attunement"]])
    assert Instrument.objects.count() == 0


def test_one_audit_row_when_something_changed_and_none_otherwise():
    publish_instruments(definitions().values())
    publish_instruments(definitions().values())
    rows = AuditEvent.objects.filter(action="library.loaded")
    assert [(row.subject, row.detail) for row in rows] == [("instrument", {"made": 12, "seen": 12})]


def test_a_version_never_changes():
    publish_instruments([definitions()["barriers"]])
    version = InstrumentVersion.objects.get()
    version.number = 7
    with pytest.raises(TypeError, match="never changes"):
        version.save()


def test_exercises_are_published_likewise(root):
    exercises = load_exercises(root / "homework" / "exercises")
    assert len(exercises) == 43
    assert {line.outcome for line in publish_exercises(exercises)} == {"new"}
    edited = exercise_from_json({**exercises[0].model_dump(mode="json"), "title": "Another name"})
    assert [line.version for line in publish_exercises([edited])] == [2]
    assert Exercise.objects.get(slug=edited.slug).title == "Another name"
    assert ExerciseVersion.objects.count() == 44
