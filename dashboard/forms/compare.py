"""The form of two days to compare."""

from datetime import date
from typing import Any

from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from practice.forms.base import CrispyForm
from practice.forms.dates import DayField
from reports.builders.dates import day_text


class CompareForm(CrispyForm):
    """Two days of an episode, sent by GET: nothing is changed. ``days`` gives them in the order of time."""

    submit = _("Compare")

    a = DayField(label=_("First day"), error_messages={"required": _("Choose the first day.")})
    b = DayField(label=_("Second day"), error_messages={"required": _("Choose the second day.")})
    e = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, first: date, last: date, **kwargs: Any) -> None:
        self.first, self.last = first, last
        super().__init__(*args, **kwargs)
        for name in ("a", "b"):
            self.fields[name].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        self.helper.form_method = "get"
        self.helper.disable_csrf = True
        self.helper.layout = Layout(Div("a", "b", css_class="grid-2"), Field("e"))

    def clean_a(self) -> date:
        return self._within(self.cleaned_data["a"])

    def clean_b(self) -> date:
        return self._within(self.cleaned_data["b"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("a") and data.get("a") == data.get("b"):
            self.add_error("b", _t("Both days are the same. Choose another one."))
        return data

    def days(self) -> tuple[date, date]:
        """Both, the earlier first."""
        first, second = sorted((self.cleaned_data["a"], self.cleaned_data["b"]))
        return first, second

    def _within(self, day: date) -> date:
        if not self.first <= day <= self.last:
            raise forms.ValidationError(
                _t("Choose a day of this episode, from %(first)s to %(last)s.")
                % {"first": day_text(self.first), "last": day_text(self.last)}
            )
        return day
