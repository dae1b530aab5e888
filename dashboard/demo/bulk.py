"""A very large practice in minutes: the rows that the product's own actions would leave, written table by table.

``tests/dashboard/test_bulk.py`` plays the same stories through the actions and compares every table.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, models

from assessments.actions.psychometrics import mark_stale
from assessments.actions.receipts import receipt_code
from assessments.actions.trajectories import Key, Point, counted_row
from assessments.models import (
    NO_RELATIONSHIP,
    Administration,
    Assignment,
    InstrumentVersion,
    Response,
    ResponseRevision,
    Score,
    Trajectory,
)
from clients.models import CareAssignment, Client, Consent, Episode, FocusBarrier, Relationship, TherapySession
from dashboard.demo.bulk_tables import SERIES, scored, sealed, tables
from dashboard.demo.names import people
from dashboard.demo.story import Story, Visit, stories
from practice.bulk import Table, bare
from practice.models import AuditEvent, Membership, Practice, PrivacyNotice

CHUNK = 50
"""So many clients are held in memory at a time."""
BARE = 20_000
"""From so many sessions on, the largest tables are filled without their indexes."""
LARGEST = (Score, Response, ResponseRevision, TherapySession, AuditEvent)
FIRST_KEY = "demo:1"
CLINICIAN, CLIENT = Response.Respondent.CLINICIAN, Response.Respondent.CLIENT


def fill(
    random: Random,
    *,
    clinicians: Sequence[Membership],
    version: InstrumentVersion,
    clients: int,
    sessions: int,
    now: datetime,
    tell: Callable[[str], None],
) -> None:
    """Give a practice without clients so many, spread over its clinicians, each with so many weekly sessions.

    ``version`` is of the twelve barriers. Part of the demo's transaction.
    """
    practice = clinicians[0].practice
    writer = _Writer(practice, practice.notices.order_by("version").last(), version, now)
    told = stories(random, people(random, clients), sessions, practice.zone, now)
    many = LARGEST if clients * sessions >= BARE else ()
    with bare(*many):
        for number, story in enumerate(told, 1):
            writer.add(number, story, clinicians[(number - 1) % len(clinicians)])
            if number % CHUNK == 0 or number == clients:
                writer.write()
            if number % (CHUNK * 20) == 0:
                tell(f"  {number} clients, {number * sessions * 12} ratings")
    Practice.objects.filter(pk=practice.pk).update(client_counter=clients)
    mark_stale(practice.pk, [version.pk])
    if connection.vendor == "postgresql":  # nobody should wait for autovacuum to learn what is in the tables
        with connection.cursor() as cursor:
            for table in writer.tables:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(table.model._meta.db_table)}")


@dataclass
class _Case:
    """One client while their rows are made."""

    story: Story
    clinician: Membership
    client: uuid.UUID = field(default_factory=uuid.uuid4)
    episode: uuid.UUID = field(default_factory=uuid.uuid4)
    relationship: uuid.UUID | None = None
    series: dict[tuple[str, str], list[Point]] = field(default_factory=dict)

    @property
    def by(self) -> uuid.UUID:
        return self.clinician.user_id


class _Writer:
    """Collects the rows of some clients, then writes them."""

    def __init__(
        self, practice: Practice, notice: PrivacyNotice | None, version: InstrumentVersion, now: datetime
    ) -> None:
        self.practice, self.notice, self.version, self.now = practice, notice, version, now
        self.by_model = tables()
        self.about: list[tuple[uuid.UUID, uuid.UUID]] = []

    @property
    def tables(self) -> list[Table]:
        return list(self.by_model.values())

    def row(self, model: type[models.Model], *values: Any) -> None:
        self.by_model[model].add(*values)

    def write(self) -> None:
        for table in self.tables:
            table.write()
        now_about = [Client(pk=client, relationship_id=pk) for client, pk in self.about]
        Client.objects.bulk_update(now_about, ["relationship"])
        self.about = []

    def audit(self, case: _Case, at: datetime, action: str, subject: str, pk: uuid.UUID, **detail: Any) -> None:
        self.row(AuditEvent, at, self.practice.pk, case.by, action, subject, pk, case.client, detail)

    def add(self, number: int, story: Story, clinician: Membership) -> None:
        case = _Case(story, clinician)
        self._join(case, number)
        for visit in story.visits:
            self._visit(case, visit)
        self._focus(case)
        self._ahead(case)
        for (scale, who), points in case.series.items():
            about = case.relationship if who == CLIENT and case.relationship else NO_RELATIONSHIP
            row = counted_row(points, Key(case.episode, scale, who, about))
            self.row(Trajectory, *(getattr(row, name) for name in SERIES))

    def _join(self, case: _Case, number: int) -> None:
        story, practice = case.story, self.practice.pk
        person, at, day = story.person, story.joined_at, self.practice.today(story.joined_at)
        self.row(
            Client,
            *(case.client, practice, f"C-{number:04d}", person.first, person.last, person.pronouns, person.mailbox, at),
        )
        if story.relationship:
            case.relationship = uuid.uuid4()
            words = sealed(Relationship, "words", case.relationship, story.relationship)
            self.row(Relationship, case.relationship, practice, case.client, words, at)
            self.about.append((case.client, case.relationship))
        self.row(Episode, case.episode, practice, case.client, 1, day)
        role = CareAssignment.Role.PRIMARY
        self.row(CareAssignment, uuid.uuid4(), practice, case.client, case.clinician.pk, role, day)
        self.audit(case, at, "client.added", "client", case.client)

    def _visit(self, case: _Case, visit: Visit) -> None:
        if visit.answered_at is not None:
            self._answered(case, visit)
        pk, at = uuid.uuid4(), visit.starts_at
        written, closed = at + timedelta(minutes=60), visit.rated_at + timedelta(minutes=10)
        self._session(case, pk, at, "held", visit.note, written, closed)
        self.audit(case, written, "session.added", "therapysession", pk, kind="individual", partner_row="")
        self._rated(case, visit, pk)
        self.audit(case, closed, "session.closed", "therapysession", pk, attendance="held")

    def _session(
        self, case: _Case, pk: uuid.UUID, at: datetime, attendance: str, note: str, made: datetime, closed: Any
    ) -> None:
        self.row(
            TherapySession,
            *(pk, self.practice.pk, case.client, case.episode, case.clinician.pk, at, "individual", attendance),
            *(sealed(TherapySession, "note", pk, note), made, closed or made, closed),
        )

    def _rated(self, case: _Case, visit: Visit, session: uuid.UUID) -> None:
        pk, at = uuid.uuid4(), visit.rated_at
        self._response(case, pk, None, session, CLINICIAN, visit.ratings, at, at)
        self._revision(case, pk, "rating:1", visit.ratings, at)
        self._scores(case, pk, CLINICIAN, visit.ratings, visit.starts_at)
        self.audit(case, at, "session.rated", "response", pk, revision=1, rated=len(visit.ratings))

    def _answered(self, case: _Case, visit: Visit) -> None:
        at, begun = visit.answered_at, visit.begun_at
        assert at is not None
        assert begun is not None
        self._consent(case, begun)
        assignment, pk = self._asked(case, begun, "room", closed=at), uuid.uuid4()
        self.audit(case, begun, "answers.started", "response", pk, channel="room")
        self._response(case, pk, assignment, None, CLIENT, {**visit.answers, "focus": None}, at, begun)
        self._revision(case, pk, FIRST_KEY, visit.answers, begun)
        scores = self._scores(case, pk, CLIENT, visit.answers, at)
        self.audit(case, at, "answers.submitted", "response", pk, revision=1, scores=scores)

    def _consent(self, case: _Case, at: datetime) -> None:
        if self.notice is not None and not case.series:
            pk = uuid.uuid4()
            self.row(Consent, pk, self.practice.pk, case.client, self.notice.pk, at)
            self.audit(case, at, "consent.given", "consent", pk, version=self.notice.version, via="staff")

    def _asked(
        self, case: _Case, at: datetime, channel: str, *, closed: datetime | None = None, due: Any = None
    ) -> uuid.UUID:
        asking, pk = uuid.uuid4(), uuid.uuid4()
        state = Assignment.State.SUBMITTED if closed else Assignment.State.OPEN
        self.row(Administration, asking, self.practice.pk, case.by, at)
        self.row(
            Assignment,
            *(
                pk,
                self.practice.pk,
                case.client,
                asking,
                case.episode,
                self.version.pk,
                channel,
                state,
                at,
                due,
                closed,
            ),
        )
        items = self.version.definition.item_count
        self.audit(
            *(case, at, "assignment.made", "administration", asking), count=1, items=items, channel=channel, told=False
        )
        return pk

    def _response(
        self,
        case: _Case,
        pk: uuid.UUID,
        assignment: uuid.UUID | None,
        session: uuid.UUID | None,
        who: str,
        answers: dict[str, Any],
        at: datetime,
        begun: datetime,
    ) -> None:
        self.row(
            Response,
            *(pk, self.practice.pk, case.client, assignment, self.version.pk, case.episode, session, who),
            *(case.relationship if who == CLIENT else None, "submitted", answers, 1, begun, at, at, case.by),
            receipt_code(pk),
        )

    def _revision(self, case: _Case, response: uuid.UUID, key: str, answers: dict[str, int], at: datetime) -> None:
        self.row(ResponseRevision, uuid.uuid4(), response, 1, key, 0, answers, at, case.by)

    def _scores(self, case: _Case, response: uuid.UUID, who: str, answers: dict[str, int], at: datetime) -> int:
        slug, count = self.version.definition.slug, 0
        for key, of, value in scored(self.version, answers):
            scale = f"{slug}.{key}"
            self.row(
                Score,
                *(self.practice.pk, case.client, case.episode, response, who, scale, at, value, of, of),
            )
            point = Point(at, value, self.practice.pk, case.client, self.version.pk)
            case.series.setdefault((scale, who), []).append(point)
            count += 1
        return count

    def _focus(self, case: _Case) -> None:
        at, day = case.story.focus_at, self.practice.today(case.story.focus_at)
        for slot, code in enumerate(case.story.focus, 1):
            self.row(
                FocusBarrier,
                *(uuid.uuid4(), self.practice.pk, case.client, case.episode, code, "active", slot, at, day, case.by),
            )
        self.audit(case, at, "focus.decided", "episode", case.episode, count=len(case.story.focus))

    def _ahead(self, case: _Case) -> None:
        pk, at = uuid.uuid4(), case.story.planned_at
        self._session(case, pk, case.story.next_at, "planned", "", at, None)
        self.audit(case, at, "session.added", "therapysession", pk, kind="individual", partner_row="")
        if case.story.asked_at is not None:
            self._asked(case, case.story.asked_at, "portal", due=case.story.due_on)
