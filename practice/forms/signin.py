"""The forms of signing in and of a forgotten password."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from practice.actions.mail import queue_password_reset, queue_reset_decoy


class SignInForm(LoginForm):
    """allauth's form, asking for an e-mail address or a code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address or sign-in code")
        self.fields["login"].widget.attrs.pop("placeholder", None)
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ForgottenForm(ResetPasswordForm):
    """allauth's form; only ids go into the outbox, and the link is made when the mail is sent.

    An address that nobody has costs the same work and shows the same page. Partners who share an address get a message
    each.
    """

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        for user in self.users:
            queue_password_reset(user)
        if not self.users:
            queue_reset_decoy(self.cleaned_data["email"])
        return str(self.cleaned_data["email"])
