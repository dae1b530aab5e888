"""What the assign screen shows: each measure with what speaks against asking it now, the load, the message."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.actions.assigning import channel_for
from assessments.letters import Waiting, compose
from assessments.models import Assignment, AssignmentLink, InstrumentVersion, Response
from assessments.queries.asked import WeeklyLoad, next_allowed, open_instruments, weekly_load
from clients.models import Client, SafetyFlag
from clients.queries.contact import may_mail
from dashboard.queries.mails import mail_state
from practice.mail import Letter, link_to

Channel = Assignment.Channel


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure to choose. ``is_open``: asked of one of these clients already; ``wait_until``: asked too lately."""

    version: InstrumentVersion
    chosen: bool
    is_open: bool
    wait_until: date | None

    @property
    def blocked(self) -> bool:
        return self.is_open or self.wait_until is not None


def measure_lines(
    versions: Iterable[InstrumentVersion], clients: Sequence[Client], chosen: Iterable[str]
) -> list[MeasureLine]:
    """A line a measure for clients: two queries, and one for each measure with a least interval."""
    opened = set().union(*open_instruments(clients).values(), set())
    today = clients[0].practice.today()
    picked = set(chosen)
    lines = []
    for version in versions:
        if "client" not in version.definition.respondents:
            continue
        days = [day for client in clients if (day := next_allowed(client, version)) and day > today]
        lines.append(
            MeasureLine(
                version, str(version.pk) in picked, version.instrument_id in opened, max(days) if days else None
            )
        )
    return lines


@dataclass(frozen=True, slots=True)
class Told:
    """How one client hears of it: the exact message, or why there is none. ``load`` is what would be asked a week."""

    client: Client
    load: WeeklyLoad
    letter: Letter | None
    why_not: str | Promise


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen: items and minutes in all, what is kept for the room, and each client's message."""

    items: int
    minutes: int
    for_room: list[InstrumentVersion]
    told: list[Told]


def preview(clients: Sequence[Client], versions: Sequence[InstrumentVersion], channel: str) -> Preview:
    """One query a client."""
    only = [version for version in versions if channel != Channel.ROOM and version.definition.in_room_only]
    return Preview(
        items=sum(version.definition.item_count for version in versions),
        minutes=sum(version.definition.minutes for version in versions),
        for_room=only,
        told=[_told(client, versions, channel) for client in clients],
    )


def _told(client: Client, versions: Sequence[InstrumentVersion], channel: str) -> Told:
    load = weekly_load(client, versions)
    sent = [version for version in versions if channel_for(version, channel) != Channel.ROOM]
    why_not = silence(client, sent, channel)
    if why_not:
        return Told(client, load, None, why_not)
    base = link_to("home")
    waiting = [
        Waiting(
            version.definition.minutes,
            base if channel == Channel.PORTAL else f"{base}l/… ({number})",
        )
        for number, version in enumerate(sent, 1)
    ]
    return Told(client, load, compose(client.practice, client.email, waiting), "")


def silence(client: Client, sent: Sequence[InstrumentVersion], channel: str) -> str | Promise:
    """Why no message is sent; empty when one is."""
    if not sent:
        return _("No message: it is given in the room.")
    if not may_mail(client):
        return _("No message: the client chose not to get any. Tell them in the room, or hand over the link.")
    if channel == Channel.PORTAL and client.user_id is None:
        return _("No message: the client has no sign-in yet. Invite them first, or choose a link.")
    return ""


@dataclass(frozen=True, slots=True)
class LinkState:
    """The newest link of an assignment. ``live``: not opened, not revoked, not expired."""

    link: AssignmentLink
    live: bool
    entered: bool


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    """What the assignment page shows."""

    assignment: Assignment
    response: Response | None
    link: LinkState | None
    together: list[Assignment]
    mail: str
    """The state of the one message about this asking; empty when there was none."""

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.assignment.state == Assignment.State.OPEN and not self.expired

    @property
    def expired(self) -> bool:
        return self.assignment.state != Assignment.State.SUBMITTED and self.assignment.has_expired(timezone.now())

    @property
    def may_withdraw(self) -> bool:
        """Also what nobody can answer any more."""
        return self.assignment.state == Assignment.State.OPEN

    @property
    def by_link(self) -> bool:
        return self.assignment.channel == Channel.LINK


def assignment_facts(client: Client, pk: uuid.UUID) -> AssignmentFacts | None:
    """One assignment of this client, its newest link, what was asked with it, its message. Five queries."""
    rows = Assignment.objects.filter(client=client)
    assignment = (
        rows.filter(pk=pk).select_related("version__instrument", "administration__asked_by", "client__practice").first()
    )
    if assignment is None:
        return None
    together = rows.filter(administration=assignment.administration_id).exclude(pk=pk)
    return AssignmentFacts(
        assignment=assignment,
        response=Response.objects.filter(assignment=assignment).first(),
        link=_link_state(assignment),
        together=list(together.select_related("version__instrument").order_by("assigned_at", "pk")),
        mail=mail_state(f"assignment-ready:{assignment.administration_id}:{client.pk}"),
    )


def _link_state(assignment: Assignment) -> LinkState | None:
    links = AssignmentLink.objects.filter(assignment=assignment, token_hash__isnull=False)
    link = links.order_by("-created_at", "-pk").first()
    if link is None:
        return None
    now = timezone.now()
    return LinkState(link, link.is_live(now), link.used_at is not None and link.revoked_at is None)


def flag_of(client: Client, response_id: uuid.UUID) -> SafetyFlag | None:
    """The latest safety flag that this submission raised about this client."""
    return SafetyFlag.objects.filter(client=client, response_id=response_id).order_by("-raised_at", "-id").first()
