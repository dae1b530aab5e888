"""What every test has: no socket beyond this machine (pytest's options), a cache of its own, the product's paths."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from hypothesis import settings as hypothesis_settings

ROOT = Path(settings.BASE_DIR)

# Timings belong in benchmarks: a loaded machine must not fail a property.
hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Sign-in limits and replay guards of one test must not reach the next. The database cache rolls back by itself."""
    if settings.CACHES["default"]["BACKEND"].endswith("RedisCache"):
        cache.clear()


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT
