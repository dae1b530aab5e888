"""Sign-in through django-allauth: by e-mail or by the code a practice handed out. Nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest
from django.urls import reverse

from practice.models import User


class SignInBackend(AuthenticationBackend):
    """allauth's backend; permissions of Django's own kind are not used (``practice/grants.py`` decides)."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return False


class AccountAdapter(DefaultAccountAdapter):
    """No open sign-up; mail goes through the outbox; after sign-in everybody lands at their own start."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Only the user's id goes into the outbox; the link is made when the mail is sent."""
        from practice.actions.mail import queue_password_reset

        queue_password_reset(user)
