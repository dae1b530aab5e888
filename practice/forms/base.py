"""What every form of the product shares."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from practice.errors import Refused


class CrispyForm(forms.Form):
    """A form with its submit button (``submit``: its words), and a way to show an action's refusal at the field."""

    submit: Any = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_show_errors = True
        if self.submit:
            self.helper.add_input(Submit("", self.submit))

    def refuse(self, refusal: Refused) -> None:
        """Show why an action refused: at its field where this form has it, else on top."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
