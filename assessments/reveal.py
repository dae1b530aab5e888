"""The one exception above access: what of one administration both partners of a couple agreed to show each other.

It answers for one administration and never widens a client. Everything that shows an answer of one partner beside the
other's asks here, each time it is shown; a withdrawal thereby hides it at once.
"""

from datetime import datetime

from assessments.models import Administration


def is_shared(administration: Administration, *, at: datetime | None = None) -> bool:  # noqa: ARG001 - nothing is yet
    """Whether both partners agreed to show each other their answers to this administration, and it was released.

    Nobody can agree yet: proposing, answering and releasing a reveal are not part of the product so far. So nothing is.
    """
    return False
