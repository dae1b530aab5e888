"""The tables of a very large practice, and values as their rows hold them."""

import uuid
from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from django.db import models

from assessments.models import (
    Administration,
    Assignment,
    InstrumentVersion,
    Response,
    ResponseRevision,
    Score,
    Trajectory,
)
from assessments.schema import Definition
from assessments.scoring import DECIMALS
from clients.models import CareAssignment, Client, Consent, Episode, FocusBarrier, Relationship, TherapySession
from practice.bulk import Table
from practice.crypto import keyring
from practice.fields import Sealed
from practice.models import AuditEvent

SCORED = (
    "practice_id",
    "client_id",
    "episode_id",
    "response_id",
    "respondent",
    "scale",
    "at",
    "value",
    "answered",
    "of",
)
SERIES = (
    *("practice_id", "client_id", "episode_id", "respondent", "relationship", "scale", "count", "baseline"),
    *("baseline_at", "baseline_version", "previous", "previous_at", "latest", "latest_at", "latest_version"),
    *("total", "squares", "points"),
)


def tables() -> dict[type[models.Model], Table]:
    """The tables in the order in which rows may point to each other."""
    made = [
        Table(Client, "id", "practice_id", "code", "first_name", "last_name", "pronouns", "email", "created_at"),
        Table(Relationship, "id", "practice_id", "client_id", "words", "named_at"),
        Table(Episode, "id", "practice_id", "client_id", "number", "starts_on"),
        Table(CareAssignment, "id", "practice_id", "client_id", "clinician_id", "role", "starts_on"),
        Table(Consent, "id", "practice_id", "client_id", "notice_id", "given_at"),
        Table(
            FocusBarrier,
            *("id", "practice_id", "client_id", "episode_id", "barrier", "state", "slot", "proposed_at"),
            *("starts_on", "decided_by_id"),
        ),
        Table(
            TherapySession,
            *("id", "practice_id", "client_id", "episode_id", "clinician_id", "starts_at", "kind", "attendance"),
            *("note", "created_at", "changed_at", "closed_at"),
        ),
        Table(Administration, "id", "practice_id", "asked_by_id", "asked_at"),
        Table(
            Assignment,
            *("id", "practice_id", "client_id", "administration_id", "episode_id", "version_id", "channel", "state"),
            *("assigned_at", "due_on", "closed_at"),
        ),
        Table(
            Response,
            *("id", "practice_id", "client_id", "assignment_id", "version_id", "episode_id", "session_id"),
            *("respondent", "relationship_id", "state", "answers", "revision", "started_at", "changed_at"),
            *("submitted_at", "submitted_by_id", "receipt"),
        ),
        Table(ResponseRevision, "id", "response_id", "number", "key", "base", "answers", "saved_at", "saved_by"),
        Table(Score, *SCORED),
        Table(Trajectory, *SERIES),
        Table(
            AuditEvent,
            *("at", "practice_id", "actor_id", "action", "subject", "subject_id", "client_id", "detail"),
        ),
    ]
    return {table.model: table for table in made}


def sealed(model: type[models.Model], name: str, pk: uuid.UUID, text: str) -> Sealed:
    """The text as the row's field would seal it."""
    return Sealed(keyring().seal(text, f"{model._meta.label_lower}|{name}|{pk}"))


def scored(version: InstrumentVersion, answers: Mapping[str, int]) -> list[tuple[str, int, float]]:
    """Key, items and value of each scale for the twelve answered whole: what ``scoring.score`` says in this one case,
    at a tenth of its work (the test compares)."""
    if version.pk not in _scales:
        _scales[version.pk] = _read(version.definition)
    every = tuple(sorted(answers.values()))
    return [
        (key, of, float(answers[item]) if item else _of_all(method, threshold, every))
        for key, method, threshold, item, of in _scales[version.pk]
    ]


_scales: dict[uuid.UUID, list[tuple[str, str, int, str, int]]] = {}


def _read(definition: Definition) -> list[tuple[str, str, int, str, int]]:
    """Of each scale: key, method, threshold, its one item (none: all of them), how many items."""
    return [
        (one.key, one.method, one.threshold or 0, one.items[0] if one.single else "", len(one.items))
        for one in definition.scales
    ]


@cache
def _of_all(method: str, threshold: int, values: tuple[int, ...]) -> float:
    if method == "count_at_least":
        return float(sum(value >= threshold for value in values))
    return float(round(Fraction(sum(values), len(values)), DECIMALS))
