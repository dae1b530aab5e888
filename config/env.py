"""Strict reading of the environment: a missing or malformed value names itself and stops the start.

Every variable may be given as ``NAME`` or, for secrets from files, as ``NAME_FILE`` (never both). A blank value is
the same as none. A value is never repeated in a message, since it may be a secret.
"""

import base64
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import EnvError, FileAwareEnv

BASE_DIR = Path(__file__).resolve().parent.parent


class StrictEnv(FileAwareEnv):
    """``environs`` that also reads ``NAME_FILE`` (secrets) and drops the newline at a file's end."""

    def __init__(self) -> None:
        super().__init__(strip_whitespace=True)


def fail(name: str, reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}: {reason}")


def read(getter: Callable[..., Any], name: str, **options: Any) -> Any:
    """One value; an unusable one raises ``ImproperlyConfigured`` that names the variable."""
    given, file = os.environ.get(name, "").strip(), os.environ.get(f"{name}_FILE", "").strip()
    if given and file:
        raise fail(name, f"is given twice, as {name} and as {name}_FILE")
    if not given and not file:
        if "default" in options:
            return options["default"]
        raise fail(name, "is missing")
    try:
        return getter(name, **options)
    except (EnvError, ValueError, OSError) as error:
        if file:
            raise fail(name, f"{name}_FILE is no readable file, or holds a malformed value") from None
        raise fail(name, f"has a malformed value ({type(error).__name__})") from None


def number(getter: Callable[..., Any], name: str, *, default: float, low: float, high: float) -> Any:
    """A number from ``low`` to ``high``; raises ``ImproperlyConfigured`` that names the variable and the range."""
    value = read(getter, name, default=default)
    if not low <= value <= high:
        raise fail(name, f"must be from {low} to {high}")
    return value


def address(name: str, value: str, schemes: tuple[str, ...]) -> SplitResult:
    """A URL's parts; raises ``ImproperlyConfigured`` unless it has one of the schemes, a host and a usable port."""
    kinds = ", ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(value)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise fail(name, f"must be an address with a host that starts with {kinds}")
    return parts


def local_secret_key(data_dir: Path) -> str:
    """The key that ``make setup`` made for the embedded default.

    Raises ``ImproperlyConfigured`` when there is none: a key made up at start would sign everybody out.
    """
    path = data_dir / "secrets" / "secret_key"
    if not path.is_file():
        raise fail("SECRET_KEY", f"is missing: set SECRET_KEY or SECRET_KEY_FILE, or run `make setup` (makes {path})")
    return path.read_text().strip()


def key_folder(path: Path) -> Path:
    """The folder of the keys that open stored text; raises ``ImproperlyConfigured`` when it holds none."""
    if not path.is_dir() or not any(entry.is_file() for entry in path.iterdir()):
        raise fail(
            "FIELD_KEYS_DIR", f"{path} is no folder with a key file in it: run `make setup`, or name one that is"
        )
    return path


def _write_new(path: Path, value: str, mode: int) -> None:
    """Write a secret unless the file is there: an existing one is never replaced, since it opens stored text."""
    if path.exists():
        return
    path.touch(mode=0o600)
    path.write_text(value + "\n")
    path.chmod(mode)


def _make_keys(folder: Path, *, mode: int, file_mode: int) -> None:
    keys = folder / "field-keys"
    keys.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    keys.chmod(mode)
    _write_new(folder / "secret_key", secrets.token_urlsafe(48), file_mode)
    if not any(keys.iterdir()):
        _write_new(keys / "k1", base64.b64encode(secrets.token_bytes(32)).decode(), file_mode)


def make_local_secrets(data_dir: Path) -> None:
    """Make the embedded default's secrets once: ``data_dir/secrets``, readable by their owner only."""
    _make_keys(data_dir / "secrets", mode=0o700, file_mode=0o600)


def make_compose_secrets(folder: Path) -> None:
    """Make the files that docker-compose.yml hands out as secrets, once.

    The folder is closed to other users of the host; the files in it are readable, because the containers' user is
    another one than their owner.
    """
    _make_keys(folder, mode=0o755, file_mode=0o444)
    for name in ("postgres_password", "redis_password"):
        _write_new(folder / name, secrets.token_urlsafe(32), 0o444)
    database, redis = ((folder / f"{name}_password").read_text().strip() for name in ("postgres", "redis"))
    _write_new(folder / "database_url", f"postgres://trestle:{database}@postgres:5432/trestle", 0o444)
    _write_new(folder / "celery_broker_url", f"redis://:{redis}@redis:6379/0", 0o444)
    _write_new(folder / "cache_url", f"redis://:{redis}@redis:6379/1", 0o444)
    _write_new(folder / "email_url", "smtp+tls://user:password@mail.example.org:587", 0o444)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--compose"]:
        make_compose_secrets(Path(sys.argv[2]))
    else:
        make_local_secrets(Path(os.environ.get("DATA_DIR") or BASE_DIR / "var"))
