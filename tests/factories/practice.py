"""Users, practices and who belongs to them. One password for everybody, hashed once a process."""

import datetime as dt
import functools

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from practice import tokens
from practice.models import Invitation, Membership, Practice, PrivacyNotice, Supervision, User

PASSWORD = "correct horse battery staple"
LONG_AGO = dt.date(2020, 1, 1)


@functools.cache
def password_hash() -> str:
    return make_password(PASSWORD)


def yesterday() -> dt.date:
    return timezone.now().date() - dt.timedelta(days=1)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Person {n}")
    sign_in = factory.Sequence(lambda n: f"person{n}@example.test")
    email = factory.SelfAttribute("sign_in")
    password = factory.LazyFunction(password_hash)


class PracticeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Practice

    name = factory.Sequence(lambda n: f"Practice {n}")


class MembershipFactory(factory.django.DjangoModelFactory):
    """A clinician, unless ``roles="owner supervisor"`` says otherwise."""

    class Meta:
        model = Membership

    class Params:
        roles = "clinician"

    practice = factory.SubFactory(PracticeFactory)
    user = factory.SubFactory(UserFactory)
    starts_on = LONG_AGO
    is_owner = factory.LazyAttribute(lambda row: "owner" in row.roles.split())
    is_clinician = factory.LazyAttribute(lambda row: "clinician" in row.roles.split())
    is_supervisor = factory.LazyAttribute(lambda row: "supervisor" in row.roles.split())


class SupervisionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Supervision

    supervisor = factory.SubFactory(MembershipFactory, roles="supervisor")
    supervisee = factory.SubFactory(MembershipFactory, practice=factory.SelfAttribute("..supervisor.practice"))
    practice = factory.SelfAttribute("supervisor.practice")
    starts_on = LONG_AGO


class PrivacyNoticeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PrivacyNotice

    practice = factory.SubFactory(PracticeFactory)
    version = 1
    text = "What we keep, why, and for how long."


class InvitationFactory(factory.django.DjangoModelFactory):
    """An armed, live invitation; ``tokens.token_for(invitation)`` is its token."""

    class Meta:
        model = Invitation

    practice = factory.SubFactory(PracticeFactory)
    invited_by = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Colleague {n}")
    email = factory.Sequence(lambda n: f"colleague{n}@example.test")
    is_clinician = True
    expires_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=7))

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        invitation = model_class(*args, **kwargs)
        tokens.arm(invitation)
        invitation.save()
        return invitation
