"""What instruments and exercises share: a published version of a definition file, which never changes."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from practice.models.base import Record

Parsed = TypeVar("Parsed")
_parsed: dict[tuple[type, str], Any] = {}


class PublishedVersion(Record):
    """An immutable definition, found by its content hash."""

    number = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    data = models.JSONField()
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a published version never changes")
        super().save(*args, **kwargs)

    def parsed(self, parse: Callable[[Any], Parsed]) -> Parsed:
        """The definition as ``parse`` reads it, kept in this process by content hash."""
        key = (type(self), self.content_hash)
        if key not in _parsed:
            _parsed[key] = parse(self.data)
        found: Parsed = _parsed[key]
        return found
