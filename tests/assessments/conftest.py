"""Shipped definitions, read once."""

import pytest

from assessments.library import load_definitions
from assessments.schema import Definition


@pytest.fixture(scope="session")
def library() -> dict[str, Definition]:
    return {definition.slug: definition for definition in load_definitions()}


@pytest.fixture(scope="session")
def barriers(library: dict[str, Definition]) -> Definition:
    return library["barriers"]


@pytest.fixture(scope="session")
def safety(library: dict[str, Definition]) -> Definition:
    return library["safety-screen"]


@pytest.fixture(scope="session")
def spectrum(library: dict[str, Definition]) -> Definition:
    return library["relationship-spectrum"]


@pytest.fixture(scope="session")
def checkin(library: dict[str, Definition]) -> Definition:
    return library["session-checkin"]
