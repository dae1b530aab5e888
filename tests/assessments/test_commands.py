"""The commands others rely on: load_library, score, rebuild_trajectories."""

import json
import shutil

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from assessments.library import FOLDER
from assessments.models import Instrument, InstrumentVersion, Trajectory
from homework.models import ExerciseVersion
from tests.factories.assessments import answered, definitions
from tests.factories.clients import ClientFactory


class TestLoadLibrary:
    @pytest.mark.django_db
    def test_a_line_for_each(self, capsys):
        call_command("load_library")
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 12 + 43
        assert lines[0] == "instrument after-session (en) version 1: new"
        assert InstrumentVersion.objects.count() == 12
        assert ExerciseVersion.objects.count() == 43
        call_command("load_library")
        assert {line.rpartition(": ")[2] for line in capsys.readouterr().out.splitlines()} == {"unchanged"}

    def test_checking_needs_no_database(self, capsys):
        call_command("load_library", "--check")
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 12 + 43
        assert {line.rpartition(": ")[2] for line in lines} == {"valid"}

    @pytest.mark.django_db
    def test_one_bad_file_loads_nothing_and_is_named(self, tmp_path):
        folder = tmp_path / "definitions"
        shutil.copytree(FOLDER, folder)
        path = folder / "barriers.yaml"
        text = path.read_text().replace("barrier: control\n", "barrier: charm\n", 1)
        line = text[: text.index("barrier: charm")].count("\n") + 1
        path.write_text(text)
        with pytest.raises(CommandError, match=rf"barriers\.yaml:{line}: .*unknown barrier code 'charm'"):
            call_command("load_library", "--instruments", folder)
        assert Instrument.objects.count() == 0
        assert ExerciseVersion.objects.count() == 0

    def test_problems_of_both_folders_are_told_together(self, tmp_path):
        for name in ("instruments", "exercises"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "bad.yaml").write_text("slug: [")
        with pytest.raises(CommandError) as refused:
            call_command(
                "load_library", "--instruments", tmp_path / "instruments", "--exercises", tmp_path / "exercises"
            )
        assert str(refused.value).count("bad.yaml") == 2


class TestScore:
    """No database here: pytest-django refuses every query in a test without its mark."""

    @pytest.fixture
    def run(self, tmp_path, capsys):
        def run(slug, content, *args):
            path = tmp_path / "answers.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            call_command("score", slug, "--answers", str(path), *args)
            return json.loads(capsys.readouterr().out)

        return run

    def test_scores_as_json(self, run):
        result = run("barriers", {item.id: 2 for item in definitions()["barriers"].items if item.barrier})
        scores = {line.pop("scale"): line for line in result["scores"]}
        assert scores["burden"] == {"value": 2.0, "answered": 12, "of": 12}
        assert scores["high"] == {"value": 0.0, "answered": 12, "of": 12}
        assert result["instrument"] == "barriers"

    def test_what_is_not_scored_says_why(self, run):
        scores = {line["scale"]: line for line in run("barriers", {"control": 3})["scores"]}
        assert scores["burden"] == {
            "scale": "burden",
            "value": None,
            "answered": 1,
            "of": 12,
            "reason": "too_few",
            "why": "Not scored: 1 of 12 answered",
        }

    def test_risk_answers_are_named(self, run):
        assert run("safety-screen", {"afraid.now": 1, "hurt.year": 0})["risk"] == ["afraid.now"]

    def test_a_plane_has_its_point(self, run):
        answers = {item.id: 4 for item in definitions()["attachment-patterns"].items}
        assert run("attachment-patterns", answers)["planes"] == [{"plane": "pattern", "x": 4.0, "y": 4.0}]

    def test_as_the_clinician(self, run):
        assert run("barriers", {"control": 3}, "--respondent", "clinician")["scores"][9]["value"] == 3
        with pytest.raises(CommandError, match="does not answer"):
            run("attunement", {}, "--respondent", "clinician")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ({"control": 9}, "answers.json: control: "),
            ({"zzz": 1}, "answers.json: zzz: "),
            ("[1]", "answers.json: a JSON object"),
            ('{"control": 1', "answers.json:1: not JSON"),
            ('{"control": 1, "control": 2}', "answers.json: control: answered twice"),
            ("[" * 100_000, "answers.json: not JSON"),
            ('"' + "x" * 1_000_000 + '"', "answers.json: larger than"),
        ],
        ids=["out of range", "unknown", "list", "broken", "twice", "deep", "large"],
    )
    def test_a_bad_file_is_named_with_the_item(self, run, content, message):
        with pytest.raises(CommandError) as refused:
            run("barriers", content)
        assert message in str(refused.value)

    def test_a_missing_file_is_named(self):
        with pytest.raises(CommandError, match=r"nowhere\.json: cannot be read"):
            call_command("score", "barriers", "--answers", "nowhere.json")

    def test_an_unknown_instrument_lists_the_known(self, run):
        with pytest.raises(CommandError, match="known are after-session, attachment-patterns"):
            run("moods", {})

    def test_no_query_is_run(self, run, monkeypatch):
        def refuse(*args, **kwargs):
            raise AssertionError("a query")

        monkeypatch.setattr(connection, "cursor", refuse)
        assert run("attunement", {})["scores"]


@pytest.mark.django_db
class TestRebuild:
    def test_check_tells_and_changes_nothing(self, capsys):
        answered(ClientFactory(), answers={"control": 3})
        call_command("rebuild_trajectories", "--check")
        assert "1 trajectories: all equal to a recount" in capsys.readouterr().out
        Trajectory.objects.update(latest=0)
        with pytest.raises(CommandError, match="1 of 1 trajectories differ") as refused:
            call_command("rebuild_trajectories", "--check")
        assert refused.value.returncode == 1
        assert "different: episode" in capsys.readouterr().out
        assert Trajectory.objects.get().latest == 0

    def test_it_puts_right(self, capsys):
        answered(ClientFactory(), answers={"control": 3})
        Trajectory.objects.all().delete()
        call_command("rebuild_trajectories")
        assert "1 trajectories: 1 put right" in capsys.readouterr().out
        assert Trajectory.objects.get().latest == 3
