"""Whether a process does its work, for health checks. ``python -m config.health web|worker|beat``"""

import http.client
import os
import socket
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

BEAT_SECONDS = 120
"""Beat writes its schedule file twice a minute; one that is older belongs to a beat that hangs."""


def answers(host: str, port: int, *, timeout: float = 5.0, headers: dict[str, str] | None = None) -> bool:
    """Whether the web answers requests; a redirect or a refusal is an answer, a server error is none."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", "/healthz", headers=headers or {})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def web() -> bool:
    base = urlsplit(os.environ.get("BASE_URL", "http://localhost"))
    headers = {"Host": base.netloc, "X-Forwarded-Proto": base.scheme}
    return answers("127.0.0.1", int(os.environ.get("PORT") or 8000), headers=headers)


def worker() -> bool:
    from config.celery import app

    me = f"celery@{socket.gethostname()}"
    return bool(app.control.ping(destination=[me], timeout=5))


def beat() -> bool:
    path = Path(tempfile.gettempdir()) / "beat-schedule"  # where docker-compose.yml puts it
    files = list(path.parent.glob(path.name + "*"))
    return bool(files) and time.time() - max(file.stat().st_mtime for file in files) < BEAT_SECONDS


def main() -> int:
    checks = {"web": web, "worker": worker, "beat": beat}
    if sys.argv[1:] not in [[name] for name in checks]:
        print("usage: python -m config.health web|worker|beat", file=sys.stderr)
        return 2
    return 0 if checks[sys.argv[1]]() else 1


if __name__ == "__main__":
    sys.exit(main())
