"""Forms of client administration: identity, contact, care team, couple."""

from datetime import date
from typing import Any

from crispy_forms.layout import HTML, Div, Fieldset, Layout
from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clients.actions.clients import CHANGEABLE
from clients.models import CareAssignment, Client
from clients.queries.people import clinicians, linkable, same_person
from dashboard.queries.clients import REASONS
from practice.forms.base import CrispyForm
from practice.forms.dates import DayField
from practice.models import Membership, User

HOURS = [(hour, f"{hour:02d}:00") for hour in range(25)]


class ClientForm(CrispyForm):
    """Identity and contact. ``fields_for_action`` gives what the action takes."""

    submit = _("Save")

    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Last name"), max_length=80)
    called = forms.CharField(label=_("Likes to be called"), max_length=80, required=False)
    pronouns = forms.CharField(
        label=_("Pronouns"), max_length=40, required=False, widget=forms.TextInput(attrs={"list": "pronouns"})
    )
    relationship = forms.CharField(
        label=_("Which relationship the measures are about"),
        max_length=80,
        required=False,
        help_text=_("For instance “partner since 2019”. Another relationship starts a new baseline."),
    )
    safe_contact = forms.ChoiceField(
        label=_("Safe contact"),
        choices=Client.SafeContact.choices,
        widget=forms.RadioSelect,
        help_text=_("Ask the client. Messages say nothing clinical and come from a neutral sender."),
    )
    email = forms.EmailField(label=_("E-mail address"), required=False)
    contact_from = forms.TypedChoiceField(label=_("Messages from"), choices=HOURS[:24], coerce=int)
    contact_to = forms.TypedChoiceField(label=_("until"), choices=HOURS[1:], coerce=int)
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    contact_note = forms.CharField(
        label=_("What to mind when contacting"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For instance “never leave a voice message”."),
    )

    def __init__(self, *args: Any, client: Client | None = None, **kwargs: Any) -> None:
        start = client or Client()
        initial = {name: getattr(start, name) or "" for name in CHANGEABLE} | {"contact_from": start.contact_from}
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        if client is not None:  # changed on a page of its own, which says what follows from it
            del self.fields["relationship"]
        self.helper.layout = Layout(*self.sections())

    def sections(self) -> list[Any]:
        return [
            Fieldset(
                _t("Who"),
                Div("first_name", "last_name", css_class="grid-2"),
                Div("called", "pronouns", css_class="grid-2"),
                *(["relationship"] if "relationship" in self.fields else []),
            ),
            Fieldset(
                _t("How to reach the client"),
                "safe_contact",
                Div("email", "phone", css_class="grid-2"),
                Div("contact_from", "contact_to", css_class="grid-2"),
                "contact_note",
            ),
            HTML("{% include 'dashboard/clients/_pronouns.html' %}"),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (
            data.get("safe_contact") == Client.SafeContact.EMAIL
            and not data.get("email")
            and "email" not in self.errors
        ):
            self.add_error("email", _t("Messages by e-mail need an address."))
        return data

    def fields_for_action(self) -> dict[str, Any]:
        names = (*CHANGEABLE, "relationship")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class AddClientForm(ClientForm):
    """A new client. Where somebody like this is known, one says that it is another person."""

    submit = _("Add the client")

    clinician = forms.ModelChoiceField(Membership.objects.none(), label=_("In the care of"), empty_label=_("Choose"))
    starts_on = DayField(label=_("In care from"))
    another = forms.BooleanField(label=_("This is another person: add them too"), required=False)

    def __init__(self, *args: Any, by: User, membership: Membership, **kwargs: Any) -> None:
        self.by, self.membership = by, membership
        self.known: list[Client] = []
        today = membership.practice.today()
        super().__init__(*args, initial={"starts_on": today}, **kwargs)
        choices = clinicians(membership.practice, today)
        if not membership.is_owner:
            choices = choices.filter(pk=membership.pk)
        field: Any = self.fields["clinician"]
        field.queryset = choices
        if membership.is_clinician:
            field.initial = membership.pk
        if not membership.is_owner:
            field.widget = forms.HiddenInput()

    def sections(self) -> list[Any]:
        who, contact, extra = super().sections()
        care = Fieldset(_t("Care"), Div("clinician", "starts_on", css_class="grid-2"))
        return [who, contact, care, *(["another"] if self.known else []), extra]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.known = same_person(
            self.by,
            self.membership.practice,
            first_name=data.get("first_name", ""),
            last_name=data.get("last_name", ""),
            email=data.get("email", ""),
        )
        if self.known and not data.get("another"):
            names = ", ".join(f"{client.full_name} ({client.code})" for client in self.known)
            text = _t("There is a client with this name or address: %(names)s. If this is another person, say so here.")
            self.add_error("another", text % {"names": names})
        self.helper.layout = Layout(*self.sections())  # asks about another person only where one is known
        return data


class CareForm(CrispyForm):
    """Somebody joins the care team, or takes over."""

    submit = _("Add to the care team")

    role = forms.ChoiceField(
        label=_("As"),
        choices=[
            (CareAssignment.Role.CO, _("Co-therapist: works with the client too")),
            (CareAssignment.Role.COVER, _("Cover: stands in until a last day")),
            (CareAssignment.Role.PRIMARY, _("Primary clinician: takes the client over")),
        ],
        widget=forms.RadioSelect,
        initial=CareAssignment.Role.CO,
    )
    clinician = forms.ModelChoiceField(Membership.objects.none(), label=_("Clinician"), empty_label=_("Choose"))
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(
        label=_("Last day"),
        required=False,
        help_text=_("A cover needs one. Access ends after it."),
    )
    sessions = forms.BooleanField(
        label=_("Taking over: sessions that are planned from that day on move to the new clinician too"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        today = client.practice.today()
        super().__init__(*args, initial={"starts_on": today}, **kwargs)
        field: Any = self.fields["clinician"]
        field.queryset = clinicians(client.practice, today)
        self.helper.layout = Layout("role", "clinician", Div("starts_on", "ends_on", css_class="grid-2"), "sessions")


class EndForm(CrispyForm):
    """A last day."""

    ends_on = DayField(label=_("Last day"))

    def __init__(self, *args: Any, today: date, submit: str, help_text: str = "", **kwargs: Any) -> None:
        self.submit = submit
        super().__init__(*args, initial={"ends_on": today}, **kwargs)
        self.fields["ends_on"].help_text = help_text


class CoupleForm(CrispyForm):
    """Link to another client in one's care."""

    submit = _("Link as a couple")

    partner = forms.ModelChoiceField(Client.objects.none(), label=_("Partner"), empty_label=_("Choose"))
    starts_on = DayField(label=_("A couple in therapy since"))

    def __init__(self, *args: Any, by: User, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, initial={"starts_on": client.practice.today()}, **kwargs)
        field: Any = self.fields["partner"]
        field.queryset = linkable(by, client)
        field.label_from_instance = lambda row: f"{row.full_name} ({row.code})"


class ReasonForm(CrispyForm):
    """Why a supervisor opens a supervisee's record."""

    submit = _("Open the record")

    reason = forms.ChoiceField(
        label=_("Why do you open this record?"), choices=list(REASONS.items()), widget=forms.RadioSelect
    )
