"""Runs the whole product on one machine: web, worker and beat together. ``python -m config.run`` (``make run``)

Prepares the data, starts the processes, waits until the web answers, prints the address and who signs in how, and
stops all of them on Ctrl-C, SIGTERM or a closed terminal, and when any of them ends by itself.

Made of ``subprocess`` and not of a process manager: only the head of each process is asked to stop, so that a Celery
worker finishes the task in hand (a signal to the whole group ends its children in the middle of one); a closed
terminal stops everything; and on Linux the kernel ends the processes even if this one is killed outright.
"""

import argparse
import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.core.exceptions import ImproperlyConfigured

from config.env import BASE_DIR
from config.health import answers

HOST = "127.0.0.1"
QUEUES = "interactive,bulk,mail"
READY_SECONDS = 90
STOP_SECONDS = 10
"""A process that has not ended so long after it was asked to is killed. Its task is rung again at the next start."""
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLOURS = {"web": 36, "worker": 33, "beat": 35}


class CannotStart(Exception):
    """Why the product does not start, in one line."""


def commands(port: int, data_dir: Path) -> dict[str, list[str]]:
    """The command of each process."""
    python = sys.executable
    celery = [python, "-m", "celery", "--quiet", "--app", "config.celery"]
    return {
        "web": [
            *(python, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)),
            *("--workers", "2", "--blocking-threads", "1", "--no-ws", "--workers-kill-timeout", "5"),
            *("--log-level", "warning", "config.wsgi:application"),
        ],
        "worker": [
            *(*celery, "worker", "--queues", QUEUES, "--concurrency", "2", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        "beat": [
            *(*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""),
            *("--schedule", str(data_dir / "run" / "beat-schedule")),
        ],
    }


def with_parent() -> None:
    """Runs in a new process: on Linux it is asked to stop when this one is gone, however that happened."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1 is PR_SET_PDEATHSIG


@dataclass
class Runner:
    """The processes, their output with a prefix a line, and their end."""

    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    readers: list[threading.Thread] = field(default_factory=list)
    asked: int = 0
    """How often somebody asked to stop."""

    def ask_to_stop(self, _signal: int, _frame: object) -> None:
        self.asked += 1

    def start(self, name: str, command: list[str]) -> None:
        process = subprocess.Popen(  # noqa: S603 (the commands above)
            command,
            cwd=BASE_DIR,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=with_parent,
        )
        self.running[name] = process
        if process.stdout is None:
            raise CannotStart(f"{name} has no output")
        reader = threading.Thread(target=self.relay, args=(name, process.stdout), daemon=True)
        reader.start()
        self.readers.append(reader)

    def relay(self, name: str, stream: IO[bytes]) -> None:
        prefix = f"{name:<6} | "
        if sys.stdout.isatty():
            prefix = f"\x1b[{COLOURS[name]}m{prefix}\x1b[0m"
        for line in stream:
            if text := line.decode(errors="replace").rstrip():
                say(prefix + text)

    def ended(self) -> str:
        """The name of a process that ended by itself, or nothing."""
        return next((name for name, process in self.running.items() if process.poll() is not None), "")

    def stop(self) -> None:
        """Ask each to stop, wait, then kill what is left, children included. A second request kills at once."""
        asked = self.asked
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while any(process.poll() is None for process in self.running.values()):
            if time.monotonic() > deadline or self.asked > max(asked, 1):
                break
            time.sleep(0.05)
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError):  # the usual case: nothing of its group is left
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for reader in self.readers:
            reader.join(timeout=1)


def say(text: str) -> None:
    """One line to standard output, whole, even when several threads write; a closed terminal is no error."""
    with contextlib.suppress(OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def interrupt(_signal: int, _frame: object) -> None:
    """While preparing, every request to stop is like Ctrl-C: what runs is ended at once."""
    raise KeyboardInterrupt


def check_port(port: int) -> None:
    """Raises CannotStart when something listens there (granian would share the port silently)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            reason = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror
            raise CannotStart(f"port {port} is not free ({reason}); choose one: make run PORT={port + 1}") from None


def lock(data_dir: Path) -> IO[str]:
    """Hold the data directory: two beats over one folder would do everything twice."""
    (data_dir / "run").mkdir(exist_ok=True)
    handle = (data_dir / "run" / "lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise CannotStart(f"{data_dir} is in use by another make run; choose one: make run DATA_DIR=…") from None
    return handle


def prepare(*, demo: bool) -> str:
    """Prepare the data in a process of its own; who signs in how."""
    command = [sys.executable, "-m", "config.prepare", *([] if demo else ["--no-demo"])]
    done = subprocess.run(  # noqa: S603 (the command above)
        command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, check=False, preexec_fn=with_parent
    )
    if done.returncode:
        raise CannotStart("the data could not be prepared (see above)")
    return done.stdout


def serve(runner: Runner, port: int, url: str, who: str, parent: int) -> int:
    """Start everything and stay until somebody asks to stop (0) or a process ends by itself (1)."""
    for name, command in commands(port, Path(os.environ["DATA_DIR"])).items():
        runner.start(name, command)
    deadline, ready = time.monotonic() + READY_SECONDS, False
    while not runner.asked:
        if name := runner.ended():
            code = runner.running[name].returncode
            say(f"{name} ended by itself ({code}): stopping the others.")
            return 1
        if parent and os.getppid() != parent:
            return 0
        if not ready and answers(HOST, port):
            ready = True
            say(f"\n{who.rstrip()}\n\n  Open {url}   (Ctrl-C stops everything)\n")
        elif not ready and time.monotonic() > deadline:
            say(f"The web did not answer within {READY_SECONDS} s: stopping.")
            return 1
        time.sleep(0.2)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.run", description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started it is gone")
    parser.add_argument("--no-demo", action="store_true", help="never load the demo practice")
    options = parser.parse_args()
    parent = os.getppid() if options.with_parent else 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    runner = Runner()
    for number in STOPPING:
        signal.signal(number, interrupt)
    try:
        from config import settings

        os.environ["DATA_DIR"] = str(settings.DATA_DIR)
        check_port(settings.PORT)
        held = lock(settings.DATA_DIR)
        say(f"Preparing {settings.DATA_DIR}")
        who = prepare(demo=not options.no_demo)
    except KeyboardInterrupt:
        return 130
    except (CannotStart, ImproperlyConfigured) as error:
        print(f"Cannot start: {error}", file=sys.stderr)
        return 1
    for number in STOPPING:
        signal.signal(number, runner.ask_to_stop)
    try:
        code = serve(runner, settings.PORT, settings.BASE_URL, who, parent)
    finally:
        say("Stopping (Ctrl-C again: at once) …")
        runner.stop()
        held.close()
    say("Stopped.")
    return code


if __name__ == "__main__":
    sys.exit(main())
