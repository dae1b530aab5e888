"""Clients with care, couples, sessions and flags, made straight from models (the actions have tests of their own)."""

import datetime as dt

import factory
from django.utils import timezone

from clients.actions.relationships import relationship_of
from clients.models import (
    CareAssignment,
    Client,
    ClientInvitation,
    Couple,
    EmergencyAccess,
    Episode,
    FocusBarrier,
    Goal,
    Leave,
    LifeEvent,
    Partner,
    PrivateNote,
    PrivateNoteGrant,
    Relationship,
    SafetyFlag,
    SupervisionItem,
    TherapySession,
)
from practice import tokens
from practice.models import Membership
from tests.factories.practice import LONG_AGO, MembershipFactory, PracticeFactory, UserFactory


class ClientFactory(factory.django.DjangoModelFactory):
    """A client in care with an open episode and nobody caring; ``episode=None`` leaves the episode out."""

    class Meta:
        model = Client
        skip_postgeneration_save = True

    practice = factory.SubFactory(PracticeFactory)
    code = factory.Sequence(lambda n: f"C-{n:05d}")
    first_name = factory.Sequence(lambda n: f"Robin{n}")
    last_name = "Example"
    status = Client.Status.ACTIVE

    @factory.post_generation
    def relationship(self, create, extracted, **kwargs):
        if create and extracted:
            now_about(self, extracted)

    @factory.post_generation
    def episode(self, create, extracted, **kwargs):
        if create and not kwargs.get("skip"):
            Episode.objects.create(client=self, number=1, starts_on=kwargs.get("starts_on", LONG_AGO))


class CareFactory(factory.django.DjangoModelFactory):
    """Primary care since long ago, by a clinician of the client's practice."""

    class Meta:
        model = CareAssignment

    client = factory.SubFactory(ClientFactory)
    clinician = factory.LazyAttribute(lambda row: MembershipFactory(practice=row.client.practice))
    role = CareAssignment.Role.PRIMARY
    starts_on = LONG_AGO


class SessionFactory(factory.django.DjangoModelFactory):
    """A held session, one a day backwards from yesterday."""

    class Meta:
        model = TherapySession

    client = factory.SubFactory(ClientFactory)
    episode = factory.LazyAttribute(lambda row: row.client.episodes.order_by("-number").first())
    clinician = factory.LazyAttribute(lambda row: MembershipFactory(practice=row.client.practice))
    starts_at = factory.Sequence(lambda n: timezone.now() - dt.timedelta(days=1 + n % 1000, microseconds=n))
    attendance = TherapySession.Attendance.HELD
    note = "We spoke about the week."


class FocusFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FocusBarrier

    client = factory.SubFactory(ClientFactory)
    episode = factory.LazyAttribute(lambda row: row.client.episodes.order_by("-number").first())
    barrier = "communication"


class LifeEventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LifeEvent

    client = factory.SubFactory(ClientFactory)
    episode = factory.LazyAttribute(lambda row: row.client.episodes.order_by("-number").first())
    kind = LifeEvent.Kind.WORK
    happened_on = LONG_AGO
    note = "A new place of work."


class SafetyFlagFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SafetyFlag

    client = factory.SubFactory(ClientFactory)


class LeaveFactory(factory.django.DjangoModelFactory):
    """From today for a week, without care rows: those are the action's."""

    class Meta:
        model = Leave

    clinician = factory.SubFactory(MembershipFactory)
    practice = factory.SelfAttribute("clinician.practice")
    cover = factory.LazyAttribute(lambda row: MembershipFactory(practice=row.clinician.practice))
    starts_on = factory.LazyAttribute(lambda row: row.clinician.practice.today())
    ends_on = factory.LazyAttribute(lambda row: row.starts_on + dt.timedelta(days=7))
    made_by = factory.SelfAttribute("clinician.user")


class SupervisionItemFactory(factory.django.DjangoModelFactory):
    """The client, brought by their primary clinician and waiting."""

    class Meta:
        model = SupervisionItem

    client = factory.SubFactory(ClientFactory)
    brought_by = factory.LazyAttribute(lambda row: row.client.careassignments.get(role="primary").clinician)
    subject_id = factory.SelfAttribute("client.pk")
    question = "How do I go on?"


class EmergencyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EmergencyAccess

    client = factory.SubFactory(ClientFactory)
    membership = factory.LazyAttribute(lambda row: MembershipFactory(practice=row.client.practice, roles="owner"))
    reason = "The clinician is ill."
    starts_at = factory.LazyFunction(timezone.now)
    ends_at = factory.LazyAttribute(lambda row: row.starts_at + dt.timedelta(hours=4))


class PrivateNoteFactory(factory.django.DjangoModelFactory):
    """A private note about a held session, by who held it."""

    class Meta:
        model = PrivateNote

    session = factory.SubFactory(SessionFactory)
    client = factory.LazyAttribute(lambda row: row.session.client)
    author = factory.LazyAttribute(lambda row: row.session.clinician)
    text = "For my eyes only."


class PrivateNoteGrantFactory(factory.django.DjangoModelFactory):
    """A grant that runs; whether the reader supervises the author is for the test to say."""

    class Meta:
        model = PrivateNoteGrant

    client = factory.SubFactory(ClientFactory)
    author = factory.LazyAttribute(lambda row: MembershipFactory(practice=row.client.practice))
    reader = factory.LazyAttribute(lambda row: MembershipFactory(practice=row.client.practice, roles="supervisor"))
    starts_on = LONG_AGO
    ends_on = factory.LazyFunction(lambda: timezone.now().date() + dt.timedelta(days=7))


class ClientInvitationFactory(factory.django.DjangoModelFactory):
    """An armed, live invitation; ``tokens.token_for(invitation)`` is its token."""

    class Meta:
        model = ClientInvitation

    client = factory.SubFactory(ClientFactory)
    practice = factory.SelfAttribute("client.practice")
    invited_by = factory.SubFactory(UserFactory)
    expires_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=7))

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        invitation = model_class(*args, **kwargs)
        tokens.arm(invitation)
        invitation.save()
        return invitation


def client_of(clinician: Membership, **fields) -> Client:
    """A client in this clinician's primary care."""
    client = ClientFactory(practice=clinician.practice, **fields)
    CareFactory(client=client, clinician=clinician)
    return client


def now_about(client: Client, words: str) -> Client:
    """From now on the client's answers are about this relationship."""
    client.relationship = relationship_of(client, words, at=timezone.now())
    client.save(update_fields=["relationship"])
    return client


def couple_of(first: Client, second: Client, starts_on: dt.date = LONG_AGO) -> Couple:
    """Both linked."""
    couple = Couple.objects.create(practice=first.practice, starts_on=starts_on)
    for seat, client in enumerate((first, second), 1):
        Partner.objects.create(couple=couple, client=client, seat=seat)
    return couple


def screened(client: Client, cleared: bool = True) -> Client:
    """As after a safety screen."""
    client.safety_screened_on, client.safety_cleared = dt.date(2026, 1, 5), cleared
    client.save(update_fields=["safety_screened_on", "safety_cleared"])
    return client


class GoalFactory(factory.django.DjangoModelFactory):
    """A goal that the client wrote, in the open episode."""

    class Meta:
        model = Goal

    client = factory.SubFactory(ClientFactory)
    episode = factory.LazyAttribute(lambda row: row.client.episodes.order_by("-number").first())
    words = factory.Sequence(lambda n: f"Walk together each Sunday {n}")
    position = factory.Sequence(lambda n: 1 + n % 30000)
    set_by = factory.SubFactory(UserFactory)
    agreed_at = factory.LazyFunction(timezone.now)


class RelationshipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Relationship

    client = factory.SubFactory(ClientFactory)
    words = factory.Sequence(lambda n: f"partner number {n}")
