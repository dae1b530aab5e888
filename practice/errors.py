"""How the rooms say no: an action refuses, an opening is denied."""

import uuid

from django.http import Http404


class Refused(ValueError):
    """Not done, and nothing written. ``field`` names the form field, or is empty for the whole form."""

    def __init__(self, message: object, field: str = "") -> None:
        super().__init__(str(message))
        self.message, self.field = message, field


class Clash(Refused):
    """Refused because somebody changed the same thing since the writer had read it: both are shown, nothing is lost."""


class Denied(Http404):
    """May not be read, or does not exist: the middleware writes one denial row and shows the 404 page."""

    def __init__(self, subject: str, subject_id: uuid.UUID | None) -> None:
        super().__init__("not found")
        self.subject, self.subject_id = subject, subject_id
