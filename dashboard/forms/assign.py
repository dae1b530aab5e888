"""Forms: asking a client to answer, and rating a session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from assessments.models import Assignment, InstrumentVersion
from clients.barriers import BARRIERS, Barrier
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


@dataclass(frozen=True, slots=True)
class RatingOption:
    """One value to choose."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One barrier's row of the grid."""

    field: forms.BoundField
    wording: str
    options: list[RatingOption]


class RatingForm(CrispyForm):
    """The twelve barriers, 0–4 or not discussed, by opaque codes."""

    def __init__(
        self,
        *args: Any,
        values: Mapping[str, Any],
        labels: Sequence[tuple[int, str]],
        wordings: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.wordings = wordings
        choices = [("", _t("Not discussed")), *((str(value), label) for value, label in labels)]
        for barrier in BARRIERS:
            value = values.get(barrier.code)
            self.fields[barrier.opaque] = forms.ChoiceField(
                label=str(barrier.name),
                choices=choices,
                required=False,
                initial="" if value is None else str(value),
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": _("Choose one of the values shown.")},
            )

    def lines(self) -> list[RatingRow]:
        """The grid, with what was typed or stored."""
        return [self._line(barrier) for barrier in BARRIERS]

    def _line(self, barrier: Barrier) -> RatingRow:
        bound = self[barrier.opaque]
        field: Any = self.fields[barrier.opaque]
        value = str(bound.value() or "")
        options = [RatingOption(code, str(label), code == value) for code, label in field.choices]
        return RatingRow(bound, self.wordings.get(barrier.code, ""), options)

    def ratings(self) -> dict[str, int | None]:
        """Values by barrier code."""
        values = {barrier.code: self.cleaned_data[barrier.opaque] for barrier in BARRIERS}
        return {code: int(value) if value else None for code, value in values.items()}
