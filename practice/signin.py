"""Sign-in through django-allauth: by e-mail or by the code a practice handed out. Nobody signs up by themselves."""

import uuid
from collections.abc import Callable
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.dispatch import Signal
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from practice import audit
from practice.actions.mail import queue_sign_in_changed
from practice.hooks import practices_of
from practice.models import User


class SignInBackend(AuthenticationBackend):
    """allauth's backend; permissions of Django's own kind are not used (``practice/grants.py`` decides)."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return False


class AccountAdapter(DefaultAccountAdapter):
    """No open sign-up; mail goes through the outbox; after sign-in everybody lands at their own start."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("This sign-in name and this password don’t fit together."),
        "too_many_login_attempts": _("Too many tries. Please wait a few minutes, then try again."),
        "rate_limited": _("Too many tries. Please wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """allauth tells that a password or second step changed; so do we, through the outbox."""
        queue_sign_in_changed(user, template_prefix.rpartition("/")[2][:40])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """No mail leaves within a request: whatever else allauth would send needs a letter of its own first."""
        raise NotImplementedError(template_prefix)


def _record(action: str, user: User | None, *, by: User | None = None, **detail: Any) -> None:
    """One audit row in each practice the user belongs to, or one without a practice."""
    practices: list[uuid.UUID | None] = [*practices_of(user)] if user else []
    for practice in practices or [None]:
        audit.write(action, by=by, practice=practice, subject="user", subject_id=user.pk if user else None, **detail)


def _signed_in(user: User, **_: Any) -> None:
    _record("signed-in", user, by=user)


def _signed_out(user: User | None, request: HttpRequest | None = None, **_: Any) -> None:
    if user is not None:
        _record("signed-out", user, by=user, idle=bool(getattr(request, "idle", False)))


def _failed(credentials: dict[str, Any], **_: Any) -> None:
    """A wrong password or an unknown name: never what was typed, but whose sign-in it was, where there is one."""
    name = str(credentials.get("username") or "").strip().lower()
    _record("sign-in-failed", User.objects.filter(sign_in=name).first())


def _second_step_failed(user: User, **_: Any) -> None:
    _record("second-step-failed", user)


def _password_changed(user: User, **_: Any) -> None:
    _record("password-changed", user, by=user)


def _password_reset(user: User, **_: Any) -> None:
    _record("password-reset", user, by=user)


def _second_step(action: str) -> Callable[..., None]:
    def record(user: User, authenticator: Any, **_: Any) -> None:
        _record(action, user, by=user, type=str(authenticator.type))

    return record


RECEIVERS: tuple[tuple[Signal, Callable[..., None]], ...] = (
    (account.user_logged_in, _signed_in),
    (auth.user_logged_out, _signed_out),
    (auth.user_login_failed, _failed),
    (account.password_changed, _password_changed),
    (account.password_set, _password_changed),
    (account.password_reset, _password_reset),
    (mfa.authentication_failed, _second_step_failed),
    (mfa.authenticator_added, _second_step("second-step-on")),
    (mfa.authenticator_removed, _second_step("second-step-off")),
    (mfa.authenticator_reset, _second_step("second-step-renewed")),
)


def connect() -> None:
    """Write sign-ins and what changes them into the audit trail."""
    for signal, receiver in RECEIVERS:
        signal.connect(receiver, weak=False)
