"""The encrypted text field: sealed when saved, opened on first access, never searchable.

Reading ``row.note`` opens the text; ``values()`` yields a ``Sealed`` that shows nothing; ``queryset.update`` with
plain text and every look-up but ``isnull`` are refused, since both would write or compare plain text.
"""

from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from practice import crypto


class Sealed:
    """Ciphertext as it came from the database, or was made for it."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = bytes(data)

    def __repr__(self) -> str:
        return "<sealed>"


class SealedAttribute:
    """Descriptor that opens the stored value with the row's identity as associated data."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, Sealed):
            value = instance.__dict__[name] = crypto.keyring().open(value.data, self.field.context(instance))
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.Field):
    """Text encrypted at rest. ``max_length`` bounds what forms accept, not the stored bytes."""

    empty_strings_allowed = True

    def get_internal_type(self) -> str:
        return "BinaryField"

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, SealedAttribute(self))

    def context(self, instance: models.Model) -> str:
        """Associated data: the model, the field and the row's own key, which must be known before saving."""
        if instance.pk is None:
            raise FieldError(f"{self.model._meta.label}.{self.name} needs its row's id before it is sealed")
        return f"{instance._meta.label_lower}|{self.name}|{instance.pk}"

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return Sealed(crypto.keyring().seal(str(value), self.context(model_instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise FieldError(f"{self.name} is encrypted: save the row, do not update or filter by text")
        return connection.Database.Binary(value.data)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else Sealed(bytes(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched")
        return super().get_lookup(lookup_name)

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        defaults = {"widget": forms.Textarea(attrs={"rows": 4}), "required": not self.blank}
        if self.max_length:
            defaults["max_length"] = self.max_length
        return forms.CharField(
            **{**defaults, "label": self.verbose_name.capitalize(), "help_text": self.help_text, **kwargs}
        )
