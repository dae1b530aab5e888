"""What the actions of this room share: the time, locks, and the checks that hold whoever asks."""

import uuid
from datetime import date, datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client, Episode
from clients.queries.course import open_episode
from practice.errors import Refused
from practice.models import Membership
from practice.queries import is_current


class RowProblems(Refused):
    """Not done, and nothing written: ``rows`` says why, client by client (by id)."""

    def __init__(self, rows: dict[uuid.UUID, str]) -> None:
        super().__init__(_("Nothing was changed. See what stands beside the clients."))
        self.rows = rows


def moment(at: datetime | None) -> datetime:
    """The time given, else now."""
    return at or timezone.now()


def locked(client: Client) -> Client:
    """Hold the client's row until the transaction ends, so that two writers follow each other; gives the fresh row.

    SQLite's immediate transactions follow each other anyway. The practice is not held, so one that is at hand is kept.
    """
    rows = Client.objects.select_for_update(of=("self",))
    if not Client._meta.get_field("practice").is_cached(client):
        return rows.select_related("practice").get(pk=client.pk)
    fresh = rows.get(pk=client.pk)
    fresh.practice = client.practice
    return fresh


def hold(client_id: uuid.UUID) -> None:
    """Hold the client's row like ``locked``, for who does not read it."""
    if connection.features.has_select_for_update:
        Client.objects.select_for_update().values_list("pk").get(pk=client_id)


def needed_episode(client: Client) -> Episode:
    """The open episode, or ``Refused``."""
    episode = open_episode(client)
    if episode is None:
        raise Refused(_("This client is discharged. Start a new episode first."))
    return episode


def check_clinician(client: Client, clinician: Membership, day: date, field: str = "clinician") -> None:
    """A clinician of the client's practice who belongs to it on this day, or ``Refused``."""
    if clinician.practice_id != client.practice_id or not clinician.is_clinician or not is_current(clinician, day):
        raise Refused(_("Choose a clinician of this practice who belongs to it on that day."), field)


def check_end(starts_on: date, ends_on: date | None, field: str = "ends_on") -> None:
    """An end is not before its beginning."""
    if ends_on is not None and ends_on < starts_on:
        raise Refused(_("The end is before the beginning."), field)
