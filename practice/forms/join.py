"""Making one's sign-in from an invitation."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from practice.forms.base import CrispyForm
from practice.models import Invitation, User


class JoinForm(CrispyForm):
    """Name and a new password; for somebody who already has a sign-in with the address, only their password."""

    submit = _("Join")
    name = forms.CharField(label=_("Your name"), max_length=120)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. A few unrelated words are easy to remember."),
    )
    again = forms.CharField(
        label=_("Password again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, invitation: Invitation, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, initial={"name": invitation.name}, **kwargs)
        self.invitation, self.known = invitation, known
        if known:
            del self.fields["name"], self.fields["again"]
            self.fields["password"].help_text = ""
            self.fields["password"].widget.attrs["autocomplete"] = "current-password"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        password = data.get("password")
        if self.known or not password:
            return data
        if data.get("again") is not None and data["again"] != password:
            self.add_error("again", _("The two passwords differ."))
        person = User(sign_in=self.invitation.email, email=self.invitation.email, name=data.get("name", ""))
        try:
            validate_password(password, person)
        except ValidationError as error:
            self.add_error("password", error)
        return data
