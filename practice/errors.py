"""The one exception by which an action refuses: a translated message, at a form's field where there is one."""


class Refused(ValueError):
    """Not done, and nothing written. ``field`` names the form field, or is empty for the whole form."""

    def __init__(self, message: object, field: str = "") -> None:
        super().__init__(str(message))
        self.message, self.field = message, field
