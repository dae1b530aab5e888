"""Local dates and times of a practice, on the two days a year when clocks change.

A local time that does not exist (clocks go forward) or exists twice (clocks go back) is told apart by PEP 495's
``fold``: both readings of such a time have different offsets from UTC.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from practice.errors import Refused


def exists(local: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in the zone ever show this (naive) time; not where it falls out of all calendars."""
    aware = local.replace(tzinfo=zone)
    try:
        return aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(fold=0)
    except OverflowError:
        return False


def at_or_after(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment of this local time; the first of two; where it does not exist, as much later as clocks jump.

    On the first and last day of all calendars: the first or last moment that there is.
    """
    try:
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except OverflowError:
        return (datetime.min if local.year == 1 else datetime.max).replace(tzinfo=UTC)


def moment(local: datetime, zone: ZoneInfo, field: str = "") -> datetime:
    """The moment of a local time that a person typed: the first of two; ``Refused`` where clocks skip it."""
    if local.year in (1, 9999):
        raise Refused(_("Choose another date."), field)
    if not exists(local, zone):
        raise Refused(
            _("Clocks go forward that day: %(time)s does not exist. Please choose a time before or after.")
            % {"time": local.strftime("%H:%M")},
            field,
        )
    return at_or_after(local, zone)
