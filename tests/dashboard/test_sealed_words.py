"""Whoever takes the database reads nobody's words (ADR 0003): every free text of the product is sealed when it lies."""

import secrets
from io import StringIO
from tempfile import NamedTemporaryFile

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessments.actions.answering import save, submit
from assessments.actions.corrections import correct, say_about, withdraw_response
from assessments.actions.merging import merge
from assessments.actions.mistaken import mistaken_session
from assessments.actions.naming import name_relationship
from assessments.models import Response
from clients.actions.care import open_emergency
from clients.actions.clients import add_client, change_client
from clients.actions.course import add_life_event, discharge
from clients.actions.goals import reword_goal, set_goal
from clients.actions.private_notes import save_private_note
from clients.actions.relationships import choose_relationship
from clients.actions.safety import acknowledge_flag, close_flag
from clients.actions.sessions import add_session, change_session, close_session
from clients.actions.supervision import bring
from clients.models import Relationship, SafetyFlag
from homework.actions import propose
from practice.fields import EncryptedTextField
from tests.factories.assessments import draft
from tests.factories.clients import SessionFactory
from tests.factories.homework import publish_library
from tests.factories.practice import MembershipFactory
from tests.raw import raw_text

READABLE = {
    # who somebody is and how to reach them; who works here
    *("clients.client.code", "clients.client.first_name", "clients.client.last_name", "clients.client.called"),
    *("clients.client.pronouns", "clients.client.email", "clients.client.phone"),
    *("practice.user.sign_in", "practice.user.email", "practice.user.name", "practice.user.password"),
    *(
        "practice.membership.title",
        "practice.invitation.name",
        "practice.invitation.title",
        "practice.invitation.email",
    ),
    # what the practice says to everybody
    *("practice.practice.name", "practice.practice.time_zone", "practice.practice.crisis_text"),
    *("practice.practice.mail_name", "practice.privacynotice.text"),
    # published definitions
    *("assessments.instrument.slug", "assessments.instrument.language", "assessments.instrument.title"),
    *("assessments.instrument.neutral_title", "assessments.instrumentversion.content_hash"),
    *("homework.exercise.slug", "homework.exercise.language", "homework.exercise.title"),
    "homework.exerciseversion.content_hash",
    "clients.supervisionitem.barrier",  # a code of the twelve, checked by the action
    # codes, keys, numbers and hashes that the product makes
    *("assessments.assignmentlink.pass_hash", "assessments.assignmentlink.token_hash"),
    *("assessments.response.receipt", "assessments.responserevision.key", "assessments.responsetext.question"),
    *("assessments.score.scale", "assessments.score.reason", "assessments.trajectory.scale"),
    *("assessments.trajectory.points", "clients.clientinvitation.token_hash", "practice.invitation.token_hash"),
    *("practice.auditevent.basis", "practice.auditevent.action", "practice.auditevent.subject"),
    *("practice.auditevent.request_id", "practice.outboxmessage.purpose", "practice.outboxmessage.template"),
    *("practice.outboxmessage.error", "reports.report.key", "reports.report.step", "reports.report.file"),
    *("reports.report.digest", "reports.report.inputs_hash", "reports.report.error"),
    *("assessments.importrun.digest", "assessments.importrun.file", "assessments.importrun.error"),
    *("assessments.response.import_key", "assessments.reference.scale"),
}
ROOMS = ("practice", "clients", "assessments", "homework", "reports")


def _fields():
    return [
        (model, field)
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.concrete_fields
    ]


def test_every_readable_text_is_one_that_may_be():
    """A new column of text is sealed, chosen from a list, or named above with its reason."""
    plain = {
        f"{model._meta.label_lower}.{field.name}"
        for model, field in _fields()
        if field.get_internal_type() in {"CharField", "TextField", "EmailField", "SlugField"} and not field.choices
    }
    assert plain == READABLE


@pytest.fixture
def clinician(db):
    return MembershipFactory()


@pytest.fixture
def marker():
    """Makes a new word each time, and keeps them all."""
    made = []

    def make() -> str:
        made.append(f"marker{secrets.token_hex(6)}")
        return made[-1]

    make.made = made
    return make


def _type_everywhere(clinician, marker):
    """Words into every free text, changed ones too, through the product's actions."""
    by, now = clinician.user, timezone.now()
    client = add_client(
        by=by, clinician=clinician, first_name="Ada", last_name="Hill", contact_note=marker(), relationship=marker()
    )
    change_client(by=by, client=client, contact_note=marker(), relationship=f"my affair with {marker()}")
    client.refresh_from_db()
    choose_relationship(by=by, client=client, words=marker())
    reword_goal(by=by, goal=set_goal(by=by, client=client, words=marker()), words=marker())
    _answer(client, marker)
    _put_right(by, client, marker)
    session = add_session(
        by=by,
        client=client,
        clinician=clinician,
        starts_at=now,
        kind="individual",
        attendance="held",
        note=marker(),
        at=now,
    )
    change_session(by=by, session=session, note=marker())
    save_private_note(by=by, session=session, text=marker())
    propose(by=by, client=client, version=publish_library()["equal-say"], words=marker())
    close_session(by=by, session=session)
    change_session(by=by, session=session, note=marker())
    save_private_note(by=by, session=session, text=marker())
    add_life_event(by=by, client=client, kind="work", happened_on=client.practice.today(), note=marker())
    flag = SafetyFlag.objects.get()
    acknowledge_flag(by=by, flag=flag, done=marker())
    close_flag(by=by, flag=flag, action=marker())
    bring(by=by, membership=clinician, client=client, question=marker())
    bring(by=by, membership=clinician, client=client, question=marker())
    owner = MembershipFactory(practice=client.practice, roles="owner")
    open_emergency(by=owner.user, membership=owner, client=client, reason=marker(), hours=2)
    _bring_history(client, marker)
    discharge(by=by, client=client, reason="completed", closing_note=marker())


def _bring_history(client, marker):
    """What is wrong with a file is told by line, and a line quotes what stood there."""
    call_command("load_library", verbosity=0)
    with NamedTemporaryFile("w", suffix=".csv") as file:
        file.write(f"client,date,vulnerability\n{marker()},2026-01-05,2\n{client.code},2026-01-06,{marker()}\n")
        file.flush()
        with pytest.raises(CommandError):
            call_command("import_responses", file.name, instrument="barriers", stdout=StringIO(), stderr=StringIO())


def _put_right(by, client, marker):
    """What stood there before lies sealed in the history, and so does the reason."""
    row = Response.objects.get(client=client, version__instrument__slug="barriers")
    row.client = client
    correct(by=by, response=row, answers={"control.note": marker()}, reason=marker(), seen=row.revision)
    say_about(by=by, response=row, relationship=marker(), reason=marker())
    withdraw_response(by=by, response=row, reason=marker())
    twice = add_client(by=by, clinician=client.careassignments.get().clinician, first_name="Ada", last_name="Hill")
    change_client(by=by, client=twice, contact_note=marker())
    merge(by=by, keep=client, gone=twice, reason=marker())
    mistaken_session(by=by, session=SessionFactory(client=client, note=marker()), reason=marker())


def _answer(client, marker):
    response = draft(client, "barriers")
    name_relationship(response=response, relationship=marker())
    for number in range(2):
        words = {"something-else": marker(), "control.note": marker()}
        assert not save(response=response, answers=words, key=f"k:{number}").errors
    submit(response=response)
    screen = draft(client, "safety-screen", {"afraid.now": 1}, channel="room")
    submit(response=screen)
    check_in = draft(client, "session-checkin")
    texts = [one.id for one in check_in.version.definition.questions if one.kind == "text"]
    assert not save(response=check_in, answers={name: marker() for name in texts}, key="k").errors
    submit(response=check_in)


def test_the_stored_database_holds_none_of_the_words(clinician, marker):
    _type_everywhere(clinician, marker)
    for model, field in _fields():
        if isinstance(field, EncryptedTextField):
            assert model.objects.exclude(**{f"{field.name}__isnull": True}).exists(), f"{model}.{field.name} is untried"
    stored = raw_text().lower()
    found = [word for word in marker.made if word in stored or word.encode().hex() in stored]
    assert (found, len(marker.made) >= 15) == ([], True)


def test_they_would_be_found(clinician, marker):
    """The dump sees what lies readable."""
    word = marker()
    add_client(by=clinician.user, clinician=clinician, first_name=word, last_name="Hill")
    assert word in raw_text()


def test_a_relationship_is_one_row_for_the_same_words(clinician):
    by = clinician.user
    client = add_client(by=by, clinician=clinician, first_name="Ada", last_name="Hill", relationship=" my  wife ")
    first = client.relationship
    other = add_client(by=by, clinician=clinician, first_name="Bo", last_name="Hill", relationship="my wife")
    client = change_client(by=by, client=client, relationship="Karl")
    assert (client.relationship.words, other.relationship == first) == ("Karl", False)
    client = change_client(by=by, client=client, relationship="my wife")
    assert client.relationship == first
    client = change_client(by=by, client=client, relationship="")
    assert client.relationship is None
    assert sorted(row.words for row in Relationship.objects.filter(client=client)) == ["Karl", "my wife"]
