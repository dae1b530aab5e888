"""Strict reading of the environment: a missing or malformed value names itself and stops the start."""

import base64
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import EnvError, FileAwareEnv

BASE_DIR = Path(__file__).resolve().parent.parent


class StrictEnv(FileAwareEnv):
    """``environs`` that also reads ``NAME_FILE`` (Docker secrets) and speaks Django's error class."""


def fail(name: str, reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name}: {reason}")


def read(getter, name: str, **options):
    """One value; an unusable one raises ``ImproperlyConfigured`` that names the variable."""
    try:
        return getter(name, **options)
    except (EnvError, ValueError, OSError) as error:
        # The value itself is never repeated: it may be a secret.
        reason = "is missing" if "not set" in str(error) else f"has a malformed value ({type(error).__name__})"
        raise fail(name, reason) from None


def local_secret_key(data_dir: Path) -> str:
    """The key that ``make setup`` made for the embedded default.

    Raises ``ImproperlyConfigured`` when there is none: a key made up at start would sign everybody out.
    """
    path = data_dir / "secrets" / "secret_key"
    if not path.is_file():
        raise fail("SECRET_KEY", f"is missing: set SECRET_KEY or SECRET_KEY_FILE, or run `make setup` (makes {path})")
    return path.read_text().strip()


def make_local_secrets(data_dir: Path) -> None:
    """Make the embedded default's secrets once; existing ones are never replaced (they open stored text)."""
    import secrets

    folder = data_dir / "secrets"
    keys = folder / "field-keys"
    keys.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    keys.chmod(0o700)
    for path, value in (
        (folder / "secret_key", secrets.token_urlsafe(48)),
        (keys / "k1", base64.b64encode(secrets.token_bytes(32)).decode()),
    ):
        if path.parent == keys and any(keys.iterdir()):
            continue
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(value + "\n")


if __name__ == "__main__":
    import os

    make_local_secrets(Path(os.environ.get("DATA_DIR") or BASE_DIR / "var"))
