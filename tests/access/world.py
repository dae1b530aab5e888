"""Everybody the access matrix asks about, in two practices, signed in once; built once a module and rolled back."""

import datetime as dt
import time
from types import SimpleNamespace
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from clients.models import CareAssignment, Client, Couple, EmergencyAccess, Episode, Partner
from practice.models import Membership, Practice, User
from tests.access import kinds
from tests.factories.practice import LONG_AGO, MembershipFactory, PracticeFactory, SupervisionFactory, UserFactory


class World(SimpleNamespace):
    """``members`` and ``users`` by kind; ``client``, ``partner``, ``other`` and ``far`` are clients.

    ``cookies`` by kind are sent with each request of that kind. Areas add their own rows (``extend(world)``).
    """

    practice: Practice
    far_practice: Practice
    members: dict[str, Membership]
    users: dict[str, User]
    cookies: dict[str, dict[str, str]]
    client: Client
    partner: Client
    other: Client
    far: Client

    def browser(self, kind: str) -> Browser:
        """A browser of this kind; server errors are answers (500), not exceptions."""
        browser = Browser(raise_request_exception=False)
        for name, value in self.cookies.get(kind, {}).items():
            browser.cookies[name] = value
        return browser


def make_client(practice: Practice, name: str, user: User | None = None) -> Client:
    practice.client_counter += 1
    practice.save(update_fields=["client_counter"])
    client = Client.objects.create(
        practice=practice,
        user=user,
        code=f"C-{practice.client_counter:04}",
        first_name=name,
        last_name="Example",
        email=f"{name.lower()}@example.test",
        safe_contact="email",
        status=Client.Status.ACTIVE,
    )
    Episode.objects.create(client=client, number=1, starts_on=LONG_AGO)
    return client


def care(client: Client, clinician: Membership, role: str, ends_on: dt.date | None = None) -> CareAssignment:
    return CareAssignment.objects.create(
        client=client, clinician=clinician, role=role, starts_on=LONG_AGO, ends_on=ends_on
    )


def _people(world: World) -> None:
    roles = {
        "owner": "owner",
        "emergency": "owner",
        "supervisor": "supervisor",
        "silent": "supervisor",
        "other_supervisor": "supervisor",
        "former_supervisor": "supervisor",
        **dict.fromkeys(
            ("primary", "co", "cover", "other_clinician", "former_clinician", "left", "deactivated"), "clinician"
        ),
    }
    for kind, role in roles.items():
        user = UserFactory(name=f"The {kind}", sign_in=f"{kind}@north.test")
        world.members[kind] = MembershipFactory(practice=world.practice, user=user, roles=role)
    for kind, role in {"far_owner": "owner", "far_clinician": "clinician"}.items():
        user = UserFactory(name=f"The {kind}", sign_in=f"{kind}@south.test")
        world.members[kind] = MembershipFactory(practice=world.far_practice, user=user, roles=role)
    world.users.update({kind: member.user for kind, member in world.members.items()})
    for kind in ("client", "partner", "other_client"):
        world.users[kind] = UserFactory(name=f"The {kind}", sign_in=f"{kind}@home.test")


def _relationships(world: World, yesterday: dt.date) -> None:
    members = world.members
    world.client = make_client(world.practice, "Robin", world.users["client"])
    world.partner = make_client(world.practice, "Sascha", world.users["partner"])
    world.other = make_client(world.practice, "Toni", world.users["other_client"])
    world.far = make_client(world.far_practice, "Uli")
    far_future = yesterday + dt.timedelta(days=30)
    care(world.client, members["primary"], "primary")
    care(world.client, members["co"], "co")
    care(world.client, members["cover"], "cover", far_future)
    care(world.client, members["left"], "co")
    care(world.client, members["deactivated"], "co")
    care(world.client, members["former_clinician"], "co", yesterday)
    care(world.partner, members["other_clinician"], "primary")
    care(world.other, members["other_clinician"], "primary")
    care(world.far, members["far_clinician"], "primary")
    world.couple = Couple.objects.create(practice=world.practice, starts_on=LONG_AGO)
    for seat, client in enumerate((world.client, world.partner), 1):
        Partner.objects.create(couple=world.couple, client=client, seat=seat)
    for kind in ("supervisor", "silent"):
        SupervisionFactory(supervisor=members[kind], supervisee=members["primary"])
    SupervisionFactory(supervisor=members["other_supervisor"], supervisee=members["other_clinician"])
    SupervisionFactory(supervisor=members["former_supervisor"], supervisee=members["primary"], ends_on=yesterday)
    now = timezone.now()
    world.emergency = EmergencyAccess.objects.create(
        client=world.client,
        membership=members["emergency"],
        reason="asked to",
        starts_at=now,
        ends_at=now + dt.timedelta(hours=4),
    )


def _sign_in(world: World) -> None:
    for kind, user in world.users.items():
        browser = Browser()
        browser.force_login(user)
        if kind == "supervisor":
            session = browser.session
            session["reasons"] = {
                str(client.pk): [int(time.time()), "brought"] for client in (world.client, world.other)
            }
            session.save()
        world.cookies[kind] = {name: morsel.value for name, morsel in browser.cookies.items()}


def build(extensions: list[Any]) -> World:
    """The world, with what each rows module adds; the last step takes away what ended yesterday."""
    world = World(members={}, users={}, cookies={})
    world.practice = PracticeFactory(name="North practice")
    world.far_practice = PracticeFactory(name="South practice")
    yesterday = timezone.now().date() - dt.timedelta(days=1)
    _people(world)
    _relationships(world, yesterday)
    _sign_in(world)
    for extend in extensions:
        extend(world)
    Membership.objects.filter(pk=world.members["left"].pk).update(ends_on=yesterday)
    User.objects.filter(pk=world.users["deactivated"].pk).update(is_active=False)
    missing = kinds.SIGNED_IN - world.users.keys()
    assert not missing, f"kinds without a user: {missing}"
    return world
