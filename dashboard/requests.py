"""What a staff view finds on its request: middleware and ``opening`` put it there."""

from practice.grants import Relationship
from practice.requests import MemberRequest


class StaffRequest(MemberRequest):
    """For type hints only: ``relationships`` and ``basis`` exist in views that ``opening.record`` decorates."""

    relationships: list[Relationship]
    basis: Relationship | None
