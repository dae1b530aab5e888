"""How answering says no, beside ``practice.errors.Refused``."""

from django.utils.translation import gettext as _

from practice.errors import Refused


class LateDraft(Refused):
    """A draft came after the answers were sent: 409, and nothing is changed."""

    def __init__(self) -> None:
        super().__init__(_("These answers were sent already, so this change was not kept."))


class NotAsked(Refused):
    """The assignment was withdrawn or has expired."""

    def __init__(self) -> None:
        super().__init__(_("This is no longer asked of you. Your therapist can ask it again."))


class ConsentNeeded(Refused):
    """The privacy notice in force was not agreed to yet."""

    def __init__(self) -> None:
        super().__init__(_("Please read the privacy notice and agree to it before you answer."))


class Busy(Refused):
    """Others kept changing the same answers at the same time; trying again helps."""

    def __init__(self) -> None:
        super().__init__(_("This could not be saved just now. Please try again."))
