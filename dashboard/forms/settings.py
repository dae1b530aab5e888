"""Forms of the practice's settings, its privacy notice, and the filter of the audit trail."""

import zoneinfo
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.queries.audit import KINDS
from practice.forms.base import CrispyForm
from practice.forms.dates import DayField
from practice.models import Membership, Practice


@cache
def zone_choices() -> list[tuple[str, str]]:
    """Zones people would choose: a place, or UTC; those of the machine's own kind are left out."""
    names = sorted(zoneinfo.available_timezones())
    places = [name for name in names if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix", "right"))]
    return [(name, name.replace("_", " ")) for name in ["UTC", *places]]


class SettingsForm(CrispyForm):
    submit = _("Save")
    name = forms.CharField(label=_("Name of the practice"), max_length=120)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zone_choices, help_text=_("All dates and times are shown in it.")
    )
    mail_name = forms.CharField(
        label=_("Neutral sender name"),
        max_length=60,
        required=False,
        help_text=_("Stands in sender and subject of every message. Choose one that does not say what you do."),
    )
    crisis_text = forms.CharField(
        label=_("Text for emergencies"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("On every page of your clients: whom to call when in danger. Empty: a general text."),
    )

    def __init__(self, *args: Any, practice: Practice, **kwargs: Any) -> None:
        super().__init__(*args, initial={name: getattr(practice, name) for name in self.base_fields}, **kwargs)
        if (practice.time_zone, practice.time_zone.replace("_", " ")) not in zone_choices():
            zone: Any = self.fields["time_zone"]
            zone.choices = [(practice.time_zone, practice.time_zone), *zone_choices()]


class NoticeForm(CrispyForm):
    submit = _("Publish as the new version")
    text = forms.CharField(
        label=_("Privacy notice"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("Clients read it and agree before their first answer, and again to each new version."),
    )


class AuditFilterForm(CrispyForm):
    """Posted, never in the address."""

    person = forms.ModelChoiceField(
        Membership.objects.none(), label=_("Person"), required=False, empty_label=_("Everybody")
    )
    kind = forms.ChoiceField(label=_("What"), choices=[("", _("Everything")), *KINDS], required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, practice: Practice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person: Any = self.fields["person"]
        person.queryset = Membership.objects.filter(practice=practice).select_related("user").order_by("user__name")
        for name in self.fields:
            self.fields[name].widget.attrs["class"] = "form-select" if name in ("person", "kind") else "form-control"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("This is before the first day."))
        return data
