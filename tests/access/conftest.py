"""One world a test module: built in a transaction that is rolled back at the module's end."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.access.matrix import row_modules
from tests.access.world import World, build


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is rolled back; sign-in limits and denial counts start anew."""
    with transaction.atomic():
        cache.clear()
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    with django_db_blocker.unblock(), undone():
        yield build([module.extend for module in row_modules() if hasattr(module, "extend")])
