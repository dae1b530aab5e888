"""Cover rows of care: made from a leave, ended with what they stand in for. Part of the actions that call these."""

import uuid
from datetime import date, timedelta

from clients.models import CareAssignment, Client, Leave
from clients.queries.absence import away
from practice.models import Membership

DAY = timedelta(days=1)
Role = CareAssignment.Role


def cover(leave: Leave, care: CareAssignment, clinician: Membership, today: date) -> CareAssignment | None:
    """Cover of one client by this clinician, as long as both leave and care run; none where there is no such day, or
    where the clinician is in the care team all that time anyway. Access never begins before it is given."""
    first = max(leave.starts_on, care.starts_on, today)
    last = min(leave.ends_on, care.ends_on or leave.ends_on)
    if first > last or _in_team(care.client_id, clinician, first, last):
        return None
    return CareAssignment.objects.create(
        client=care.client, clinician=clinician, role=Role.COVER, starts_on=first, ends_on=last, leave=leave
    )


def _in_team(client_id: uuid.UUID, clinician: Membership, first: date, last: date) -> bool:
    rows = CareAssignment.objects.filter(client=client_id, clinician=clinician, starts_on__lte=first)
    return any(row.ends_on is None or row.ends_on >= last for row in rows)


def ensure_cover(client: Client, today: date) -> int:
    """A client whose primary clinician is or will be away gets the named cover of that leave, where they have none
    yet: taken on, handed over or returned after the leave was entered. How many cover rows were made."""
    if client.status != Client.Status.ACTIVE:
        return 0
    made = 0
    for care in CareAssignment.objects.filter(client=client, role=Role.PRIMARY).select_related("clinician"):
        if care.ends_on is not None and care.ends_on < today:
            continue
        care.client = client
        last = care.ends_on or date.max
        for leave in away([care.clinician], max(today, care.starts_on), last).select_related("cover"):
            if not CareAssignment.objects.filter(client=client, leave=leave).exists():
                made += cover(leave, care, leave.cover, today) is not None
    return made


def end_cover_of(client: Client, clinician: Membership, starts_on: date) -> int:
    """Whoever stands in for this clinician no longer does from this day on; how many rows that were."""
    rows = CareAssignment.objects.filter(client=client, leave__clinician=clinician, ends_on__gte=starts_on)
    return sum(end_or_drop(row, starts_on - DAY) for row in list(rows))


def end_or_drop(row: CareAssignment, last: date) -> bool:
    """A cover's last day; a cover that would begin after it is taken back. Access is by date alone."""
    if row.starts_on > last:
        row.delete()
    elif row.ends_on is None or row.ends_on > last:
        row.ends_on = last
        row.save(update_fields=["ends_on"])
    trim_cover(row.client, row.clinician, last)
    return True


def trim_cover(client: Client, clinician: Membership, last: date) -> None:
    """The clinician's care of the client ends on ``last``: so does that of whoever stands in for them, unless they
    care for the client in another way too."""
    rows = CareAssignment.objects.filter(client=client, clinician=clinician)
    if not any(row.ends_on is None or row.ends_on > last for row in rows):
        end_cover_of(client, clinician, last + DAY)


def resume_cover_of(client: Client, clinician: Membership, last: date) -> None:
    """A planned handing over was taken back: whoever would have stopped standing in on ``last`` goes on."""
    rows = CareAssignment.objects.filter(
        client=client, leave__clinician=clinician, leave__cancelled_at=None, ends_on=last, leave__ends_on__gt=last
    )
    for row in rows.select_related("leave"):
        row.ends_on = row.leave.ends_on if row.leave else last
        row.save(update_fields=["ends_on"])
