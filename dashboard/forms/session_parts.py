"""What is added on a session's page: a life event, exercises, the next date."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clients.models import Client, LifeEvent
from dashboard.forms.care import choose_first
from dashboard.forms.sessions import moment_or_error, time_field
from practice.errors import Refused
from practice.forms.base import CrispyForm
from practice.forms.dates import DayField


class EventPart(CrispyForm):
    """A life event told in the session; nothing chosen, nothing added."""

    event_kind = forms.ChoiceField(
        label=_("What happened"), choices=choose_first(_("Nothing to add"), LifeEvent.Kind.choices), required=False
    )
    event_on = DayField(label=_("When"), required=False)
    event_note = forms.CharField(label=_("In a few words"), max_length=500, required=False)

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"event_on": day}, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("event_kind") and not data.get("event_on") and "event_on" not in self.errors:
            self.add_error("event_on", _t("Say when."))
        if data.get("event_note") and not data.get("event_kind") and "event_kind" not in self.errors:
            self.add_error("event_kind", _t("Choose what happened."))
        return data

    def fields_for_action(self) -> dict[str, Any] | None:
        """What to add, or nothing."""
        data = self.cleaned_data
        if not data["event_kind"]:
            return None
        return {"kind": data["event_kind"], "happened_on": data["event_on"], "note": data["event_note"]}

    def refuse(self, refusal: Refused) -> None:
        names = {"kind": "event_kind", "happened_on": "event_on", "note": "event_note"}
        super().refuse(Refused(refusal.message, names.get(refusal.field, refusal.field)))


class NextPart(CrispyForm):
    """The next date: none yet, one of those offered, or another."""

    OTHER = "other"
    next_when = forms.ChoiceField(label=_("Next date"), required=False, widget=forms.RadioSelect)
    next_day = DayField(label=_("Date"), required=False)
    next_time = time_field(required=False)
    next_partner = forms.BooleanField(label=_("In the partner’s record too"), required=False)

    def __init__(
        self, *args: Any, client: Client, offered: Sequence[tuple[str, str, datetime]], partner: bool, **kwargs: Any
    ) -> None:
        """``offered``: code, words and moment of each."""
        self.client, self.moments = client, {code: moment for code, _words, moment in offered}
        local = [moment.astimezone(client.practice.zone) for moment in self.moments.values()]
        initial = {"next_time": local[0].time() if local else time(10), "next_partner": True}
        super().__init__(*args, initial=initial, **kwargs)
        field: Any = self.fields["next_when"]
        named = [(code, words) for code, words, _moment in offered]
        field.choices = [("", _t("None now")), *named, (self.OTHER, _t("Another date"))]
        if not partner:
            del self.fields["next_partner"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        when = data.get("next_when")
        if when == self.OTHER:
            for name in ("next_day", "next_time"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _t("Fill this in for another date."))
            if data.get("next_day") and data.get("next_time"):
                data["moment"] = moment_or_error(
                    self, datetime.combine(data["next_day"], data["next_time"]), "next_time"
                )
        elif when:
            data["moment"] = self.moments[when]
        elif data.get("next_day") and "next_when" not in self.errors:
            self.add_error("next_when", _t("Choose “Another date” for this day, or clear it."))
        return data

    def refuse(self, refusal: Refused) -> None:
        names = {
            "starts_at": "next_when",
            "clinician": "next_when",
            "kind": "next_when",
            "with_partner": "next_partner",
        }
        super().refuse(Refused(refusal.message, names.get(refusal.field, refusal.field)))


class ProposalsPart(CrispyForm):
    """Exercises to propose, of those offered for the focus; with one's own words each."""

    propose = forms.MultipleChoiceField(
        label=_("Propose"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose from the exercises shown.")},
    )

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """``offered``: id of the version, and title."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["propose"]
        field.choices = list(offered)
        for pk, title in offered:
            self.fields[f"words-{pk}"] = forms.CharField(
                label=_t("In your own words: %(title)s") % {"title": title}, max_length=1000, required=False
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("propose") or []
        spare = [name for name, words in data.items() if name.startswith("words-") and words]
        if any(name.removeprefix("words-") not in chosen for name in spare) and not self.errors:
            self.add_error("propose", _t("Tick the exercise that these words are for, or clear them."))
        return data

    def chosen(self) -> list[tuple[str, str]]:
        """Id of each version with the words."""
        return [(pk, self.cleaned_data.get(f"words-{pk}", "")) for pk in self.cleaned_data["propose"]]
