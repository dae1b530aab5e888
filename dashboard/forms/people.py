"""Forms of the owner's pages about people: choices are scoped to the practice."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from practice.forms.base import CrispyForm
from practice.forms.dates import DayField
from practice.models import Membership, Practice

ROLES = (
    ("clinician", _("Clinician: works with their own clients")),
    ("supervisor", _("Supervisor: sees the work of the colleagues they supervise")),
    ("owner", _("Owner: people, settings and audit trail, no clinical content")),
)


class RolesField(forms.MultipleChoiceField):
    """One role or several."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Roles"),
            choices=ROLES,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one role.")},
        )


class InviteForm(CrispyForm):
    submit = _("Send the invitation")
    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), help_text=_("The link goes there, and they sign in with it."))
    title = forms.CharField(label=_("Title"), max_length=80, required=False, help_text=_("For instance “LMFT”."))
    roles = RolesField()


class MemberForm(CrispyForm):
    submit = _("Save")
    title = forms.CharField(label=_("Title"), max_length=80, required=False)
    roles = RolesField()
    ends_on = DayField(
        label=_("Last day"),
        required=False,
        help_text=_("They sign in to nothing of this practice after this day. Empty: no end."),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        initial = {"title": membership.title, "roles": list(membership.roles), "ends_on": membership.ends_on}
        super().__init__(*args, initial=initial, **kwargs)


class SupervisionForm(CrispyForm):
    submit = _("Start supervision")
    supervisor = forms.ModelChoiceField(Membership.objects.none(), label=_("Supervisor"))
    supervisee = forms.ModelChoiceField(Membership.objects.none(), label=_("Supervises"))
    starts_on = DayField(label=_("From"))

    def __init__(self, *args: Any, practice: Practice, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"starts_on": today}, **kwargs)
        members = Membership.objects.current(today).filter(practice=practice).select_related("user")
        for name, role in (("supervisor", "is_supervisor"), ("supervisee", "is_clinician")):
            field: Any = self.fields[name]
            field.queryset = members.filter(**{role: True}).order_by("user__name", "id")


class EndForm(CrispyForm):
    submit = _("End supervision")
    ends_on = DayField(
        label=_("Last day"),
        help_text=_("Access ends after this day. Choose yesterday to end it at once."),
    )


class EmergencyForm(CrispyForm):
    submit = _("Open the record")
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The care team is told that you opened the record; owners can read the reason."),
    )
    hours = forms.IntegerField(label=_("For how many hours"), min_value=1, max_value=24, initial=4)
