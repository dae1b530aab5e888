"""A person who signs in: staff or client. Who they are to a practice stands in Membership and Client."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone

from practice.models.base import Record


class UserManager(BaseUserManager["User"]):
    """Makes users; the sign-in name is an e-mail address or a code handed out by the practice."""

    def create_user(self, sign_in: str, password: str | None = None, **fields: Any) -> "User":
        # Small letters, since a forgotten password is asked for by address.
        fields["email"] = str(fields.get("email", "")).strip().lower()
        user = self.model(sign_in=sign_in.strip().lower(), **fields)
        if password is None:
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save(using=self._db)
        return user


class User(Record, AbstractBaseUser, PermissionsMixin):
    """One person's sign-in. Partners may share an ``email``; ``sign_in`` is always their own."""

    sign_in = models.CharField(max_length=254, unique=True)
    email = models.EmailField(blank=True, db_index=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "sign_in"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def username(self) -> str:
        """allauth reads this name."""
        return self.sign_in
