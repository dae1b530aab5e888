"""Asking clients to answer, and taking that back."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.actions.links import LINK_DAYS, new_link, revoke_links
from assessments.models import Administration, Assignment, InstrumentVersion
from assessments.queries.asked import next_allowed, open_instruments
from clients.actions.common import locked, needed_episode
from clients.models import Client, Couple, Partner, TherapySession
from clients.queries.contact import may_mail, next_contact_time
from practice import audit
from practice.actions.mail import queue_mail
from practice.errors import Refused
from practice.models import User

Channel = Assignment.Channel
NEWS = timedelta(days=1)
"""What was asked longer ago (imports, the demo) is not announced by mail."""


def assign(
    *,
    by: User,
    clients: Sequence[Client],
    versions: Sequence[InstrumentVersion],
    channel: str = "portal",
    due_on: date | None = None,
    expires_on: date | None = None,
    session: TherapySession | None = None,
    at: datetime | None = None,
) -> list[Assignment]:
    """Ask one client, or each partner of one couple, to answer these versions once: all, or none.

    ``channel`` is portal, link or room; a measure that is for the room only is always given in the room. What goes by
    link gets its links at once. A client who chose e-mail as a safe way is told by one neutral message, in their
    hours. One audit row a client. ``expires_on`` is the last day (in the practice's zone) on which it can be answered.

    Raises ``Refused``: with field ``versions`` for a measure that is still open, retired, not for clients, or was
    answered too lately (``min_interval_days``); ``channel``, ``due_on``, ``expires_on``, ``session``, ``clients``
    likewise.
    """
    at = at or timezone.now()
    with transaction.atomic():
        held = [locked(client) for client in sorted(clients, key=lambda client: client.pk)]
        couple = _couple(held)
        _check(held, versions, channel, due_on, session, at)
        expires_at = _end_of(held[0], due_on, expires_on, at)
        administration = Administration.objects.create(
            practice=held[0].practice, couple=couple, asked_by=by, asked_at=at
        )
        made = [
            assignment
            for client in held
            for assignment in _assign_one(
                by, administration, client, versions, channel, (due_on, expires_at), session, at
            )
        ]
    order = {client.pk: place for place, client in enumerate(clients)}
    return sorted(made, key=lambda assignment: order[assignment.client_id])


def withdraw(*, by: User, assignment: Assignment, at: datetime | None = None) -> Assignment:
    """Ask no longer: its links stop working, a draft is kept but cannot be sent. ``Refused`` when it was sent."""
    at = at or timezone.now()
    with transaction.atomic():
        changed = Assignment.objects.filter(pk=assignment.pk, state=Assignment.State.OPEN).update(
            state=Assignment.State.WITHDRAWN, closed_at=at
        )
        if not changed:
            raise Refused(_("This was sent or withdrawn already. Nothing was changed."))
        revoke_links(assignment, at)
        assignment.state, assignment.closed_at = Assignment.State.WITHDRAWN, at
        audit.write("assignment.withdrawn", by=by, record=assignment, at=at)
    return assignment


def withdraw_all(client_id: uuid.UUID, *, at: datetime) -> dict[str, int]:
    """Ask this client nothing any longer; how many were open.

    Part of the action that discharges (``practice.hooks``), which holds the client and writes the audit row.
    """
    asked = list(Assignment.objects.select_for_update().filter(client=client_id, state=Assignment.State.OPEN))
    for assignment in asked:
        revoke_links(assignment, at)
        assignment.state, assignment.closed_at = Assignment.State.WITHDRAWN, at
        assignment.save(update_fields=["state", "closed_at"])
    return {"measures_withdrawn": len(asked)}


def channel_for(version: InstrumentVersion, channel: str) -> str:
    """How this version is given: what is for the room only is never given otherwise."""
    return str(Channel.ROOM if version.definition.in_room_only else channel)


def _assign_one(
    by: User,
    administration: Administration,
    client: Client,
    versions: Sequence[InstrumentVersion],
    channel: str,
    until: tuple[date | None, datetime | None],
    session: TherapySession | None,
    at: datetime,
) -> list[Assignment]:
    episode = needed_episode(client)
    made = []
    for version in versions:
        assignment = Assignment.objects.create(
            administration=administration,
            client=client,
            episode=episode,
            version=version,
            session=session,
            channel=channel_for(version, channel),
            assigned_at=at,
            due_on=until[0],
            expires_at=until[1],
        )
        if assignment.channel == Channel.LINK:
            new_link(by, assignment, LINK_DAYS, at)
        made.append(assignment)
    told = _tell(client, administration, made, at)
    items = sum(version.definition.item_count for version in versions)
    audit.write(
        "assignment.made",
        by=by,
        record=administration,
        client=client.pk,
        at=at,
        count=len(made),
        items=items,
        channel=channel,
        told=told,
    )
    return made


def _tell(client: Client, administration: Administration, made: Sequence[Assignment], at: datetime) -> bool:
    """Queue the one message about this asking, where a message is safe and of use."""
    first = next((one for one in made if one.channel != Channel.ROOM), None)
    if first is None or not may_mail(client) or timezone.now() - at > NEWS:
        return False
    if first.channel == Channel.PORTAL and client.user_id is None:
        return False
    message = queue_mail(
        "assignment-ready",
        purpose=f"assignment-ready:{administration.pk}:{client.pk}",
        subject_id=first.pk,
        practice=client.practice_id,
        not_before=next_contact_time(client, at),
    )
    return message is not None


def _couple(clients: Sequence[Client]) -> Couple | None:
    """The couple of two clients; none for one. ``Refused`` for anything else."""
    if not clients:
        raise Refused(_("Choose who is asked."), "clients")
    if len(clients) == 1:
        return None
    places = list(Partner.objects.filter(client__in=[client.pk for client in clients], ended=False))
    couples = {place.couple_id for place in places}
    if len(clients) != 2 or len({client.pk for client in clients}) != 2 or len(places) != 2 or len(couples) != 1:
        raise Refused(_("Several are asked at once only as the two partners of a couple."), "clients")
    return places[0].couple


def _check(
    clients: Sequence[Client],
    versions: Sequence[InstrumentVersion],
    channel: str,
    due_on: date | None,
    session: TherapySession | None,
    at: datetime,
) -> None:
    if channel not in Channel.values:
        raise Refused(_("Choose how it is given."), "channel")
    if due_on is not None and due_on < clients[0].practice.today(at):
        raise Refused(_("The due day is past."), "due_on")
    if session is not None and session.client_id not in {client.pk for client in clients}:
        raise Refused(_("That session belongs to somebody else."), "session")
    if session is not None and len(clients) > 1:
        raise Refused(_("A session belongs to one client: ask each partner by themselves."), "session")
    _check_versions(versions)
    opened = open_instruments(clients, at)
    for client in clients:
        for version in versions:
            if version.instrument_id in opened.get(client.pk, ()):
                words = {"title": version.instrument.title, "name": client.full_name}
                text = _("“%(title)s” is still open for %(name)s. Withdraw it first, or wait until it is sent.")
                raise Refused(text % words, "versions")
            _check_interval(client, version, at)


def _end_of(client: Client, due_on: date | None, expires_on: date | None, at: datetime) -> datetime | None:
    """The midnight after the last day; none when there is no such day."""
    if expires_on is None:
        return None
    if expires_on < (due_on or client.practice.today(at)):
        raise Refused(_("The last day must not be past, nor before the due day."), "expires_on")
    return datetime.combine(expires_on + timedelta(days=1), time.min, tzinfo=client.practice.zone)


def _check_versions(versions: Sequence[InstrumentVersion]) -> None:
    if not versions:
        raise Refused(_("Choose at least one measure."), "versions")
    if len({version.instrument_id for version in versions}) < len(versions):
        raise Refused(_("Each measure can be chosen once."), "versions")
    for version in versions:
        if version.instrument.retired_at is not None:
            raise Refused(_("“%(title)s” is no longer used.") % {"title": version.instrument.title}, "versions")
        if "client" not in version.definition.respondents:
            raise Refused(_("“%(title)s” is not for clients.") % {"title": version.instrument.title}, "versions")


def _check_interval(client: Client, version: InstrumentVersion, at: datetime) -> None:
    day = next_allowed(client, version)
    if day is not None and client.practice.today(at) < day:
        words = {
            "title": version.instrument.title,
            "name": client.full_name,
            "days": version.definition.min_interval_days,
            "day": day.isoformat(),
        }
        text = _("“%(title)s” changes slowly: at most once in %(days)s days. %(name)s can be asked again from %(day)s.")
        raise Refused(text % words, "versions")
