"""Episodes, focus barriers, life events. Nothing is deleted: states and dates change."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clients.actions.common import check_end, locked, moment, needed_episode
from clients.actions.covering import ensure_cover
from clients.barriers import CODES, MAX_FOCUS
from clients.models import Client, Episode, FocusBarrier, LifeEvent, SafetyFlag, TherapySession
from clients.queries.course import latest_episode, planned_after
from practice import audit, hooks
from practice.errors import Clash, Refused
from practice.models import User

State = FocusBarrier.State


@transaction.atomic
def discharge(
    *,
    by: User,
    client: Client,
    reason: str,
    closing_note: str = "",
    ends_on: date | None = None,
    at: datetime | None = None,
) -> Episode:
    """End the open episode and its focus. The care team stays, so the record can be read.

    What is still asked of the client is withdrawn, and sessions that are planned from now on, or after the episode's
    last day, are cancelled: nothing of an ended episode waits for anybody.

    Raises ``Refused`` while a safety flag is not acknowledged: somebody looks at it before the client leaves.
    """
    at = moment(at)
    client = locked(client)
    episode = needed_episode(client)
    if SafetyFlag.objects.filter(client=client, state=SafetyFlag.State.OPEN).exists():
        raise Refused(_("A safety flag is not acknowledged yet. Acknowledge it first, then discharge."))
    ends_on = ends_on or client.practice.today(at)
    check_end(episode.starts_on, ends_on)
    if ends_on > client.practice.today(at):
        raise Refused(_("The day must not be in the future."), "ends_on")
    if reason not in Episode.Reason.values:
        raise Refused(_("Choose a reason."), "reason")
    _check_no_later_session(client, episode, ends_on)
    episode.ends_on, episode.reason = ends_on, reason
    episode.closing_note = closing_note.replace("\x00", "").strip()
    episode.save(update_fields=["ends_on", "reason", "closing_note"])
    for row in FocusBarrier.objects.filter(episode=episode, state__in=(State.ACTIVE, State.PROPOSED)):
        _end_focus(row, ends_on)
    client.status = Client.Status.DISCHARGED
    client.save(update_fields=["status"])
    midnight = datetime.combine(ends_on + timedelta(days=1), time.min, tzinfo=client.practice.zone)
    cancelled = planned_after(client, min(at, midnight)).update(
        attendance=TherapySession.Attendance.CANCELLED, changed_at=at
    )
    ended: dict[str, Any] = {**hooks.end(client.pk, at=at), "sessions_cancelled": cancelled}
    audit.write("client.discharged", by=by, record=episode, at=at, reason=reason, **ended)
    return episode


def _check_no_later_session(client: Client, episode: Episode, ends_on: date) -> None:
    last = (
        TherapySession.objects.filter(episode=episode, attendance=TherapySession.Attendance.HELD)
        .order_by("-starts_at")
        .first()
    )
    if last is not None and client.practice.today(last.starts_at) > ends_on:
        raise Refused(_("A session was held after that day."), "ends_on")


@transaction.atomic
def start_episode(*, by: User, client: Client, starts_on: date | None = None, at: datetime | None = None) -> Episode:
    """The client returns: the next episode, with baselines of its own."""
    at = moment(at)
    client = locked(client)
    last = latest_episode(client)
    starts_on = starts_on or client.practice.today(at)
    if last is not None and last.ends_on is None:
        raise Refused(_("This client is in care already."))
    if last is not None and last.ends_on is not None and starts_on < last.ends_on:
        raise Refused(_("The episode before ended later than that."), "starts_on")
    if starts_on > client.practice.today(at):
        raise Refused(_("The day must not be in the future."), "starts_on")
    episode = Episode.objects.create(client=client, number=(last.number if last else 0) + 1, starts_on=starts_on)
    client.status = Client.Status.ACTIVE
    client.save(update_fields=["status"])
    ensure_cover(client, client.practice.today(at))
    audit.write("episode.started", by=by, record=episode, at=at, number=episode.number)
    return episode


def _end_focus(row: FocusBarrier, day: date, *, by: User | None = None) -> None:
    """An active barrier leaves the focus; a proposal that was not taken up is declined."""
    row.state = State.ENDED if row.state == State.ACTIVE else State.DECLINED
    row.slot, row.ends_on = None, max(day, row.starts_on or day)
    if by is not None:
        row.decided_by = by
    row.save(update_fields=["state", "slot", "ends_on", "decided_by"])


def _known(barriers: Sequence[str]) -> list[str]:
    """The codes once each, in the order given; ``Refused`` for an unknown one or too many."""
    found = list(dict.fromkeys(barriers))
    if not set(found) <= set(CODES):
        raise Refused(_("Choose from the twelve barriers."), "barriers")
    if len(found) > MAX_FOCUS:
        raise Refused(_("Choose up to %(most)s barriers.") % {"most": MAX_FOCUS}, "barriers")
    return found


@transaction.atomic
def propose_focus(
    *, by: User | None, client: Client, barriers: Sequence[str], by_client: bool, at: datetime | None = None
) -> list[FocusBarrier]:
    """Propose up to three barriers; a new proposal of the client replaces the client's earlier one.

    What is in focus or proposed already is left as it is. ``by`` is none for the bearer of a link.
    """
    at = moment(at)
    client = locked(client)
    episode = needed_episode(client)
    wanted = _known(barriers)
    rows = list(FocusBarrier.objects.filter(episode=episode, state__in=(State.ACTIVE, State.PROPOSED)))
    for row in rows:
        if by_client and row.proposed_by_client and row.state == State.PROPOSED and row.barrier not in wanted:
            _end_focus(row, client.practice.today(at))
    present = {row.barrier for row in rows if row.state in (State.ACTIVE, State.PROPOSED)}
    made = [
        FocusBarrier.objects.create(
            client=client, episode=episode, barrier=code, proposed_by_client=by_client, proposed_at=at
        )
        for code in wanted
        if code not in present
    ]
    audit.write("focus.proposed", by=by, record=episode, at=at, count=len(made), via="client" if by_client else "staff")
    return made


@transaction.atomic
def decide_focus(
    *,
    by: User,
    client: Client,
    barriers: Sequence[str],
    seen: Collection[str] | None = None,
    decline: bool = True,
    at: datetime | None = None,
) -> list[FocusBarrier]:
    """The clinician sets what is in focus: exactly these, none to three. Open proposals are thereby decided, unless
    ``decline`` is off: then what is not taken up goes on waiting.

    ``seen``: what was in focus as the writer had read it; ``Refused`` where somebody set it otherwise since.
    """
    at = moment(at)
    client = locked(client)
    episode = needed_episode(client)
    wanted = _known(barriers)
    today = client.practice.today(at)
    rows = {
        row.barrier: row
        for row in FocusBarrier.objects.filter(episode=episode, state__in=(State.ACTIVE, State.PROPOSED))
    }
    active = {code for code, row in rows.items() if row.state == State.ACTIVE}
    if active == set(wanted) and not (decline and len(rows) > len(active)):
        return sorted((rows[code] for code in wanted), key=lambda row: row.slot or 0)
    if seen is not None and active != set(seen):
        raise Clash(_("Somebody set the focus meanwhile. Compare with what is stored now, then save again."))
    for code, row in rows.items():
        if code not in wanted and (decline or row.state == State.ACTIVE):
            _end_focus(row, today, by=by)
    taken = {row.slot for code, row in rows.items() if code in wanted and row.state == State.ACTIVE}
    free = iter([slot for slot in range(1, MAX_FOCUS + 1) if slot not in taken])
    for code in wanted:
        row = rows.get(code) or FocusBarrier(client=client, episode=episode, barrier=code, proposed_at=at)
        if row.state != State.ACTIVE:
            row.state, row.slot, row.starts_on, row.decided_by = State.ACTIVE, next(free), today, by
            row.save()
            rows[code] = row
    audit.write("focus.decided", by=by, record=episode, at=at, count=len(wanted))
    return sorted((rows[code] for code in wanted), key=lambda row: row.slot or 0)


EVENT_AHEAD = timedelta(days=366)


@transaction.atomic
def add_life_event(
    *,
    by: User | None,
    client: Client,
    kind: str,
    happened_on: date,
    note: str = "",
    session: TherapySession | None = None,
    told_by_client: bool = False,
    at: datetime | None = None,
) -> LifeEvent:
    """Something that throws the balance off for a while, at most a year ahead; marked above the barrier map."""
    at = moment(at)
    client = locked(client)
    episode = needed_episode(client)
    if kind not in LifeEvent.Kind.values:
        raise Refused(_("Choose what happened."), "kind")
    if happened_on.year < 1900 or happened_on > client.practice.today(at) + EVENT_AHEAD:
        raise Refused(_("Choose a day between 1900 and a year from now."), "happened_on")
    if session is not None and session.client_id != client.pk:
        raise Refused(_("That session belongs to somebody else."), "session")
    event = LifeEvent.objects.create(
        client=client,
        episode=episode,
        session=session,
        kind=kind,
        happened_on=happened_on,
        note=note.replace("\x00", "").strip(),
        told_by_client=told_by_client,
    )
    audit.write("event.added", by=by, record=event, at=at, via="client" if told_by_client else "staff")
    return event


def _fresh_event(event: LifeEvent) -> LifeEvent:
    """The stored row, held until the transaction ends, so that two at once write one audit row."""
    return LifeEvent.objects.select_for_update(of=("self",)).select_related("client").get(pk=event.pk)


@transaction.atomic
def withdraw_life_event(*, by: User, event: LifeEvent, at: datetime | None = None) -> LifeEvent:
    """Entered by mistake: no longer shown, still kept. Withdrawn already: nothing is written."""
    at = moment(at)
    event = _fresh_event(event)
    if event.withdrawn_at is None:
        event.withdrawn_at = at
        event.save(update_fields=["withdrawn_at"])
        audit.write("event.withdrawn", by=by, record=event, at=at)
    return event


@transaction.atomic
def restore_life_event(*, by: User, event: LifeEvent, at: datetime | None = None) -> LifeEvent:
    """Undo a withdrawal. Not withdrawn: nothing is written."""
    event = _fresh_event(event)
    if event.withdrawn_at is not None:
        event.withdrawn_at = None
        event.save(update_fields=["withdrawn_at"])
        audit.write("event.restored", by=by, record=event, at=moment(at))
    return event
