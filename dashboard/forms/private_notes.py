"""Forms of private notes: writing one, and letting a supervisor read."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clients.actions.private_notes import LONGEST, seen_of
from clients.models import PrivateNote
from practice.forms.base import CrispyForm
from practice.forms.dates import DayField
from practice.models import Membership

USUAL = timedelta(days=28)


class PrivateNoteForm(CrispyForm):
    """One's own note about a session; ``note_seen`` says what its writer had read."""

    submit = _("Save the private note")

    text = forms.CharField(
        label=_("Private note"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("Stored encrypted, apart from the record, and in no report, export or print of it."),
    )
    note_seen = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, note: PrivateNote | None, **kwargs: Any) -> None:
        initial = {"text": note.text if note else "", "note_seen": seen_of(note)}
        super().__init__(*args, initial=initial, **kwargs)

    def stored(self) -> list[tuple[str, str]]:
        """What an unbound form shows, in words."""
        return [(_t("Private note"), str(self["text"].value() or "") or "–")]


class GrantForm(CrispyForm):
    """A supervisor of one's own, and the last day."""

    submit = _("Let them read")

    reader = forms.ModelChoiceField(Membership.objects.none(), label=_("Supervisor"), empty_label=_("Choose"))
    ends_on = DayField(label=_("Until"), help_text=_("The last day on which they can read."))

    def __init__(self, *args: Any, readers: QuerySet[Membership], today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"ends_on": today + USUAL}, **kwargs)
        field: Any = self.fields["reader"]
        field.queryset = readers
        self.fields["ends_on"].widget.attrs |= {"min": today.isoformat(), "max": (today + LONGEST).isoformat()}
