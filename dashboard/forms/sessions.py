"""Forms of a therapy session: adding one, and the parts of its page. Date and time are the practice's."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clients.barriers import BY_OPAQUE
from clients.models import Client, TherapySession
from clients.queries.people import clinicians
from dashboard.forms.care import FocusForm
from practice import localtime
from practice.errors import Refused
from practice.forms.base import CrispyForm
from practice.forms.dates import DayField
from practice.models import Membership

LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
NOTE_HELP = _("Stored encrypted. Seen by the care team, by a supervisor who says why, never by a partner.")


def note_field(rows: int) -> forms.CharField:
    """The session note."""
    return forms.CharField(
        label=_("Session note"),
        required=False,
        max_length=20_000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=NOTE_HELP,
    )


def time_field(**kwargs: Any) -> forms.TimeField:
    """A time of day."""
    return forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **kwargs)


class SeenForm(CrispyForm):
    """A part of a stored session: ``seen_at`` says what its writer had read."""

    seen_at = forms.CharField(required=False, widget=forms.HiddenInput())

    def seen(self) -> datetime:
        """When the stored row was last changed, as far as the writer knew; long ago where that cannot be read."""
        try:
            seen = datetime.fromisoformat(self.cleaned_data["seen_at"])
        except ValueError:
            return LONG_AGO
        return seen if seen.tzinfo else LONG_AGO


class FactsForm(SeenForm):
    """When, what kind, held or not, by whom."""

    day = DayField(label=_("Date"))
    time = time_field()
    kind = forms.ChoiceField(label=_("Kind"), choices=TherapySession.Kind.choices)
    attendance = forms.ChoiceField(label=_("Attendance"), choices=TherapySession.Attendance.choices)
    clinician = forms.ModelChoiceField(Membership.objects.none(), label=_("Held by"), empty_label=_("Choose"))

    def __init__(
        self, *args: Any, client: Client, session: TherapySession | None = None, initial: Any = None, **kwargs: Any
    ) -> None:
        self.client, self.session = client, session
        super().__init__(*args, initial=(initial or {}) | self._stored(), **kwargs)
        field: Any = self.fields["clinician"]
        choices = clinicians(client.practice, client.practice.today())
        if session is not None:  # who held it may have left since
            choices = choices | Membership.objects.filter(pk=session.clinician_id).select_related("user", "practice")
        field.queryset = choices

    def _stored(self) -> dict[str, Any]:
        if self.session is None:
            return {}
        local = self.session.starts_at.astimezone(self.client.practice.zone)
        return {
            "day": local.date(),
            "time": local.time(),
            "kind": self.session.kind,
            "attendance": self.session.attendance,
            "clinician": self.session.clinician_id,
            "seen_at": self.session.changed_at.isoformat(),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("day") and data.get("time"):
            data["starts_at"] = self._moment(datetime.combine(data["day"], data["time"]))
        return data

    def _moment(self, local: datetime) -> datetime | None:
        """The stored moment where date and time were left as they were (clocks may repeat them), else the first."""
        zone = self.client.practice.zone
        if (
            self.session
            and self.session.starts_at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0) == local
        ):
            return self.session.starts_at
        return moment_or_error(self, local, "time")

    def fields_for_action(self) -> dict[str, Any]:
        names = ("starts_at", "kind", "attendance", "clinician", "note", "with_partner")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    def stored(self) -> list[tuple[str, str]]:
        """What is stored, in words."""
        row = self.session
        if row is None:
            return []
        local = row.starts_at.astimezone(self.client.practice.zone)
        return [
            (_t("Date"), f"{local:%Y-%m-%d %H:%M}"),
            (_t("Kind"), row.get_kind_display()),
            (_t("Attendance"), row.get_attendance_display()),
            (_t("Held by"), str(row.clinician)),
        ]

    def refuse(self, refusal: Refused) -> None:
        super().refuse(Refused(refusal.message, "time") if refusal.field == "starts_at" else refusal)


def moment_or_error(form: Any, local: datetime, field: str) -> datetime | None:
    """The moment of a local time; the error goes to the field."""
    try:
        return localtime.moment(local, form.client.practice.zone)
    except Refused as refusal:
        form.add_error(field, str(refusal))
        return None


class SessionForm(FactsForm):
    """A new session."""

    submit = _("Add the session")

    with_partner = forms.BooleanField(label=_("Add it to the partner’s record too (without the note)"), required=False)
    note = note_field(8)

    def __init__(
        self, *args: Any, client: Client, membership: Membership | None, partner: bool, start: Any, **kwargs: Any
    ) -> None:
        own = membership.pk if membership and membership.is_clinician else None
        initial = {"day": client.practice.today(), "attendance": "planned", "clinician": own} | start
        super().__init__(*args, client=client, initial=initial, **kwargs)
        del self.fields["seen_at"]
        if not partner:
            del self.fields["with_partner"]
        rows = [Div("day", "time", css_class="grid-2"), Div("kind", "attendance", "clinician", css_class="grid-3")]
        self.helper.layout = Layout(*rows, *(name for name in ("with_partner", "note") if name in self.fields))


class NoteForm(SeenForm):
    """The session note."""

    note = note_field(12)

    def __init__(self, *args: Any, session: TherapySession, **kwargs: Any) -> None:
        initial = {"note": session.note or "", "seen_at": session.changed_at.isoformat()}
        super().__init__(*args, initial=initial, **kwargs)

    def fields_for_action(self) -> dict[str, Any]:
        return {"note": self.cleaned_data["note"]}

    def stored(self) -> list[tuple[str, str]]:
        return [(_t("Session note"), str(self["note"].value() or "") or "–")]


class FocusPart(FocusForm):
    """Focus barriers; ``focus_seen`` are the codes that were in focus when the page was read."""

    focus_seen = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, active: Sequence[str], **kwargs: Any) -> None:
        """``active``: opaque codes, by slot."""
        super().__init__(*args, initial={"barriers": active, "focus_seen": " ".join(active)}, **kwargs)

    def seen(self) -> list[str]:
        """Codes of what the writer had read as in focus."""
        return [BY_OPAQUE[one].code if one in BY_OPAQUE else one for one in self.cleaned_data["focus_seen"].split()]

    def stored(self) -> list[tuple[str, str]]:
        names = [str(BY_OPAQUE[one].name) for one in self["barriers"].value() or ()]
        return [(_t("In focus"), ", ".join(names) or "–")]


class NewSessionForm(CrispyForm):
    """For whom a new session is, and on which day."""

    client = forms.ModelChoiceField(Client.objects.none(), label=_("Client"), empty_label=_("Choose"))
    day = DayField(label=_("Date"))

    def __init__(self, *args: Any, clients: QuerySet[Client], day: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"day": day}, **kwargs)
        field: Any = self.fields["client"]
        field.queryset = clients
