"""Settings are read strictly: each missing or malformed value stops the start and names its variable."""

import os
import re
import stat
import subprocess
import sys

import pytest

from config.env import make_compose_secrets, make_local_secrets

KEPT = ("PATH", "LANG", "HOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
MALFORMED = [
    ("DATABASE_URL", "nonsense"),
    ("DATABASE_URL", "mysql://user@host/name"),
    ("DATABASE_URL", "postgres://host:port/name"),
    ("DATABASE_URL", "postgres://host/"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_POOL", "0"),
    ("SECRET_KEY", "short"),
    ("BASE_URL", "practice.example.org"),
    ("BASE_URL", "https://"),
    ("BASE_URL", "https://example.org/below"),
    ("CELERY_BROKER_URL", "amqp://host"),
    ("CELERY_BROKER_URL", "redis://"),
    ("CACHE_URL", "memcached://host"),
    ("EMAIL_URL", "pop3://host"),
    ("EMAIL_URL", "smtp://"),
    ("EMAIL_URL", "smtp://host:mail"),
    ("FIELD_KEYS_DIR", "/nowhere"),
    ("PORT", "http"),
    ("PORT", "0"),
    ("PORT", "70000"),
    ("LOG_LEVEL", "LOUD"),
    ("DEBUG", "perhaps"),
    ("BEHIND_PROXY", "perhaps"),
    ("SESSION_HOURS", "0"),
    ("SESSION_IDLE_MINUTES", "an hour"),
    ("REPORT_LEASE_SECONDS", "1"),
    ("DISPATCH_SECONDS", "0"),
    ("IMPORT_MAX_MEGABYTES", "0"),
    ("IMPORT_MAX_ROWS", "many"),
    ("DATA_DIR", "/dev/null/below"),
]


def load(data_dir, root, expression="'loaded'", **environment):
    """Load the settings in a process with this environment only; its output and return code."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", f"from config import settings; print(({expression}))"],
        cwd=root,
        env={**kept, "DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("settings")
    make_local_secrets(folder)
    return folder


def test_the_embedded_default_needs_no_variable(data_dir, root):
    shown = load(data_dir, root, "settings.DATABASES['default']['NAME'], settings.BASE_URL, settings.EMAIL_BACKEND")
    assert shown.stderr == ""
    assert shown.stdout.strip() == str(
        (
            str(data_dir / "practice.sqlite3"),
            "http://127.0.0.1:8000",
            "django.core.mail.backends.filebased.EmailBackend",
        )
    )


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_malformed_value_names_its_variable(data_dir, root, name, value):
    failed = load(data_dir, root, **{name: value})
    last = failed.stderr.strip().splitlines()[-1]
    assert failed.returncode == 1
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {name}: ")


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL"])
def test_a_secret_is_never_repeated(data_dir, root, name):
    failed = load(data_dir, root, **{name: "hunter2"})
    assert failed.returncode == 1
    assert "hunter2" not in failed.stderr


@pytest.mark.parametrize("name", ["PORT", "DATABASE_URL", "EMAIL_URL", "LOG_LEVEL", "DEBUG"])
def test_a_blank_value_is_the_same_as_none(data_dir, root, name):
    shown = load(data_dir, root, **{name: " "})
    assert (shown.stdout.strip(), shown.stderr) == ("loaded", "")


def test_without_local_secrets_the_missing_key_names_itself(tmp_path, root):
    failed = load(tmp_path, root)
    assert "ImproperlyConfigured: SECRET_KEY: is missing" in failed.stderr
    assert "make setup" in failed.stderr


def test_without_field_keys_the_folder_names_itself(tmp_path, root):
    failed = load(tmp_path, root, SECRET_KEY="k" * 40)
    assert "ImproperlyConfigured: FIELD_KEYS_DIR: " in failed.stderr


def test_a_secret_comes_from_a_file_without_its_newline(data_dir, root, tmp_path):
    (tmp_path / "key").write_text("s" * 40 + "\n")
    shown = load(data_dir, root, "settings.SECRET_KEY", SECRET_KEY_FILE=str(tmp_path / "key"))
    assert shown.stdout == "s" * 40 + "\n"


@pytest.mark.parametrize(
    "environment", [{"SECRET_KEY_FILE": "/nowhere"}, {"SECRET_KEY_FILE": "/", "SECRET_KEY": "k" * 40}]
)
def test_an_unusable_or_second_source_names_the_variable(data_dir, root, environment):
    failed = load(data_dir, root, **environment)
    assert "ImproperlyConfigured: SECRET_KEY: " in failed.stderr


def test_mail_server_with_an_escaped_password(data_dir, root):
    expression = "settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_PASSWORD, settings.EMAIL_USE_TLS"
    shown = load(data_dir, root, expression, EMAIL_URL="smtp+tls://post:p%40ss@mail.example.org:587")
    assert shown.stdout.strip() == str(("mail.example.org", 587, "p@ss", True))


def test_local_secrets_are_their_owners_only_and_never_replaced(tmp_path):
    make_local_secrets(tmp_path)
    files = sorted(path for path in (tmp_path / "secrets").rglob("*") if path.is_file())
    before = {path: path.read_text() for path in files}
    assert [path.name for path in files] == ["k1", "secret_key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    make_local_secrets(tmp_path)
    assert {path: path.read_text() for path in files} == before


def test_secrets_for_compose_agree_with_each_other(tmp_path):
    folder = tmp_path / "secrets"
    make_compose_secrets(folder)
    password = (folder / "postgres_password").read_text().strip()
    assert (folder / "database_url").read_text().strip() == f"postgres://trestle:{password}@postgres:5432/trestle"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    before = {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}
    make_compose_secrets(folder)
    assert {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()} == before


def test_every_variable_is_tested_here_or_has_no_malformed_value(root):
    text = (root / "config" / "settings.py").read_text()
    read = set(re.findall(r'(?:read|number)\(\s*env\.\w+,\s*["\']([A-Z_]+)["\']', text))
    free = {"ALLOWED_HOSTS", "MAIL_FROM"}  # any text is a value
    assert read == {name for name, _value in MALFORMED} | free


def test_every_variable_stands_in_the_operations_page(root):
    text = (root / "docs" / "operations.md").read_text()
    assert {name for name, _value in MALFORMED if f"`{name}`" not in text} == set()
