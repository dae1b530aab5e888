"""Bringing past administrations: all or nothing, idempotent by content, scores and series follow."""

import datetime as dt
import json

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessments import importfiles
from assessments.actions import import_keeping, import_runs, importing
from assessments.actions.trajectories import rebuild
from assessments.models import NO_RELATIONSHIP, ImportRun, Response, ResponseText, Score, Trajectory
from clients.barriers import CODES
from clients.models import Episode, FocusBarrier, LifeEvent, Relationship, SafetyFlag
from practice.errors import Refused
from practice.models import AuditEvent, OutboxMessage
from practice.sealedfiles import Sealer
from tests.factories.assessments import answered, version_of
from tests.factories.clients import ClientFactory, now_about
from tests.factories.practice import MembershipFactory, PracticeFactory

pytestmark = pytest.mark.django_db
NAMES = ["client", "date", *CODES]


@pytest.fixture
def practice():
    return PracticeFactory(time_zone="Europe/Berlin")


@pytest.fixture
def client(practice):
    return ClientFactory(practice=practice, code="C-0001")


def text(*rows, names=NAMES, delimiter=","):
    return "\n".join(delimiter.join(str(cell) for cell in row) for row in [names, *rows]) + "\n"


def row(code="C-0001", day="2024-03-05", value=2, *more):
    return [code, day, *[value] * 12, *more]


def bring(practice, data, slug="barriers", **kwargs):
    data = data if isinstance(data, bytes) else data.encode()
    return import_runs.bring(
        practice=practice,
        version=version_of(slug),
        source=lambda: iter([data]),
        tell=lambda *_: None,
        **kwargs,
    )


def problems(run):
    return [tuple(one) for one in json.loads(run.problems or "[]")]


def counts(run):
    return run.state, run.rows, run.added, run.present, run.problem_count


def test_a_file_becomes_responses_with_scores_and_series(practice, client):
    run = bring(practice, text(row(day="2024-03-12", value=1), row(day="2024-03-05", value=4)))
    assert counts(run) == ("done", 2, 2, 0, 0)
    first, second = Response.objects.order_by("submitted_at")
    assert first.submitted_at == dt.datetime(2024, 3, 5, 11, tzinfo=dt.UTC)  # noon in Berlin
    assert (first.client, first.practice, first.episode) == (client, practice, client.episodes.get())
    assert (first.entry, first.state, first.respondent, first.assignment) == ("imported", "submitted", "client", None)
    assert first.answers == {**dict.fromkeys(CODES, 4), "focus": None}
    assert len(first.receipt) == 9
    assert (first.submitted_by, first.relationship) == (None, None)
    assert Score.objects.filter(response=first).count() == 14
    series = Trajectory.objects.get(scale="barriers.burden")
    assert (series.count, series.baseline, series.latest, series.points) == (2, 4, 1, "0:4 7:1")
    assert second.answers["past"] == 1
    assert rebuild(check=True) == []


def test_what_was_brought_comes_between_what_was_answered_here(practice, client):
    answered(client, at=timezone.now() - dt.timedelta(days=30))
    bring(practice, text(row(day="2024-03-05", value=4), row(day="2024-03-12", value=3)))
    series = Trajectory.objects.get(scale="barriers.burden")
    assert (series.count, series.baseline, series.previous, series.latest) == (3, 4, 3, 2)
    assert rebuild(check=True) == []


def test_the_same_file_again_changes_nothing(practice, client):
    data = text(row(), row(day="2024-03-12"))
    bring(practice, data)
    before = set(Response.objects.values_list("pk", flat=True))
    again = bring(practice, data + text(row(day="2024-03-19")).split("\n", 1)[1])
    assert counts(again) == ("done", 3, 1, 2, 0)
    assert before < set(Response.objects.values_list("pk", flat=True))
    assert counts(bring(practice, data)) == ("done", 2, 0, 2, 0)
    assert Response.objects.count() == 3


def test_a_line_that_stands_twice_is_brought_once(practice, client):
    assert counts(bring(practice, text(row(), row()))) == ("done", 2, 1, 1, 0)


def test_the_same_time_with_other_answers_is_a_problem_in_the_file_and_in_the_record(practice, client):
    run = bring(practice, text(row(value=1), row(value=2)))
    assert counts(run) == ("refused", 2, 0, 0, 1)
    assert problems(run)[0][:2] == (3, "date")
    assert "Line 2 has the same client and time" in problems(run)[0][2]
    names = [*NAMES, "time"]
    assert (
        counts(bring(practice, text(row("C-0001", "2024-03-05", 1, "9:00"), row(), names=names[:14])))[0] == "refused"
    )
    assert bring(practice, text(row("C-0001", "2024-03-05", 1, "9:00"), [*row(), "15:00"], names=names)).added == 2
    run = bring(practice, text([*row(value=3), "15:00"], names=names))
    assert counts(run) == ("refused", 1, 0, 0, 1)
    assert "brought before with other answers" in problems(run)[0][2]


def test_one_problem_and_nothing_is_written(practice, client):
    run = bring(practice, text(row(), row(code="C-9999"), row(day="2019-03-05"), row(value=7)))
    assert (run.state, run.added, run.problem_count, run.file) == ("refused", 0, 14, "")
    assert problems(run)[0] == (3, "client", "“C-9999” is no client code of this practice.")
    assert problems(run)[1] == (4, "date", "The client was not in care on that day.")
    assert problems(run)[2][:2] == (5, "vulnerability")
    assert (Response.objects.count(), Score.objects.count(), Trajectory.objects.count()) == (0, 0, 0)


def test_a_dry_run_tells_the_same_and_writes_nothing(practice, client):
    data = text(row(), row(day="2024-03-12"))
    dry = bring(practice, data, dry_run=True)
    assert counts(dry) == ("done", 2, 2, 0, 0)
    assert (Response.objects.count(), Score.objects.count()) == (0, 0)
    assert counts(bring(practice, data)) == counts(dry)
    bad = text(row(code="x"), row(value=9))
    assert problems(bring(practice, bad, dry_run=True)) == problems(bring(practice, bad))


def test_a_day_is_in_the_episode_that_ran_then(practice, client):
    first = client.episodes.get()
    first.ends_on, first.reason = dt.date(2024, 3, 5), "completed"
    first.save()
    second = Episode.objects.create(client=client, number=2, starts_on=dt.date(2024, 3, 5))
    bring(practice, text(row(day="2024-03-04"), row(day="2024-03-05"), row(day="2024-03-06")))
    assert list(Response.objects.order_by("submitted_at").values_list("episode", flat=True)) == [
        first.pk,
        second.pk,
        second.pk,
    ]
    assert Trajectory.objects.filter(scale="barriers.burden").count() == 2
    assert rebuild(check=True) == []


def test_the_relationship_is_the_one_named_by_then_or_the_one_of_the_line(practice, client):
    now_about(client, "Alex")
    alex = client.relationship
    Relationship.objects.filter(pk=alex.pk).update(named_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    now_about(client, "Kim")
    kim = client.relationship
    Relationship.objects.filter(pk=kim.pk).update(named_at=dt.datetime(2024, 6, 1, tzinfo=dt.UTC))
    days = ["2023-05-05", "2024-03-05", "2024-07-05"]
    bring(practice, text(*[row(day=day) for day in days]))
    about = list(Response.objects.order_by("submitted_at").values_list("relationship", flat=True))
    assert about == [alex.pk, alex.pk, kim.pk]
    bring(
        practice,
        text(row("C-0001", "2022-05-05", 2, "Kim"), [*row(day="2022-05-06"), "Sam"], names=[*NAMES, "relationship"]),
    )
    first, second = Response.objects.order_by("submitted_at")[:2]
    assert (first.relationship_id, second.relationship.words) == (kim.pk, "Sam")
    assert rebuild(check=True) == []


def test_no_relationship_where_the_measure_does_not_ask(practice, client):
    now_about(client, "Alex")
    names = ["client", "date", *[q.id for q in version_of("attachment-patterns").definition.questions]]
    bring(practice, text(["C-0001", "2024-03-05", *[4] * (len(names) - 2)], names=names), "attachment-patterns")
    asks = version_of("attachment-patterns").definition.asks_relationship
    found = set(Trajectory.objects.values_list("relationship", flat=True))
    assert found == ({client.relationship_id} if asks else {NO_RELATIONSHIP})


def test_notes_are_sealed_and_nobody_is_told_anything(practice, client):
    names = [*NAMES, "past.note", "focus"]
    bring(practice, text([*row(), "Only here.", "past control"], names=names))
    assert ResponseText.objects.get().text == "Only here."
    assert Response.objects.get().answers["focus"] == ["past", "control"]
    assert (FocusBarrier.objects.count(), LifeEvent.objects.count(), OutboxMessage.objects.count()) == (0, 0, 0)
    run = bring(practice, text([*row(), "Only elsewhere.", "past control"], names=names))
    assert run.state == "refused"


def test_another_practice_has_other_clients(client):
    run = bring(PracticeFactory(), text(row()))
    assert problems(run) == [(2, "client", "“C-0001” is no client code of this practice.")]


def test_a_code_of_a_joined_record_leads_to_the_one_that_holds_its_rows(practice, client):
    other = ClientFactory(practice=practice, code="C-0002")
    client.status, client.merged_into = "merged", other
    client.save()
    bring(practice, text(row()))
    assert Response.objects.get().client == other
    assert counts(bring(practice, text(row()))) == ("done", 1, 0, 1, 0)


def test_a_day_that_is_not_over(practice, client):
    now = timezone.now()
    ahead = (practice.today(now) + dt.timedelta(days=1)).isoformat()
    assert problems(bring(practice, text(row(day=ahead))))[0][1:] == ("date", "This day is not in the past.")
    assert bring(practice, text(row(day=practice.today(now).isoformat()))).added == 1
    assert Response.objects.get().submitted_at <= timezone.now()


def test_clocks_that_skip_an_hour(practice, client):
    run = bring(practice, text(row(day="2024-03-31 02:30")))
    assert problems(run)[0][:2] == (2, "date")
    assert "does not exist" in problems(run)[0][2]


def test_the_safety_screen_is_for_the_room(practice, client):
    with pytest.raises(Refused, match="room only"):
        bring(practice, text(row()), "safety-screen")
    assert ImportRun.objects.count() == 0


def test_too_many_lines(practice, client, settings):
    settings.IMPORT_MAX_ROWS = 2
    run = bring(practice, text(*[row(day=f"2024-03-0{n}") for n in range(1, 5)]))
    assert problems(run)[0][0] == 4
    assert (run.state, run.added, Response.objects.count()) == ("refused", 0, 0)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file(practice, client, data):
    assert problems(bring(practice, data))[0][0] == 1


def test_one_audit_row_with_counts_only(practice, client):
    bring(practice, text(row(), row(code="x")))
    bring(practice, text(row()))
    rows = AuditEvent.objects.filter(action__startswith="history.").order_by("pk")
    assert [(event.action, event.detail) for event in rows] == [
        ("history.refused", {"rows": 2, "added": 0, "present": 0, "problem_count": 1, "via": "command"}),
        ("history.brought", {"rows": 1, "added": 1, "present": 0, "problem_count": 0, "via": "command"}),
    ]


def test_what_changed_between_checking_and_writing_is_seen(practice, client, monkeypatch):
    original = importing.check

    def check(*args, **kwargs):
        tally = original(*args, **kwargs)
        Episode.objects.filter(client=client).update(starts_on=dt.date(2025, 1, 1))
        return tally

    monkeypatch.setattr(importing, "check", check)
    run = bring(practice, text(row(day="2025-03-05"), row()))
    assert (run.state, run.problem_count, Response.objects.count()) == ("refused", 1, 0)


# --- the run ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def owner(practice):
    return MembershipFactory(practice=practice, roles="owner").user


def sealed(pk, data):
    file = ContentFile(b"")
    sealer = Sealer(file, importfiles.context(pk))
    sealer.write(data.encode())
    sealer.close()
    file.seek(0)
    return file


def ask(practice, owner, data, **kwargs):
    run = ImportRun()
    return import_runs.ask(
        by=owner, practice=practice, version=version_of(), file=sealed(run.pk, data), pk=run.pk, **kwargs
    )


def test_a_worker_brings_what_was_asked_and_removes_the_file(
    practice, client, owner, django_capture_on_commit_callbacks
):
    run = ask(practice, owner, text(row()))
    assert default_storage.exists(run.file)
    with default_storage.open(run.file) as file:
        assert b"C-0001" not in file.read()
    with django_capture_on_commit_callbacks(execute=True):
        assert import_runs.work(run.pk) == "done"
    assert not default_storage.exists(run.file)
    assert Response.objects.get().submitted_by == owner
    assert import_runs.work(run.pk) == "nothing"


def test_who_lost_the_lease_writes_nothing(practice, client, owner, monkeypatch):
    run = ask(practice, owner, text(row()))
    original = importing.write

    def write(*args, **kwargs):
        tally = original(*args, **kwargs)
        ImportRun.objects.filter(pk=run.pk).update(fence=9)
        return tally

    monkeypatch.setattr(importing, "write", write)
    assert import_runs.work(run.pk) == "lost"
    assert Response.objects.count() == 0


def test_a_run_that_was_interrupted_is_taken_up_and_at_last_shown_as_failed(practice, client, owner, monkeypatch):
    run = ask(practice, owner, text(row()))
    monkeypatch.setattr(importing, "check", lambda *a, **k: 1 / 0)
    assert [import_runs.work(run.pk) for _ in range(4)] == ["queued", "queued", "failed", "nothing"]
    run.refresh_from_db()
    assert (run.state, run.error, run.attempts) == ("failed", "ZeroDivisionError", 3)


def test_a_killed_worker_leaves_a_run_that_is_rung_again(practice, client, owner, monkeypatch):
    rung = []
    monkeypatch.setattr("practice.jobs.ring_now", lambda task, pk, queue: rung.append((task, pk, queue)) or True)
    run = ask(practice, owner, text(row()))
    ImportRun.objects.filter(pk=run.pk).update(state="running", attempts=1, fence=1, lease_until=timezone.now())
    assert import_keeping.dispatch() == 1
    assert rung == [("assessments.import_responses", run.pk, "bulk")]
    assert import_runs.work(run.pk) == "done"
    ImportRun.objects.filter(pk=run.pk).update(
        state="running", attempts=3, lease_until=timezone.now(), ended_at=None, added=0
    )
    assert import_keeping.dispatch() == 0
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "interrupted")


def test_a_file_of_another_run_does_not_open(practice, client, owner):
    run, other = ask(practice, owner, text(row())), ask(practice, owner, text(row()))
    ImportRun.objects.filter(pk=run.pk).update(file=other.file)
    assert import_runs.work(run.pk) == "queued"
    assert ImportRun.objects.get(pk=run.pk).error == "CannotOpen"


def test_files_that_nobody_waits_for_are_swept(practice, client, owner, monkeypatch):
    run = ask(practice, owner, text(row()))
    stray = default_storage.save("imports/stray", ContentFile(b"x"))
    assert import_keeping.sweep_files() == 0
    monkeypatch.setattr(import_keeping, "ORPHAN_AGE", dt.timedelta(0))
    assert import_keeping.sweep_files() >= 1
    assert (default_storage.exists(run.file), default_storage.exists(stray)) == (True, False)


# --- the command -----------------------------------------------------------------------------------------------------
def test_the_command(practice, client, tmp_path, capsys):
    version_of()
    path = tmp_path / "past.csv"
    path.write_text(text(row(), delimiter=";"))
    call_command("import_responses", str(path), instrument="barriers", dry_run=True)
    assert "1 lines: 1 would be brought in, 0 there already" in capsys.readouterr().out
    call_command("import_responses", str(path), instrument="barriers")
    call_command("import_responses", str(path), instrument="barriers")
    assert "1 lines: 0 brought in, 1 there already" in capsys.readouterr().out
    path.write_text(text(row(), row(code="X")))
    with pytest.raises(CommandError, match="1 problem in 2 lines: nothing was brought in") as refused:
        call_command("import_responses", str(path), instrument="barriers")
    assert refused.value.returncode == 1
    assert "line 3, client: “X” is no client code" in capsys.readouterr().err


def test_the_command_asks_which_practice(practice, client, tmp_path):
    version_of()
    PracticeFactory(name="Another")
    path = tmp_path / "past.csv"
    path.write_text(text(row()))
    with pytest.raises(CommandError, match="--practice: say which one"):
        call_command("import_responses", str(path), instrument="barriers")
    call_command("import_responses", str(path), instrument="barriers", practice=practice.name)
    assert Response.objects.count() == 1
    with pytest.raises(CommandError, match="not in the library"):
        call_command("import_responses", str(path), instrument="moods")


def test_the_command_refuses_what_is_too_large(practice, tmp_path, settings):
    settings.IMPORT_MAX_BYTES = 10
    version_of()
    path = tmp_path / "past.csv"
    path.write_text(text(row()))
    with pytest.raises(CommandError, match="larger than"):
        call_command("import_responses", str(path), instrument="barriers")


def test_risk_answers_of_long_ago_are_shown_and_nobody_is_written_to(practice, client, monkeypatch):
    monkeypatch.setattr(importing, "risk_hits", lambda _definition, answers: ["past"] if answers["past"] == 4 else [])
    item = version_of().definition.items[0]
    monkeypatch.setitem(item.__dict__, "risk", (4,))
    run = bring(practice, text(row(value=4), row(day="2024-03-12", value=1)))
    flag = SafetyFlag.objects.get()
    assert (run.added, flag.client, flag.state) == (2, client, "open")
    assert flag.raised_at == dt.datetime(2024, 3, 5, 11, tzinfo=dt.UTC)
    assert OutboxMessage.objects.count() == 0
