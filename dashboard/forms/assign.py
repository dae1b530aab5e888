"""The form that asks a client to answer."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from assessments.models import Assignment, InstrumentVersion
from clients.models import Client
from practice.forms.base import CrispyForm
from practice.forms.dates import DayField

BOTH = "both"


class AssignForm(CrispyForm):
    """What is asked, of whom, how, until when. The page draws the measures itself; choices are what this client may be
    asked and, of a couple, only the partner in the reader's care."""

    versions = forms.MultipleChoiceField(
        label=_("Measures"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one measure."),
            "invalid_choice": _("Choose from the measures shown."),
        },
    )
    who = forms.ChoiceField(label=_("Who answers"), widget=forms.RadioSelect)
    channel = forms.ChoiceField(
        label=_("How it is given"),
        choices=Assignment.Channel.choices,
        widget=forms.RadioSelect,
        initial=Assignment.Channel.PORTAL,
    )
    due_on = DayField(
        label=_("Due"),
        required=False,
        help_text=_("Leave it empty when there is no hurry."),
    )

    expires_on = DayField(
        label=_("No longer after"),
        required=False,
        help_text=_("The last day on which it can be answered. Leave it empty when it may be answered late."),
    )

    def __init__(
        self,
        *args: Any,
        client: Client,
        partner: Client | None,
        versions: Sequence[InstrumentVersion],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.client, self.partner = client, partner
        self.by_id = {str(version.pk): version for version in versions}
        self._choices("versions", [(pk, version.instrument.title) for pk, version in self.by_id.items()])
        who = [("client", client.full_name)]
        if partner is not None:
            who.append((BOTH, _t("%(one)s and %(other)s, each alone") % self._names()))
        self._choices("who", who)
        self.fields["who"].initial = "client"
        for name in ("due_on", "expires_on"):
            self.fields[name].widget.attrs["min"] = client.practice.today().isoformat()

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def _names(self) -> dict[str, str]:
        return {"one": self.client.short_name, "other": self.partner.short_name if self.partner else ""}

    def chosen_ids(self) -> list[str]:
        """What is ticked now, whether valid or not."""
        return [str(value) for value in self["versions"].value() or ()]

    def chosen(self) -> list[InstrumentVersion]:
        """The measures ticked now, unknown ones left out, in the library's order."""
        ticked = set(self.chosen_ids())
        return [version for pk, version in self.by_id.items() if pk in ticked]

    def asked(self) -> list[Client]:
        """Who is asked as it is chosen now."""
        both = self["who"].value() == BOTH and self.partner is not None
        return [self.client, self.partner] if both and self.partner else [self.client]

    def fields_for_action(self) -> dict[str, Any]:
        return {
            "clients": self.asked(),
            "versions": self.chosen(),
            "channel": self.cleaned_data["channel"],
            "due_on": self.cleaned_data["due_on"],
            "expires_on": self.cleaned_data["expires_on"],
        }
