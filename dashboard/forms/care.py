"""Forms of the course of care: focus, life events, discharge, return, safety flags."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clients.barriers import BARRIERS, BY_OPAQUE, MAX_FOCUS
from clients.models import Episode, LifeEvent
from practice.forms.base import CrispyForm
from practice.forms.dates import DayField


def choose_first(label: Any, choices: Any) -> list[tuple[str, Any]]:
    """Choices that begin with an empty one, so that nothing is chosen by itself."""
    return [("", label), *choices]


class FocusForm(CrispyForm):
    """Up to three barriers, by opaque codes."""

    submit = _("Set the focus")

    barriers = forms.MultipleChoiceField(
        label=_("In focus"),
        required=False,
        choices=[(barrier.opaque, barrier.name) for barrier in BARRIERS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose from the twelve barriers.")},
        help_text=_("None to three. What leaves the focus stays on the map."),
    )

    def clean_barriers(self) -> list[str]:
        chosen = self.cleaned_data["barriers"]
        if len(chosen) > MAX_FOCUS:
            raise forms.ValidationError(_t("Choose up to %(most)s barriers.") % {"most": MAX_FOCUS})
        return [BY_OPAQUE[code].code for code in chosen]


class EventForm(CrispyForm):
    """Something that happened in the client's life."""

    submit = _("Add the life event")

    kind = forms.ChoiceField(label=_("What happened"), choices=choose_first(_("Choose"), LifeEvent.Kind.choices))
    happened_on = DayField(label=_("When"))
    note = forms.CharField(label=_("In a few words"), max_length=500, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"happened_on": today}, **kwargs)


class DischargeForm(CrispyForm):
    submit = _("Discharge")

    reason = forms.ChoiceField(label=_("Reason"), choices=choose_first(_("Choose"), Episode.Reason.choices))
    ends_on = DayField(label=_("Last day of this episode"))
    closing_note = forms.CharField(
        label=_("Closing note"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"ends_on": today}, **kwargs)


class ReturnForm(CrispyForm):
    submit = _("Start the episode")

    starts_on = DayField(label=_("First day"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"starts_on": today}, **kwargs)


class BeginningForm(CrispyForm):
    submit = _("Move the first day")

    starts_on = DayField(label=_("First day of this episode"))


class FlagForm(CrispyForm):
    """What was done about a flag; the words are stored encrypted."""

    text = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args: Any, closing: bool, **kwargs: Any) -> None:
        self.submit = _("Close the flag") if closing else _("Acknowledge")
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Which action closes it?") if closing else _("What did you do, or will you do?")
