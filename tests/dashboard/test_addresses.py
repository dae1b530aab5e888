"""Addresses of many rows are those that reversing each gives."""

import uuid

import pytest
from django.urls import reverse

from dashboard.addresses import Addresses


@pytest.mark.parametrize(
    ("name", "args"), [("client", ()), ("response", (uuid.uuid4(),)), ("session", (uuid.uuid4(),))]
)
def test_as_reversed_one_by_one(name, args):
    addresses, pk = Addresses(f"dashboard:{name}", *args), uuid.uuid4()
    assert addresses[pk] == addresses[pk] == reverse(f"dashboard:{name}", args=[*args, pk])
