"""A client with a course: held sessions, ratings by both, focus, life events; and reports about clients.

Made straight from models and the product's own scoring, so that reports do not depend on the answering screens.
"""

import datetime as dt
import functools
import random

import factory

from assessments.actions.library import publish_instruments
from assessments.library import load_definitions
from assessments.models import Administration, Assignment, InstrumentVersion, Response, Score
from assessments.scoring import score
from clients.barriers import CODES
from clients.models import Client, FocusBarrier, LifeEvent, TherapySession
from practice.models import Membership, User
from reports.models import Report
from tests.factories.clients import client_of
from tests.factories.practice import MembershipFactory

STARTED = dt.date(2026, 3, 2)
FIRST = dt.datetime(2026, 3, 3, 15, 0, tzinfo=dt.UTC)
ASKED = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


definitions = functools.cache(load_definitions)
"""Read from their files once a process."""


def load_versions(*slugs: str) -> dict[str, InstrumentVersion]:
    """The named instruments, published."""
    publish_instruments([one for one in definitions() if one.slug in slugs], at=FIRST)
    return {one.instrument.slug: one for one in InstrumentVersion.objects.select_related("instrument")}


def respond(client: Client, version: InstrumentVersion, answers: dict, at: dt.datetime, **fields) -> Response:
    """A submitted response with its scores; by the clinician when it has a ``session`` and no ``by``."""
    episode = client.episodes.order_by("-number").first()
    who = fields.pop("respondent", "client")
    assignment = None
    if who == "client":
        asked = Administration.objects.create(practice=client.practice, asked_by=fields["submitted_by"], asked_at=at)
        assignment = Assignment.objects.create(
            client=client, administration=asked, episode=episode, version=version, state="submitted", closed_at=at
        )
    response = Response.objects.create(
        client=client,
        assignment=assignment,
        version=version,
        episode=episode,
        respondent=who,
        state="submitted",
        answers=answers,
        submitted_at=at,
        receipt="R",
        **fields,
    )
    for one in score(version.definition, answers):
        Score.objects.create(
            practice=client.practice,
            client=client,
            episode=episode,
            response=response,
            respondent=who,
            scale=f"{version.definition.slug}.{one.key}",
            at=at,
            value=one.value,
            answered=one.answered,
            of=one.of,
            reason=one.reason or "",
        )
    return response


def course(sessions: int = 6, clinician: Membership | None = None, seed: int = 1, **fields) -> Client:
    """A client with so many weekly sessions, ratings of the twelve by both, two focus barriers and a life event."""
    chance = random.Random(seed)
    clinician = clinician or MembershipFactory()
    client = client_of(clinician, episode__starts_on=STARTED, first_name="Mara", last_name="Quist", **fields)
    versions = load_versions("barriers", "secure-agreements")
    episode = client.episodes.get()
    level = {code: chance.randint(1, 4) for code in CODES}
    level |= {"communication": 4, "control": 3}
    for index in range(sessions):
        at = FIRST + dt.timedelta(days=7 * index)
        held = TherapySession.objects.create(
            client=client, episode=episode, clinician=clinician, starts_at=at, attendance="held", note="Private words."
        )
        for code in CODES:
            step = chance.choice((-1, 0, 0, 0, 1) if index % 3 else (-1, 0, 0))
            level[code] = min(max(level[code] + step, 0), 4)
        if index % 5 != 3:
            answers = {code: value for code, value in level.items() if chance.random() > 0.04}
            respond(client, versions["barriers"], answers, at - dt.timedelta(days=1), submitted_by=clinician.user)
        if index % 2 == 0:
            own = {code: min(max(level[code] + chance.choice((-1, 0, 1)), 0), 4) for code in CODES[::2]}
            respond(
                client,
                versions["barriers"],
                own,
                at,
                respondent="clinician",
                session=held,
                submitted_by=clinician.user,
            )
    agreements = versions["secure-agreements"]
    few = [question.id for question in agreements.definition.questions]
    respond(client, agreements, dict.fromkeys(few, 2), FIRST, submitted_by=clinician.user)
    respond(client, agreements, dict.fromkeys(few[:2], 3), FIRST + dt.timedelta(days=30), submitted_by=clinician.user)
    for slot, code in enumerate(("communication", "control"), 1):
        FocusBarrier.objects.create(
            client=client,
            episode=episode,
            barrier=code,
            state="active",
            slot=slot,
            starts_on=STARTED + dt.timedelta(14),
        )
    LifeEvent.objects.create(
        client=client, episode=episode, kind="grief", happened_on=dt.date(2026, 3, 20), note="Secret grief words."
    )
    return client


class ReportFactory(factory.django.DjangoModelFactory):
    """A queued report, asked for by somebody who may; ``ReportFactory(client=…, asked_by=…)``."""

    class Meta:
        model = Report

    client = factory.LazyFunction(lambda: course(3))
    asked_by = factory.LazyAttribute(lambda row: clinician_of(row.client))
    asked_at = ASKED
    key = factory.Sequence(lambda n: f"key-{n}")
    options = factory.LazyFunction(lambda: {"period": "episode", "charts": ["focus", "burden"]})


def clinician_of(client: Client) -> User:
    """The user who cares for this client."""
    return client.careassignments.get().clinician.user
