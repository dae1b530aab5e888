"""What stands on the time line of a record's charts: life events, times in focus, and homework that was proposed."""

from datetime import date, datetime, tzinfo

from clients.models import Client, Episode
from homework.models import Proposal
from reports.builders.pictures import TimeLine, time_line

SHOWN = (Proposal.State.PROPOSED, Proposal.State.ASSIGNED)


def course_line(client: Client, episode: Episode, today: date) -> TimeLine:
    """The time line from the episode's beginning to its end, or to today. Three queries."""
    end = min(episode.ends_on or today, today)
    line = time_line(client, episode, min(episode.starts_on, end), end)
    return TimeLine(
        line.start, line.end, line.events, line.focus, homework_given(client, episode, client.practice.zone)
    )


def homework_given(client: Client, episode: Episode, zone: tzinfo) -> tuple[tuple[date, str], ...]:
    """Days and titles of homework that was proposed and not taken back, in order of time. One query."""
    rows = Proposal.objects.filter(
        practice=client.practice_id, client=client, episode=episode, state__in=SHOWN
    ).order_by("proposed_at", "pk")
    found: list[tuple[datetime, str]] = list(rows.values_list("proposed_at", "version__exercise__title"))
    return tuple((at.astimezone(zone).date(), title) for at, title in found)
