"""The one field for a day: within bounds that every clock and time zone of the product can work with."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

EARLIEST = date(1900, 1, 1)
AHEAD = timedelta(days=3653)


def latest() -> date:
    """The last day that is accepted: ten years from today."""
    return timezone.localdate() + AHEAD


def in_bounds(day: date) -> bool:
    """Whether a day may be typed."""
    return EARLIEST <= day <= latest()


class DayField(forms.DateField):
    """A day from 1900 to ten years from today; another one is refused at the field."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not in_bounds(value):
            text = _("Choose a day between %(first)s and %(last)s.")
            bounds = {"first": EARLIEST.isoformat(), "last": latest().isoformat()}
            raise forms.ValidationError(text % bounds, code="bounds")
