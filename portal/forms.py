"""The client's own forms: joining, safe contact."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client


def _helper() -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    return helper


class JoinForm(forms.Form):
    """A sign-in name and a password of one's own."""

    sign_in = forms.CharField(
        label=_("Sign-in name"),
        max_length=254,
        help_text=_("Your e-mail address, or the name that your practice gave you."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        help_text=_("At least 12 characters. A few words in a row are easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Password, once more"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, fixed_name: bool = False, **kwargs: Any) -> None:
        """``fixed_name``: the sign-in exists already and keeps its name; only a password is chosen."""
        super().__init__(*args, **kwargs)
        self.helper = _helper()
        self.fields["sign_in"].disabled = fixed_name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("The two passwords differ."))
        return data


HOURS = [(hour, f"{hour:02}:00") for hour in range(25)]


class ContactForm(forms.ModelForm):
    """How the practice may reach the client: an address, hours, or not at all."""

    class Meta:
        model = Client
        fields = ("safe_contact", "email", "contact_from", "contact_to")
        widgets = {
            "safe_contact": forms.RadioSelect,
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "contact_from": forms.Select(choices=HOURS[:-1]),
            "contact_to": forms.Select(choices=HOURS[1:]),
        }
        labels = {
            "safe_contact": _("May your practice send you messages?"),
            "email": _("E-mail address that only you read"),
            "contact_from": _("Messages from"),
            "contact_to": _("Messages until"),
        }
        help_texts = {"email": _("Messages are short and neutral: they never say what they are about.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper()
        self.fields["safe_contact"].choices = [  # type: ignore[attr-defined]
            (Client.SafeContact.NONE, _("No, please send nothing")),
            (Client.SafeContact.EMAIL, _("Yes, by e-mail")),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        by_mail = data.get("safe_contact") == Client.SafeContact.EMAIL
        if by_mail and not data.get("email") and "email" not in self.errors:
            self.add_error("email", _("Enter the address that messages should go to."))
        start, end = data.get("contact_from"), data.get("contact_to")
        if start is not None and end is not None and not 0 <= start < end <= 24:
            self.add_error("contact_to", _("The hours must begin before they end."))
        return data
