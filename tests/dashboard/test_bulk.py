"""The very large practice: its rows are those that the same stories leave when they are played through the actions."""

import datetime as dt
import uuid
from random import Random

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from assessments.actions import answering, assigning, rating
from assessments.actions import sessions as closing
from assessments.actions.receipts import receipt_code
from assessments.actions.trajectories import rebuild
from assessments.models import Reference, Response, Score, Trajectory
from assessments.scoring import score
from clients.actions import clients, course, sessions
from clients.models import Client
from clients.queries.integrity import count_paths
from dashboard.demo.bulk import fill
from dashboard.demo.bulk_tables import scored, tables
from dashboard.demo.names import people
from dashboard.demo.story import Story, stories
from practice import bulk
from practice.fields import EncryptedTextField
from practice.models import AuditEvent, Practice, PrivacyNotice
from tests.factories.assessments import publish, version_of
from tests.factories.practice import MembershipFactory, PracticeFactory, PrivacyNoticeFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 18, 30, tzinfo=dt.UTC)
CLIENTS, SESSIONS = 5, 7


@pytest.fixture
def version():
    return version_of()


def staffed() -> list:
    practice = PracticeFactory(time_zone="Europe/Berlin", name="Large")
    PrivacyNoticeFactory(practice=practice)
    return [MembershipFactory(practice=practice, user=UserFactory(name=f"Clinician {place}")) for place in range(2)]


def play(story: Story, clinician, version) -> None:
    """One story through the product's actions, in the order in which it happened."""
    by, person = clinician.user, story.person
    client = clients.add_client(
        by=by,
        clinician=clinician,
        first_name=person.first,
        last_name=person.last,
        pronouns=person.pronouns,
        email=person.mailbox,
        relationship=story.relationship,
        starts_on=clinician.practice.today(story.joined_at),
        at=story.joined_at,
    )
    for visit in story.visits:
        if visit.answered_at:
            answer(client, by, version, visit)
        held = sessions.add_session(
            by=by,
            client=client,
            clinician=clinician,
            starts_at=visit.starts_at,
            kind="individual",
            attendance="held",
            note=visit.note,
            at=visit.starts_at + dt.timedelta(minutes=60),
        )
        rating.rate(by=by, session=held, ratings=visit.ratings, at=visit.rated_at)
        closing.close_session(by=by, session=held, at=visit.rated_at + dt.timedelta(minutes=10))
    course.decide_focus(by=by, client=client, barriers=story.focus, at=story.focus_at)
    sessions.add_session(
        by=by, client=client, clinician=clinician, starts_at=story.next_at, kind="individual", at=story.planned_at
    )
    if story.asked_at:
        assigning.assign(
            by=by, clients=[client], versions=[version], channel="portal", due_on=story.due_on, at=story.asked_at
        )


def answer(client, by, version, visit) -> None:
    (asked,) = assigning.assign(by=by, clients=[client], versions=[version], channel="room", at=visit.begun_at)
    response = answering.start(assignment=asked, by=by, agreed=True, at=visit.begun_at)
    saved = answering.save(response=response, answers=visit.answers, key="demo:1", by=by, at=visit.begun_at)
    assert not saved.errors
    answering.submit(response=response, by=by, at=visit.answered_at)


def labels(practice: Practice) -> dict[uuid.UUID, object]:
    """A name for each row that others point to, the same in both practices."""
    found = {practice.pk: "practice"}
    for member in practice.memberships.select_related("user"):
        found[member.pk] = found[member.user_id] = member.user.name
    found |= {row.pk: "notice" for row in PrivacyNotice.objects.filter(practice=practice)}
    found |= {row.pk: row.code for row in Client.objects.filter(practice=practice)}
    for client in Client.objects.filter(practice=practice):
        mine = [(row, row.number) for row in client.episodes.all()]
        mine += [(row, row.named_at) for row in client.relationships.all()]
        mine += [(row, row.starts_at) for row in client.therapysessions.all()]
        mine += [(row, row.given_at) for row in client.consents.all()]
        mine += [(row, row.barrier) for row in client.focusbarriers.all()]
        for row in client.assignments.all():
            mine += [(row, row.assigned_at), (row.administration, row.assigned_at)]
        mine += [(row, (row.respondent, row.started_at)) for row in client.responses.all()]
        mine += [(row, row.role) for row in client.careassignments.all()]
        found |= {row.pk: (client.code, type(row).__name__, name) for row, name in mine}
    return found


def contents(model, practice: Practice, named: dict) -> list[str]:
    """Every row of a table in this practice, ids named, sealed texts opened."""
    paths = {"ResponseRevision": "response__practice"}
    rows = model.objects.filter(**{paths.get(model.__name__, "practice_id"): practice.pk})
    return sorted(repr(plain(row, named)) for row in rows)


def plain(row, named: dict) -> dict[str, object]:
    found = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(field, EncryptedTextField):
            value = getattr(row, field.name)
        if field.primary_key:
            value = named.get(value)
        elif isinstance(value, uuid.UUID):
            value = named.get(value, value)
        elif isinstance(value, dict):
            value = sorted(value.items())
        found[field.name] = "" if field.name == "receipt" else value
    return found


def test_the_rows_are_those_of_the_actions(version):
    filled, played = staffed(), staffed()
    fill(Random(5), clinicians=filled, version=version, clients=CLIENTS, sessions=SESSIONS, now=NOW, tell=print)
    random = Random(5)
    told = stories(random, people(random, CLIENTS), SESSIONS, played[0].practice.zone, NOW)
    for number, story in enumerate(told):
        play(story, played[number % 2], version)
    first, second = filled[0].practice, played[0].practice
    for model in tables():
        one, other = contents(model, first, labels(first)), contents(model, second, labels(second))
        assert one == other, model.__name__
        assert one, model.__name__
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.client_counter == second.client_counter == CLIENTS
    assert Reference.objects.filter(practice=first).count() == Reference.objects.filter(practice=second).count()


def test_no_other_table_is_written_by_the_actions(version):
    """What the stories leave lies in these tables and nowhere else (counters and marks are compared above)."""
    from django.apps import apps

    before = {model: model.objects.count() for model in apps.get_models() if model._meta.managed}
    clinicians = staffed()
    (story, *_) = stories(Random(2), people(Random(2), 3), 3, clinicians[0].practice.zone, NOW)
    before |= {model: model.objects.count() for model in before}
    play(story, clinicians[0], version)
    changed = {model for model, count in before.items() if model.objects.count() != count}
    assert changed - {Reference} <= set(tables())


def test_it_is_whole(version):
    clinicians = staffed()
    fill(Random(1), clinicians=clinicians, version=version, clients=4, sessions=3, now=NOW, tell=print)
    practice = clinicians[0].practice
    assert rebuild(check=True) == []
    assert sum(path.mismatches for path in count_paths()) == 0
    assert Score.objects.filter(practice=practice, respondent="clinician").count() == 4 * 3 * 14
    twelve = Score.objects.filter(practice=practice, respondent="clinician").exclude(scale__endswith=".burden")
    assert twelve.exclude(scale__endswith=".high").count() == 4 * 3 * 12
    assert all(row.receipt == receipt_code(row.pk) for row in Response.objects.filter(practice=practice))
    assert Trajectory.objects.filter(practice=practice).count() == 4 * 28


def test_scores_are_the_product_s(version):
    random = Random(3)
    for _ in range(50):
        answers = {item.id: random.randint(0, 4) for item in version.definition.items if item.barrier}
        assert scored(version, answers) == [(one.key, one.of, one.value) for one in score(version.definition, answers)]


def test_the_same_seed_and_day_give_the_same(version):
    made = []
    for _ in range(2):
        clinicians = staffed()
        fill(Random(9), clinicians=clinicians, version=version, clients=2, sessions=2, now=NOW, tell=print)
        made.append(contents(Score, clinicians[0].practice, labels(clinicians[0].practice)))
    assert made[0] == made[1]


def catalogue() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL"
            " SELECT 'key', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid) || convalidated"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        return cursor.fetchall()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite fills tables as they are")
def test_indexes_and_keys_come_back_as_they_were(version, monkeypatch):
    before, clinicians = catalogue(), staffed()
    monkeypatch.setattr("dashboard.demo.bulk.BARE", 1)
    fill(Random(1), clinicians=clinicians, version=version, clients=4, sessions=3, now=NOW, tell=print)
    assert catalogue() == before
    assert rebuild(check=True) == []


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(TypeError, match="not a column"):
        bulk.Table(Score, "scale", "colour")


def test_the_command_with_many_clients(version, settings):
    publish()
    settings.ALLOWED_HOSTS = settings.LOCAL_HOSTS
    call_command("demo", clients=402, sessions=1, verbosity=0)
    owner = Practice.objects.get(name="Harbour Lane Practice")
    assert owner.clients.count() == 402
    cared = owner.memberships.filter(is_clinician=True).order_by("user__sign_in")
    assert sorted(member.care.count() for member in cared) == [67] * 6
    assert AuditEvent.objects.filter(practice_id=owner.pk, action="client.added").count() == 402
    assert owner.clients.filter(created_at__gt=timezone.now()).count() == 0
