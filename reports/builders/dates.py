"""Days as people read them."""

from datetime import date
from functools import lru_cache

from django.utils.dateformat import format as format_date
from django.utils.translation import get_language

SHORT, LONG = "j M", "j M Y"


def day_text(day: date, form: str = LONG) -> str:
    """A day, such as “3 Mar 2026”."""
    return _text(day, form, get_language())


@lru_cache(maxsize=4096)
def _text(day: date, form: str, _language: str | None) -> str:
    return format_date(day, form)
