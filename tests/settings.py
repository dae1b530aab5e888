"""The product's settings for tests: the environment is read by config.settings, from a temporary DATA_DIR.

``DATABASE_URL`` and ``CELERY_BROKER_URL`` choose PostgreSQL and Redis as they do for the product; without them the
suite needs no service. Processes that tests start (``make run``, workers) get ``config.settings`` by themselves.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from config.env import make_local_secrets

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker:  # its parent made the root and removes it
    _data_dir = Path(os.environ["TEST_DATA_ROOT"]) / _worker
else:
    _data_dir = Path(tempfile.mkdtemp(prefix="trestle-test-"))
    os.environ["TEST_DATA_ROOT"] = str(_data_dir)
    atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)
os.environ["DATA_DIR"] = str(_data_dir)
for _name in ("FIELD_KEYS_DIR", "SECRET_KEY", "BASE_URL", "ALLOWED_HOSTS", "EMAIL_URL", "DEBUG", "BEHIND_PROXY"):
    os.environ.pop(_name, None)  # a developer's own values must not change what the tests see
    os.environ.pop(f"{_name}_FILE", None)


def _own_redis(name: str, first: int) -> None:
    """Each test process gets a Redis database of its own (there are 16), so that clearing one clears no other's."""
    if os.environ.get(name, "").startswith("redis"):
        number = first + (int(_worker.removeprefix("gw")) + 1 if _worker else 0) % 8
        os.environ[name] = urlsplit(os.environ[name])._replace(path=f"/{number}").geturl()


_own_redis("CACHE_URL", 0)
_own_redis("CELERY_BROKER_URL", 8)
make_local_secrets(_data_dir)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, LOGGING, STATIC_ROOT, STORAGES  # noqa: E402

# Hashing a password costs 50 ms by design; the hashers themselves are tested with the product's list.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT.mkdir(exist_ok=True)
LOGGING = {**LOGGING, "root": {**LOGGING["root"], "level": "WARNING"}}

_options = DATABASES["default"]["OPTIONS"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in the product (threads and processes share it), without waiting for the disk.
    DATABASES["default"]["TEST"] = {"NAME": str(_data_dir / "test.sqlite3")}
    _options["init_command"] = _options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
else:
    _options.pop("pool", None)  # a pool's threads outlive the test database; the running product is tested with it
