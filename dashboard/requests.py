"""What a staff view finds on its request: middleware and ``opening`` put it there."""

from django.http import HttpRequest

from practice.grants import Relationship
from practice.models import Membership, User


class StaffRequest(HttpRequest):
    """For type hints only. ``relationships`` and ``basis`` exist in views that ``opening.record`` decorates."""

    user: User
    membership: Membership
    relationships: list[Relationship]
    basis: Relationship | None
