"""`make demo-reset` leaves a directory alone on which `make run` works, and says so."""

import pytest

from config import reset, run, settings


@pytest.fixture
def asked(monkeypatch, tmp_path) -> list[list[str]]:
    """The commands that were started; the data directory is one of its own."""
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    found: list[list[str]] = []

    def started(command, **_kwargs):
        found.append(command[1:])
        return run.subprocess.CompletedProcess(command, 0, stdout="")

    monkeypatch.setattr(run.subprocess, "run", started)
    return found


def test_refused_while_the_product_runs(asked, tmp_path, capsys) -> None:
    with run.lock(tmp_path):
        assert reset.main() == 1
    said = capsys.readouterr().err
    assert (f"Cannot reset: make run works on {tmp_path}" in said, asked) == (True, [])


def test_prepares_and_resets_holding_the_directory(asked, tmp_path) -> None:
    assert reset.main() == 0
    assert asked == [["-m", "config.prepare", "--no-demo"], ["manage.py", "demo", "--reset"]]
    run.lock(tmp_path).close()  # free again
