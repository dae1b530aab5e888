"""The first day of care, where it was earlier than what stands in the record: what came before can then be brought."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.clients import FIRST_DAY
from clients.actions.common import locked, moment
from clients.models import CareAssignment, Client, Episode
from practice import audit
from practice.errors import Refused
from practice.models import User


@transaction.atomic
def move_beginning(*, by: User, client: Client, starts_on: date, at: datetime | None = None) -> Episode:
    """Move the first day of the latest episode back. The primary care that began with it begins earlier too.

    Nothing is lost by an earlier day; a later one might leave sessions outside, and is ``Refused``.
    """
    at = moment(at)
    client = locked(client)
    episodes = list(Episode.objects.filter(client=client).order_by("-number")[:2])
    if not episodes:
        raise Refused(_("This client was never in care."))
    episode, before = episodes[0], episodes[1] if len(episodes) > 1 else None
    if not FIRST_DAY <= starts_on < episode.starts_on:
        text = _("Choose a day before %(day)s, when this episode begins now.")
        raise Refused(text % {"day": episode.starts_on.isoformat()}, "starts_on")
    if before is not None and before.ends_on is not None and starts_on <= before.ends_on:
        text = _("The episode before ended on %(day)s: choose a day after that.")
        raise Refused(text % {"day": before.ends_on.isoformat()}, "starts_on")
    first, episode.starts_on = episode.starts_on, starts_on
    episode.save(update_fields=["starts_on"])
    began = CareAssignment.objects.filter(client=client, role=CareAssignment.Role.PRIMARY, starts_on=first)
    # Who else was primary in between keeps their days.
    if not CareAssignment.objects.filter(client=client, starts_on__lt=first, ends_on__gte=starts_on).exists():
        began.update(starts_on=starts_on)
    audit.write("episode.beginning_moved", by=by, record=episode, at=at, number=episode.number)
    return episode
