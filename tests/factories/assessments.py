"""The library in the database, assignments and answers, made through the actions."""

import datetime as dt
import functools
import itertools

from django.utils import timezone

from assessments.actions.answering import save, start, submit
from assessments.actions.assigning import assign
from assessments.actions.library import publish_instruments
from assessments.library import load_definitions
from assessments.models import Assignment, InstrumentVersion, Response
from clients.barriers import CODES
from clients.models import Client
from practice.models import User
from tests.factories.practice import UserFactory

_keys = itertools.count(1)


@functools.cache
def definitions():
    """The shipped definitions by slug."""
    return {one.slug: one for one in load_definitions()}


def publish(*slugs: str) -> dict[str, InstrumentVersion]:
    """Publish shipped instruments (all when none is named); the versions by slug."""
    publish_instruments([definitions()[slug] for slug in slugs or definitions()])
    rows = InstrumentVersion.objects.select_related("instrument").order_by("number")
    return {row.instrument.slug: row for row in rows if not slugs or row.instrument.slug in slugs}


def version_of(slug: str = "barriers") -> InstrumentVersion:
    return publish(slug)[slug]


def ask(
    client: Client, slug: str = "barriers", *, by: User | None = None, at: dt.datetime | None = None, **kwargs
) -> Assignment:
    """One open assignment."""
    return assign(by=by or UserFactory(), clients=[client], versions=[version_of(slug)], at=at, **kwargs)[0]


def draft(client: Client, slug: str = "barriers", answers: dict | None = None, **kwargs) -> Response:
    """A response that was begun, with these answers saved."""
    at = kwargs.get("at")
    response = start(assignment=ask(client, slug, **kwargs), at=at)
    if answers:
        saved = save(response=response, answers=answers, key=f"factory:{next(_keys)}", at=at)
        assert not saved.errors, saved.errors
    response.refresh_from_db()
    return response


def answered(
    client: Client, slug: str = "barriers", answers: dict | None = None, *, at: dt.datetime | None = None, **kwargs
) -> Response:
    """A submitted response; all twelve barriers at 2 when nothing else is said."""
    if answers is None:
        answers = dict.fromkeys(CODES, 2) if slug == "barriers" else {}
    at = at or timezone.now()
    response = draft(client, slug, answers, at=at, **kwargs)
    submit(response=response, at=at)
    response.refresh_from_db()
    return response
