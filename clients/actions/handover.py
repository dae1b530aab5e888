"""Handing over: primary care of several clients from one clinician to others on a day, all or nothing."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.care import move_sessions, put_into_team
from clients.actions.common import RowProblems, locked, moment
from clients.actions.leave import check_arranger, tell
from clients.models import CareAssignment, Client
from practice import audit
from practice.errors import Refused
from practice.models import Membership, User

Role = CareAssignment.Role


@transaction.atomic
def hand_over(
    *,
    by: User,
    clinician: Membership,
    to: Mapping[uuid.UUID, Membership],
    starts_on: date,
    sessions: bool = True,
    at: datetime | None = None,
) -> int:
    """From ``starts_on`` each of these clients (by id) has the named primary clinician; how many those are.

    The former primary's care ends on the day before; co-therapy of others stays. ``sessions``: what the former primary
    planned from that day on is the new one's. One audit row a client, one letter a colleague. Raises ``Refused``, and
    ``RowProblems`` where any client cannot be handed over: then nobody is.
    """
    at = moment(at)
    check_arranger(by, clinician)
    today = clinician.practice.today(at)
    if starts_on < today:
        raise Refused(_("Choose today or a later day."), "starts_on")
    if not to:
        raise Refused(_("Choose at least one client."))
    rows = Client.objects.filter(pk__in=to, practice=clinician.practice_id).order_by("pk")
    problems: dict[uuid.UUID, str] = {}
    for client in rows:  # in the order of ids, like linking
        client.practice = clinician.practice
        try:
            with transaction.atomic():
                _one(by, locked(client), clinician, to[client.pk], starts_on, sessions, today, at)
        except Refused as refusal:
            problems[client.pk] = str(refusal)
    if len(rows) != len(to):
        raise Refused(_("Choose clients of this practice."))
    if problems:
        raise RowProblems(problems)
    batch = uuid.uuid4()
    for member in {member.pk: member for member in to.values()}.values():
        tell("clients-handed-over", batch, member)
    return len(to)


def _one(
    by: User,
    client: Client,
    clinician: Membership,
    to: Membership,
    starts_on: date,
    sessions: bool,
    today: date,
    at: datetime,
) -> None:
    if not CareAssignment.objects.filter(client=client, clinician=clinician, role=Role.PRIMARY, ends_on=None).exists():
        raise Refused(_("%(name)s is not the primary clinician then.") % {"name": clinician})
    row = put_into_team(client, to, Role.PRIMARY, starts_on, today=today)
    moved = move_sessions(client, clinician, to, starts_on, at) if sessions else 0
    audit.write(
        "care.handed_over", by=by, record=row, at=at, clinician=str(to.pk), before=str(clinician.pk), sessions=moved
    )
