"""Leave with its cover, ending it, handing a caseload over. One choice a client stands beside the client's name."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clients.models import CareAssignment
from practice.forms.base import CrispyForm
from practice.forms.dates import DayField
from practice.models import Membership

AS_ABOVE, NOBODY, STAYS = "", "nobody", "stays"


@dataclass(frozen=True, slots=True)
class Line:
    """One client with the choice beside the name."""

    care: CareAssignment
    field: forms.BoundField


class PerClientForm(CrispyForm):
    """A colleague for everybody, and another one for some: a select a client, ``c<id>``."""

    def add_rows(self, care: Sequence[CareAssignment], colleagues: Sequence[Membership], first: Any) -> None:
        """A select for each client; ``first(row)`` gives its choices before the colleagues."""
        self.care = list(care)
        self.colleagues = {str(member.pk): member for member in colleagues}
        named = [(pk, str(member)) for pk, member in self.colleagues.items()]
        for row in self.care:
            label = _t("For %(name)s") % {"name": row.client.full_name}
            field = forms.ChoiceField(label=label, required=False, choices=[*first(row), *named])
            self.fields[self.name_of(row.client_id)] = field

    @staticmethod
    def name_of(client: uuid.UUID) -> str:
        return f"c{client.hex}"

    def rows(self) -> Iterator[Line]:
        for row in self.care:
            yield Line(row, self[self.name_of(row.client_id)])

    def chosen(self, row: CareAssignment) -> str:
        return str(self.cleaned_data.get(self.name_of(row.client_id), AS_ABOVE))

    def refuse_rows(self, problems: Mapping[uuid.UUID, str]) -> None:
        """Each reason at its client."""
        for pk, text in problems.items():
            name = self.name_of(pk)
            self.add_error(name if name in self.fields else None, text)


class LeaveForm(PerClientForm):
    """From, to, and who stands in."""

    starts_on = DayField(label=_("First day away"))
    ends_on = DayField(label=_("Last day away"))
    cover = forms.ModelChoiceField(
        Membership.objects.none(),
        label=_("Who stands in"),
        empty_label=_("Choose"),
        help_text=_("Sees and works with these clients on those days, gets their flags, and loses access after them."),
    )

    def __init__(
        self,
        *args: Any,
        care: Sequence[CareAssignment],
        colleagues: Any,
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, initial={"starts_on": today}, **kwargs)
        field: Any = self.fields["cover"]
        field.queryset = colleagues
        self.add_rows(care, list(colleagues), self._first)
        self.helper.form_tag = False
        self.helper.layout = Layout(Div("starts_on", "ends_on", css_class="grid-2"), "cover")

    @staticmethod
    def _first(row: CareAssignment) -> list[tuple[str, Any]]:
        first: list[tuple[str, Any]] = [(AS_ABOVE, _("as above"))]
        if row.role == CareAssignment.Role.CO:
            first.append((NOBODY, _("nobody: the primary clinician is there")))
        return first

    def covers(self) -> dict[uuid.UUID, Membership | None]:
        """Whom the clinician chose for some clients; ``None``: nobody."""
        found: dict[uuid.UUID, Membership | None] = {}
        for row in self.care:
            code = self.chosen(row)
            if code != AS_ABOVE:
                found[row.client_id] = self.colleagues.get(code)
        return found


class BackForm(CrispyForm):
    """Back early: the last day away."""

    submit = _("End the leave")

    ends_on = DayField(label=_("Last day away"), help_text=_("Whoever stands in loses access after this day."))


class HandoverForm(PerClientForm):
    """On which day, to whom, and whether what is planned moves too."""

    starts_on = DayField(label=_("First day with the new clinician"))
    to = forms.ModelChoiceField(
        Membership.objects.none(),
        label=_("Hand over to"),
        required=False,
        empty_label=_("Choose"),
        help_text=_("Left open, only those clients go who get a colleague of their own below; the others stay."),
    )
    sessions = forms.BooleanField(
        label=_("Sessions that are planned from that day on move to the new clinician"), required=False
    )

    def __init__(
        self,
        *args: Any,
        care: Sequence[CareAssignment],
        colleagues: Any,
        today: date,
        only: str = "",
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"starts_on": today, "sessions": True}
        if only:  # one client was chosen before: the others stay
            initial |= {self.name_of(row.client_id): STAYS for row in care if str(row.client_id) != only}
        super().__init__(*args, initial=initial, **kwargs)
        field: Any = self.fields["to"]
        field.queryset = colleagues
        self.add_rows(care, list(colleagues), lambda _row: [(AS_ABOVE, _("as above")), (STAYS, _("stays"))])
        self.helper.form_tag = False
        self.helper.layout = Layout(Div("starts_on", "to", css_class="grid-2"), "sessions")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        codes = {data.get(self.name_of(row.client_id)) for row in self.care}
        if not data.get("to") and AS_ABOVE in codes and not codes & self.colleagues.keys():
            self.add_error("to", _t("Choose a colleague here, or below for some of the clients."))
        return data

    def targets(self) -> dict[uuid.UUID, Membership]:
        """Each client who is handed over, by id, with the new clinician; "as above" stays without one there."""
        found: dict[uuid.UUID, Membership] = {}
        for row in self.care:
            code = self.chosen(row)
            member = self.cleaned_data["to"] if code == AS_ABOVE else self.colleagues.get(code)
            if member is not None:
                found[row.client_id] = member
        return found
