"""The frame of a client's record: header and tabs, the same on every page of it, in four queries (a couple: five).

``frame(request, client, tab)`` gives the context that ``templates/dashboard/clients/record_base.html`` needs.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.access import can
from clients.models import CareAssignment, Client, Couple, Episode, Partner, SafetyFlag
from clients.queries.care import care_team
from clients.queries.course import episodes
from clients.queries.safety import all_flags
from dashboard.requests import StaffRequest
from practice.grants import Permission, grants

TABS: tuple[tuple[str, Promise, Permission], ...] = (
    ("client", _("Overview"), Permission.SEE_CLINICAL),
    ("client_timeline", _("Time line"), Permission.SEE_CLINICAL),
    ("client_measures", _("Measures"), Permission.SEE_CLINICAL),
    ("client_goals", _("Goals"), Permission.SEE_CLINICAL),
    ("client_homework", _("Homework"), Permission.SEE_CLINICAL),
    ("client_sessions", _("Sessions and notes"), Permission.SEE_CLINICAL),
    ("client_reports", _("Reports"), Permission.ASK_REPORT),
    ("client_access", _("Access"), Permission.SEE_ACCESS),
)


ADMINISTRATIVE_TABS: tuple[tuple[str, Promise, Permission], ...] = (
    ("client_care", _("Care team"), Permission.CHANGE_ADMINISTRATIVE),
    ("client_access", _("Access"), Permission.SEE_ACCESS),
)
"""For the owner, who opens nothing clinical."""


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """The couple link. ``name`` and ``pk`` only for whoever may see the partner's identity."""

    couple: Couple
    name: str = ""
    pk: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What the header of a record shows, and what the reader may do."""

    client: Client
    today: date
    team: list[CareAssignment]
    coming: list[CareAssignment]
    partner: PartnerLine | None
    episodes: list[Episode]
    every_flag: list[SafetyFlag]
    permissions: frozenset[Permission]
    basis: str
    tabs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def flags(self) -> list[SafetyFlag]:
        """Those that are not closed."""
        return [flag for flag in self.every_flag if flag.state != SafetyFlag.State.CLOSED]

    @property
    def episode(self) -> Episode | None:
        """The open one, else the last."""
        return self.episodes[0] if self.episodes else None

    @property
    def can_work(self) -> bool:
        return Permission.WORK in self.permissions

    @property
    def can_change(self) -> bool:
        return Permission.CHANGE_IDENTITY in self.permissions

    @property
    def can_arrange(self) -> bool:
        """Whether the reader changes the care team: the client's clinicians, and the owner."""
        return self.can_change or Permission.CHANGE_ADMINISTRATIVE in self.permissions

    @property
    def sees_clinical(self) -> bool:
        return Permission.SEE_CLINICAL in self.permissions

    @property
    def in_care(self) -> bool:
        return self.episode is not None and self.episode.ends_on is None


def permissions(request: StaffRequest) -> frozenset[Permission]:
    """Everything that the reader's relationships to the opened client give."""
    return frozenset(p for p in Permission if any(grants(relationship, p) for relationship in request.relationships))


def frame(request: StaffRequest, client: Client, tab: str = "", **context: Any) -> dict[str, Any]:
    """The template context of a page of this record; ``tab`` is the current tab's route name."""
    may = permissions(request)
    clinical = Permission.SEE_CLINICAL in may
    today = client.practice.today()
    care = list(care_team(client, today))
    built = Frame(
        client=client,
        today=today,
        team=[row for row in care if row.starts_on <= today],
        coming=[row for row in care if row.starts_on > today],
        partner=_partner(request, client) if clinical else None,
        episodes=episodes(client) if clinical else [],
        every_flag=list(all_flags(client)) if Permission.SEE_SAFETY in may else [],
        permissions=may,
        basis=str(request.basis or ""),
        tabs=_tabs(TABS if clinical else ADMINISTRATIVE_TABS, client, tab, may),
    )
    return {"client": client, "frame": built, "section": "caseload" if clinical else "roster", **context}


def _tabs(
    tabs: tuple[tuple[str, Promise, Permission], ...], client: Client, current: str, may: frozenset[Permission]
) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": reverse(f"dashboard:{name}", args=[client.pk]), "current": name == current}
        for name, label, permission in tabs
        if permission in may
    ]


def _partner(request: StaffRequest, client: Client) -> PartnerLine | None:
    """That there is a partner is part of this record; who it is only for whoever may see the partner's identity."""
    places = Partner.objects.filter(ended=False, couple__partners__client=client, couple__partners__ended=False)
    place = places.exclude(client=client).select_related("couple", "client").first()
    if place is None:
        return None
    if not can(request.user, Permission.SEE_IDENTITY, place.client):
        return PartnerLine(place.couple)
    return PartnerLine(place.couple, place.client.full_name, place.client.pk)
