"""Practices of a given size, each in a database of its own behind a real web process. Used by ``bench_size.py``.

Run as a module it is the process that fills one database: ``python -m benchmarks.size CLIENTS SESSIONS`` prints, as
JSON, the cookie of a signed-in clinician, the addresses of the pages, and how many queries each of them makes.
"""

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.env import BASE_DIR, make_local_secrets
from config.health import answers

HOST = "127.0.0.1"
CASELOAD = 100


@dataclass
class Place:
    """A practice of so many clients; ``samples`` are seconds by page."""

    name: str
    clients: int
    sessions: int
    folder: Path
    database: str = ""
    port: int = 0
    cookie: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    queries: dict[str, int] = field(default_factory=dict)
    samples: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    connection: http.client.HTTPConnection | None = None

    @property
    def environment(self) -> dict[str, str]:
        # One process that keeps its connection, as the product has it; nothing of the caller's own settings.
        given = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
        return given | {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "WARNING",
            "PORT": str(self.port),
            "PYTHONPATH": str(BASE_DIR),
        }

    def fill(self) -> None:
        """Prepare the folder and database, fill it, and learn where its pages are."""
        began = time.monotonic()
        self.prepare()
        found = json.loads(self.run("-m", "benchmarks.size", str(self.clients), str(self.sessions)))
        self.cookie, self.pages, self.queries = found["cookie"], found["pages"], found["queries"]
        self.seconds = time.monotonic() - began

    def prepare(self) -> None:
        """The folder and an empty database with the library."""
        self.folder.mkdir(parents=True)
        make_local_secrets(self.folder)
        self.port = free_port()
        self.run("-m", "config.prepare", "--no-demo")

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=BASE_DIR, env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(arguments)}\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
        return done.stdout

    @contextlib.contextmanager
    def serve(self) -> Iterator[None]:
        """One web process, as ``make run`` starts it, but for the number of workers."""
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(self.port)),
            *("--workers", "1", "--blocking-threads", "1", "--no-ws", "--workers-kill-timeout", "5"),
            *("--log-level", "warning", "config.wsgi:application"),
        ]
        process = subprocess.Popen(command, cwd=BASE_DIR, env=self.environment, stdout=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while not answers(HOST, self.port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.name}: the web does not answer")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def get(self, page: str) -> float:
        """Ask for a page; the seconds until it was read whole."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        began = time.perf_counter()
        self.connection.request("GET", self.pages[page], headers={"Cookie": self.cookie})
        response = self.connection.getresponse()
        response.read()
        took = time.perf_counter() - began
        if response.status != 200:
            raise RuntimeError(f"{self.name}: {page} answers {response.status}")
        self.samples.setdefault(page, []).append(took)
        return took


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


# --- PostgreSQL ------------------------------------------------------------------------------------------------------
def _programs() -> Path | None:
    """The folder of the newest PostgreSQL on this machine."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    return Path(found).parent if found else folders[-1] if folders else None


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[str | None]:
    """The address of an empty cluster (``…/``, a database's name is to follow); ``DATABASE_URL``'s, or one of our own
    in the folder; none where this machine has no PostgreSQL."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given.rpartition("/")[0] + "/"
        return
    programs = _programs()
    if programs is None:
        yield None
        return
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder.mkdir(parents=True)
    if as_owner:
        for path in (folder, *folder.parents):
            if path.stat().st_uid == 0 and str(path) not in ("/", "/tmp"):  # the owner passes through, no more
                path.chmod(path.stat().st_mode | 0o011)
        shutil.chown(folder, "postgres")
    data, port = folder / "data", free_port()

    def control(*arguments: str) -> None:
        subprocess.run([*as_owner, *arguments], cwd="/", check=True, stdout=subprocess.DEVNULL)

    control(
        *(str(programs / "initdb"), "--pgdata", str(data), "--auth", "trust", "--username", "trestle"),
        *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
    )
    options = f"-p {port} -c listen_addresses={HOST} -c unix_socket_directories='' -c fsync=off -c max_connections=40"
    server = [str(programs / "pg_ctl"), "--pgdata", str(data), "--log", str(folder / "log")]
    control(*server, "--wait", "start", "--options", options)
    try:
        yield f"postgres://trestle@{HOST}:{port}/"
    finally:
        control(*server, "--mode", "immediate", "stop")


@contextlib.contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """A database of this name on the server, dropped afterwards; its address."""
    import psycopg

    with psycopg.connect(server + "postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield server + name
    finally:
        with psycopg.connect(server + "postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


# --- the process that fills a database -------------------------------------------------------------------------------
def build(clients: int, sessions: int) -> dict[str, Any]:
    """Fill the database; what ``Place.fill`` learns."""
    from random import Random

    from django.db import transaction
    from django.utils import timezone

    from assessments.queries.library import latest_version
    from dashboard.demo.bulk import fill
    from practice.actions.people import add_member, change_member, found_practice
    from practice.models import Membership, User

    now = timezone.now()
    at = now - timezone.timedelta(days=7 * sessions + 90)
    version = latest_version("barriers")
    assert version is not None
    with transaction.atomic():
        owner = found_practice(
            name="Bench", time_zone="Europe/Berlin", owner_email="o@x.example", owner_name="O", at=at
        )
        roles = ("owner", "clinician")
        change_member(by=owner.user, membership=owner, roles=roles, title="", ends_on=None, at=at)
        clinicians = [Membership.objects.select_related("practice", "user").get(pk=owner.pk)]
        for number in range(1, -(-clients // CASELOAD)):
            user = User.objects.create_user(f"c{number}@x.example", name=f"Clinician {number}", joined_at=at)
            more = {"roles": ("clinician",), "starts_on": at.date(), "at": at}
            clinicians.append(add_member(by=owner.user, practice=owner.practice, user=user, **more))
        fill(
            Random(1),
            clinicians=clinicians,
            version=version,
            clients=clients,
            sessions=sessions,
            now=now,
            tell=lambda _line: None,
        )
    return look(clinicians[0])


def look(clinician: Any) -> dict[str, Any]:
    """A signed-in browser's cookie, the pages of the clinician, and their queries, each counted warm."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    browser = Client()
    browser.force_login(clinician.user)
    client = clinician.care.order_by("client__code").first().client
    pages = {"caseload": reverse("dashboard:caseload"), "record": reverse("dashboard:client", args=[client.pk])}
    queries = {}
    for page, path in pages.items():
        browser.get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = browser.get(path)
        assert answer.status_code == 200, (page, answer.status_code)
        queries[page] = len(captured)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
    return {"cookie": cookie, "pages": pages, "queries": queries}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(build(int(sys.argv[1]), int(sys.argv[2]))))
