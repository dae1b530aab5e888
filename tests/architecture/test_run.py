"""`make run`'s runner, for real: it starts everything, says where, and leaves nothing behind however it is stopped."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from config import celery, run
from config.env import make_local_secrets
from config.health import answers

STOPPED_WITHIN = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes(data_dir: Path) -> dict[int, str]:
    """Every process of this machine that was given this data directory, by id."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"DATA_DIR={data_dir}".encode() in environment and command:
            found[int(entry.name)] = command
    return found


def wait_for(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return bool(met)


class Running:
    """A runner of the real product in a process of its own, its output in a file."""

    def __init__(self, data_dir: Path, port: int, root: Path) -> None:
        self.data_dir, self.port, self.log = data_dir, port, Path(tempfile.mkstemp(dir=data_dir.parent)[1])
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        environment |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(data_dir), "PORT": str(port)}
        environment |= {"DISPATCH_SECONDS": "60"}
        environment.pop("DATABASE_URL", None)
        environment.pop("CELERY_BROKER_URL", None)
        environment.pop("CACHE_URL", None)
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.run", "--no-demo"],
                cwd=root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_until_ready(self) -> None:
        ready = wait_for(lambda: "Ctrl-C stops everything" in self.output or self.process.poll() is not None, 90)
        assert ready, self.output
        assert self.process.poll() is None, self.output

    def head(self, name: str) -> int:
        """The id of the process that the runner started under this name."""
        word = {"web": "granian", "worker": " worker ", "beat": " beat "}[name]
        mine = {pid: command for pid, command in processes(self.data_dir).items() if word in command}
        return min(mine)

    def gone(self) -> bool:
        return wait_for(lambda: not processes(self.data_dir), STOPPED_WITHIN)

    def finish(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(STOPPED_WITHIN)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """A data directory that has been prepared once: the later starts are second runs."""
    folder = tmp_path_factory.mktemp("run") / "data"
    make_local_secrets(folder)
    return folder


@pytest.fixture
def running(data_dir, root):
    runner = Running(data_dir, free_port(), root)
    yield runner
    runner.finish()
    assert runner.gone(), processes(data_dir)


def test_it_starts_says_where_and_ends_on_ctrl_c(running):
    running.wait_until_ready()
    assert f"Open http://127.0.0.1:{running.port} " in running.output
    assert answers("127.0.0.1", running.port)
    assert {"web", "worker", "beat"} == {name for name in ("web", "worker", "beat") if running.head(name)}
    os.killpg(running.process.pid, signal.SIGINT)  # what a terminal does
    assert running.process.wait(STOPPED_WITHIN) == 0, running.output
    assert running.output.rstrip().endswith("Stopped.")
    assert running.gone()


def test_a_second_start_takes_seconds_and_a_busy_port_or_folder_is_named(running, data_dir, root):
    start = time.monotonic()
    running.wait_until_ready()
    assert time.monotonic() - start < 20
    same_port = Running(data_dir, running.port, root)
    assert same_port.process.wait(20) == 1
    assert f"port {running.port} is not free" in same_port.output
    same_folder = Running(data_dir, free_port(), root)
    assert same_folder.process.wait(20) == 1
    assert "is in use by another make run" in same_folder.output
    assert running.process.poll() is None
    assert answers("127.0.0.1", running.port)
    running.process.send_signal(signal.SIGHUP)  # a closed terminal
    assert running.process.wait(STOPPED_WITHIN) == 0
    assert running.gone()


@pytest.mark.parametrize("name", ["web", "worker"])
def test_when_one_process_dies_all_stop(running, name):
    running.wait_until_ready()
    os.kill(running.head(name), signal.SIGKILL)
    assert running.process.wait(STOPPED_WITHIN) == 1
    assert f"{name} ended by itself (-9): stopping the others." in running.output
    assert running.gone()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of other systems cannot tell the children")
def test_even_killed_outright_it_leaves_no_process(running):
    running.wait_until_ready()
    running.process.kill()
    running.process.wait(5)
    assert running.gone(), processes(running.data_dir)


def test_ctrl_c_while_preparing_leaves_nothing(tmp_path, root):
    folder = tmp_path / "data"
    make_local_secrets(folder)
    running = Running(folder, free_port(), root)
    assert wait_for(lambda: "Preparing" in running.output, 20)
    os.killpg(running.process.pid, signal.SIGINT)
    assert running.process.wait(10) == 130, running.output
    assert running.gone()
    assert "Traceback" not in running.output


def test_it_serves_every_queue():
    assert run.QUEUES.split(",") == list(celery.QUEUES)


def test_a_malformed_variable_is_one_line(data_dir, root):
    environment = {**os.environ, "DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "config.settings", "PORT": "http"}
    command = [sys.executable, "-m", "config.run"]
    failed = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert re.fullmatch(r"Cannot start: PORT: .*\n", failed.stderr)
