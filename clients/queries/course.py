"""Reading the course of care: episodes, sessions, focus, life events."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Q, QuerySet

from clients.models import Client, Episode, FocusBarrier, LifeEvent, TherapySession


def open_episode(client: Client) -> Episode | None:
    """The episode that has not ended."""
    return Episode.objects.filter(client=client, ends_on=None).first()


def latest_episode(client: Client) -> Episode | None:
    """The open episode, else the last one."""
    return Episode.objects.filter(client=client).order_by("-number").first()


def episodes(client: Client) -> list[Episode]:
    """Every episode, the latest first."""
    return list(Episode.objects.filter(client=client).order_by("-number"))


def episode_on(client: Client, day: date) -> Episode | None:
    """The episode that runs on this day (the later one where two meet)."""
    return (
        Episode.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), client=client, starts_on__lte=day)
        .order_by("-number")
        .first()
    )


def held_sessions(client: Client, episode: Episode) -> QuerySet[TherapySession]:
    """The sessions of the episode that took place, in order of time."""
    return TherapySession.objects.filter(
        client=client, episode=episode, attendance=TherapySession.Attendance.HELD
    ).order_by("starts_at", "id")


def sessions(client: Client) -> QuerySet[TherapySession]:
    """All sessions, latest first, with clinician and episode."""
    return (
        TherapySession.objects.filter(client=client)
        .select_related("clinician__user", "episode")
        .order_by("-starts_at", "-id")
    )


def planned_after(client: Client, moment: datetime) -> QuerySet[TherapySession]:
    """The client's sessions that are planned for later than the moment, in order of time."""
    planned = TherapySession.Attendance.PLANNED
    return TherapySession.objects.filter(client=client, attendance=planned, starts_at__gt=moment).order_by("starts_at")


def focus(client: Client, episode: Episode | None = None) -> list[FocusBarrier]:
    """The barriers in focus now, by slot; at most three. Without an episode, of the open one."""
    rows = FocusBarrier.objects.filter(client=client, state=FocusBarrier.State.ACTIVE)
    rows = rows.filter(episode=episode) if episode else rows.filter(episode__ends_on=None)
    return list(rows.order_by("slot"))


def proposals(client: Client) -> list[FocusBarrier]:
    """What has been proposed for focus and not decided, the client's own first."""
    return list(
        FocusBarrier.objects.filter(client=client, state=FocusBarrier.State.PROPOSED, episode__ends_on=None).order_by(
            "-proposed_by_client", "proposed_at", "barrier", "id"
        )
    )


def life_events(client: Client, episode: Episode | None = None) -> QuerySet[LifeEvent]:
    """What happened in the client's life and was not withdrawn, in order of time."""
    rows = LifeEvent.objects.filter(client=client, withdrawn_at=None)
    return (rows.filter(episode=episode) if episode else rows).order_by("happened_on", "id")


def events_of(sessions: Sequence[TherapySession]) -> dict[object, list[LifeEvent]]:
    """Life events by the id of the session in which they were told."""
    found: dict[object, list[LifeEvent]] = {}
    rows = LifeEvent.objects.filter(session__in=[row.pk for row in sessions], withdrawn_at=None)
    for event in rows.order_by("happened_on", "id"):
        found.setdefault(event.session_id, []).append(event)
    return found
