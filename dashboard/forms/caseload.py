"""Forms of the caseload: searching by name, narrowing and sorting, asking several clients at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import InstrumentVersion
from clients.barriers import BARRIERS
from clients.models import Client
from dashboard import choice as codes
from dashboard.choice import Choice
from dashboard.forms.assign import AssignForm


class SearchForm(forms.Form):
    """A name, part of one, or a code."""

    q = forms.CharField(label=_("Name or code"), max_length=80, required=False)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose."""

    code: str
    label: Any
    chosen: bool


class FilterForm:
    """What the list can be narrowed to and sorted by, as the page draws it. Reading is ``Choice.read``: an unknown code
    is left out, never refused."""

    def __init__(self, choice: Choice) -> None:
        in_care = choice.tab == codes.IN_CARE
        shows = codes.SHOWS if in_care else codes.CLOSED_SHOWS
        sorts = codes.SORTS if in_care else codes.CLOSED_SORTS
        self.shows = [Option(code, codes.SHOWS[code], code in choice.shows) for code in shows]
        self.sorts = [Option(code, codes.SORTS[code], code == choice.sort) for code in sorts]
        self.barriers = (
            [Option(one.opaque, one.name, one.opaque == choice.barrier) for one in BARRIERS] if in_care else []
        )


class SeveralForm(AssignForm):
    """The assign form for clients who were chosen on the caseload."""

    def __init__(self, *args: Any, clients: Sequence[Client], versions: Sequence[InstrumentVersion], **kw: Any) -> None:
        super().__init__(*args, client=clients[0], partner=None, versions=versions, **kw)
        self.clients = list(clients)
        del self.fields["who"]

    def left_out(self) -> set[str]:
        """Of whom the reader said that what cannot be asked is left out."""
        return set(self.data.getlist("leave")) if self.is_bound else set()  # type: ignore[attr-defined]

    def fields_for_action(self) -> dict[str, Any]:
        return {
            "clients": self.clients,
            "versions": self.chosen(),
            "channel": self.cleaned_data["channel"],
            "due_on": self.cleaned_data["due_on"],
            "expires_on": self.cleaned_data["expires_on"],
        }
