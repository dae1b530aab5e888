"""Days as people read them."""

from datetime import date

from django.utils.dateformat import format as format_date

SHORT, LONG = "j M", "j M Y"


def day_text(day: date, form: str = LONG) -> str:
    """A day, such as “3 Mar 2026”."""
    return format_date(day, form)
