"""Forms of the course of care: sessions, focus, life events, discharge, return, safety flags."""

from datetime import UTC, date, datetime
from typing import Any, cast

from crispy_forms.layout import Div, Layout
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clients.barriers import BARRIERS, BY_OPAQUE, MAX_FOCUS
from clients.models import Client, Episode, LifeEvent, TherapySession
from clients.queries.people import clinicians
from practice import localtime
from practice.errors import Refused
from practice.forms.base import CrispyForm
from practice.forms.dates import DayField
from practice.models import Membership

LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


def choose_first(label: Any, choices: Any) -> list[tuple[str, Any]]:
    """Choices that begin with an empty one, so that nothing is chosen by itself."""
    return [("", label), *choices]


class SessionForm(CrispyForm):
    """One session. Date and time are the practice's; ``fields_for_action`` gives the moment."""

    submit = _("Save the session")

    day = DayField(label=_("Date"))
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    kind = forms.ChoiceField(label=_("Kind"), choices=TherapySession.Kind.choices)
    attendance = forms.ChoiceField(label=_("Attendance"), choices=TherapySession.Attendance.choices)
    clinician = forms.ModelChoiceField(Membership.objects.none(), label=_("Held by"), empty_label=_("Choose"))
    with_partner = forms.BooleanField(label=_("Add it to the partner’s record too (without the note)"), required=False)
    note = forms.CharField(
        label=_("Session note"),
        required=False,
        max_length=20_000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("Stored encrypted. Seen by the care team, by a supervisor who says why, never by a partner."),
    )
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(
        self,
        *args: Any,
        client: Client,
        session: TherapySession | None = None,
        membership: Membership | None = None,
        partner: bool = False,
        **kwargs: Any,
    ) -> None:
        self.client, self.session = client, session
        super().__init__(*args, initial=self._start(session, membership) | kwargs.pop("initial", {}), **kwargs)
        field: Any = self.fields["clinician"]
        choices = clinicians(client.practice, client.practice.today())
        if session is not None:  # who held it may have left since
            choices = choices | Membership.objects.filter(pk=session.clinician_id).select_related("user", "practice")
        field.queryset = choices
        if session is not None or not partner:
            del self.fields["with_partner"]
        if session is None:
            del self.fields["seen_at"]
        rows = [Div("day", "time", css_class="grid-2"), Div("kind", "attendance", "clinician", css_class="grid-3")]
        extra = [name for name in ("with_partner", "note", "seen_at") if name in self.fields]
        self.helper.layout = Layout(*rows, *extra)

    def _start(self, session: TherapySession | None, membership: Membership | None) -> dict[str, Any]:
        if session is None:
            own = membership.pk if membership and membership.is_clinician else None
            return {"day": self.client.practice.today(), "attendance": "planned", "clinician": own}
        local = session.starts_at.astimezone(self.client.practice.zone)
        return {
            "day": local.date(),
            "time": local.time(),
            "kind": session.kind,
            "attendance": session.attendance,
            "clinician": session.clinician_id,
            "note": session.note or "",
            "seen_at": session.changed_at.isoformat(),
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
        try:
            return localtime.moment(local, zone)
        except Refused as refusal:
            self.add_error("time", str(refusal))
            return None

    def fields_for_action(self) -> dict[str, Any]:
        names = ("starts_at", "kind", "attendance", "clinician", "note", "with_partner")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    def seen(self) -> datetime | None:
        """When the stored row was last changed, as far as the writer knew; long ago where that cannot be read."""
        try:
            seen = datetime.fromisoformat(self.cleaned_data["seen_at"])
        except ValueError:
            return LONG_AGO
        return seen if seen.tzinfo else LONG_AGO

    def rebase(self, session: TherapySession) -> None:
        """After a clash: keep what was typed, and let the next save go on from what is stored now."""
        data: Any = cast(QueryDict, self.data).copy()
        data["seen_at"] = session.changed_at.isoformat()
        self.data = data

    def refuse(self, refusal: Refused) -> None:
        super().refuse(Refused(refusal.message, "time") if refusal.field == "starts_at" else refusal)


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


class FlagForm(CrispyForm):
    """What was done about a flag; the words are stored encrypted."""

    text = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args: Any, closing: bool, **kwargs: Any) -> None:
        self.submit = _("Close the flag") if closing else _("Acknowledge")
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Which action closes it?") if closing else _("What did you do, or will you do?")
