"""What may be chosen when a report is asked for."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from practice.forms.base import CrispyForm
from reports.builders.options import CHARTS, PERIODS, WHOLE


class AskForm(CrispyForm):
    """``key`` makes sending twice ask once; the page that shows the form makes it."""

    submit = _("Make the report")
    period = forms.ChoiceField(label=_("Period"), choices=list(PERIODS.items()), initial=WHOLE)
    charts = forms.MultipleChoiceField(
        label=_("Charts"),
        choices=list(CHARTS.items()),
        initial=list(CHARTS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The barrier map, the scores and their tables are always in it."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"key": uuid.uuid4()}, **kwargs)

    @property
    def options(self) -> dict[str, Any]:
        """The chosen options, for the action."""
        return {"period": self.cleaned_data["period"], "charts": self.cleaned_data["charts"]}
