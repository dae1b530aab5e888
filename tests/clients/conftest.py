"""What the tests of this room share."""

import pytest

from practice.models import AuditEvent, Membership
from tests.factories.practice import MembershipFactory, PracticeFactory


@pytest.fixture
def practice(db):
    return PracticeFactory(time_zone="Europe/Berlin")


@pytest.fixture
def clinician(practice) -> Membership:
    return MembershipFactory(practice=practice)


@pytest.fixture
def owner(practice) -> Membership:
    return MembershipFactory(practice=practice, roles="owner")


@pytest.fixture
def audited(db):
    """``audited()`` gives the actions written since the last call, in order."""
    seen = [0]

    def actions() -> list[str]:
        rows = list(AuditEvent.objects.filter(pk__gt=seen[0]).order_by("pk").values_list("pk", "action"))
        seen[0] = rows[-1][0] if rows else seen[0]
        return [action for _, action in rows]

    return actions
