"""Answering: start, save, submit. Nothing is lost, nothing is done twice.

*Saving* is idempotent by a key that the page makes, and merges a part of the answers under compare-and-swap on the
revision. A change based on an older revision that touches what was changed meanwhile is kept and told as a conflict;
both revisions stay. *Submitting* is a compare-and-swap from draft to submitted; doing it again gives the same receipt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.actions import effects, texts
from assessments.actions.receipts import receipt_code
from assessments.answers import clean_answers, split_texts
from assessments.errors import Busy, ConsentNeeded, LateDraft, NotAsked
from assessments.models import Assignment, Response, ResponseRevision
from assessments.queries.answers import asked_for
from assessments.queries.asked import unexpired
from assessments.queries.library import published
from assessments.scoring import risk_hits
from clients.actions.common import hold
from clients.actions.joining import give_consent
from clients.actions.safety import raise_flag
from clients.queries.joining import missing_consent
from practice import audit
from practice.errors import Refused
from practice.models import User

TRIES = 20
"""So often a change is tried again when another one came first."""
MAX_KEY = 40
TEXT_MARK = {"text": "changed"}
"""Stands in a revision where a free text was changed: texts are sealed elsewhere and never lie in a revision."""


@dataclass(frozen=True)
class Saved:
    """What became of a save. With ``errors`` (by answer id) nothing was written and ``revision`` is the one there is.

    ``conflicts`` are the ids that another window had changed since ``base``: this save's answer stands now, a text
    holds both.
    """

    revision: int
    errors: dict[str, str] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Receipt:
    """The proof of a submission; ``again`` when it had been submitted before."""

    code: str
    at: datetime
    again: bool


def start(
    *, assignment: Assignment, by: User | None = None, agreed: bool = False, at: datetime | None = None
) -> Response:
    """The response of an assignment: the one begun before, or a new draft.

    ``agreed`` records the client's consent to the practice's current notice, for who answers by link or in the room.
    Raises ``ConsentNeeded`` without consent, ``NotAsked`` for what was withdrawn, has expired or whose episode ended.
    """
    at = at or timezone.now()
    with transaction.atomic():
        assignment = Assignment.objects.select_related("client", "episode", "response").get(pk=assignment.pk)
        assignment.version = published(assignment.version_id)
        begun: Response | None = getattr(assignment, "response", None)
        if begun is not None:
            begun.client, begun.version = assignment.client, assignment.version
        if begun is not None and begun.state == Response.State.SUBMITTED:
            return begun
        _asked_still(assignment, at)
        if assignment.episode.ends_on is not None:
            raise NotAsked
        _consented(assignment, by, agreed, at)
        if begun is not None:
            return begun
        response = _begin(assignment, at)
        if response is None:  # another window began it in this moment
            return Response.objects.select_related("version").get(assignment=assignment)
        audit.write("answers.started", by=by, record=response, at=at, channel=assignment.channel)
    return response


def _begin(assignment: Assignment, at: datetime) -> Response | None:
    """The new draft; none where there is one."""
    asks_relationship = assignment.version.definition.asks_relationship
    try:
        with transaction.atomic():
            return Response.objects.create(
                assignment=assignment,
                client=assignment.client,
                version=assignment.version,
                episode_id=assignment.episode_id,
                session_id=assignment.session_id,
                relationship_id=assignment.client.relationship_id if asks_relationship else None,
                started_at=at,
                changed_at=at,
            )
    except IntegrityError:
        if Response.objects.filter(assignment=assignment).exists():
            return None
        raise


def save(
    *,
    response: Response,
    answers: Mapping[str, object],
    key: str,
    base: int | None = None,
    by: User | None = None,
    at: datetime | None = None,
) -> Saved:
    """Merge some answers into a draft; ``None`` or an empty text takes one back.

    ``key`` (1 to 40 characters, made by the page for this change) sent again changes nothing and gives the same
    revision. Keys like ``page:1``, ``page:2`` tell that one page load made them: its own saves are no conflicts of
    each other. ``base`` is the revision that the page had seen; without it no conflict is looked for. Autosave writes
    revisions and no audit row. A risk answer raises its safety flag at once; taking it back closes none.

    Raises ``LateDraft`` after submission, ``NotAsked``, ``Busy``, and ``Refused`` for a bad key.
    """
    at = at or timezone.now()
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
        raise Refused(_("The page sent no usable key. Please load it again."))
    for _try in range(TRIES):
        with transaction.atomic():
            row = Response.objects.select_related("assignment").get(pk=response.pk)
            row.version = published(row.version_id)
            # Before the first revision there is no earlier one to look for.
            earlier = ResponseRevision.objects.filter(response=row, key=key).first() if row.revision else None
            if earlier is not None:
                return Saved(earlier.number, conflicts=_conflicts(earlier))
            if row.state != Response.State.DRAFT:
                raise LateDraft
            if row.assignment is not None:
                _asked_still(row.assignment, at)
            clean, errors = clean_answers(
                row.version.definition, answers, partial=True, asked=asked_for(row, row.answers)
            )
            if errors:
                return Saved(row.revision, errors)
            saved = _merge(row, clean, key, base, by, at)
            if saved is not None:
                return saved
    raise Busy


def submit(*, response: Response, by: User | None = None, at: datetime | None = None) -> Receipt:
    """Send the answers: scores, trajectories, safety flag, focus and life events follow in the same transaction.

    Of several at once one submits; the others, and later ones, get the same receipt with ``again``. Whatever else the
    page sends (a score, a state, a practice) is not looked at. The client's row is locked first, as everywhere.
    Raises ``NotAsked`` for an assignment that was withdrawn or has expired.
    """
    at = at or timezone.now()
    with transaction.atomic():
        hold(response.client_id)
        row, swapped = _swapped(response, by, at)
        if not swapped:
            assert row.submitted_at is not None
            return Receipt(row.receipt, row.submitted_at, again=True)
        _close_assignment(row, at)
        scores = effects.score_response(row, at=at)
        effects.follow(row, by=by, at=at)
        audit.write("answers.submitted", by=by, record=row, at=at, revision=row.revision, scores=len(scores))
    return Receipt(row.receipt, at, again=False)


def _swapped(response: Response, by: User | None, at: datetime) -> tuple[Response, bool]:
    """The row, and whether it was this call that turned it from draft to submitted, its answers complete."""
    for _try in range(TRIES):
        row = Response.objects.get(pk=response.pk)
        row.client, row.version = response.client, published(row.version_id)
        if row.state != Response.State.DRAFT:
            return row, False
        row.answers = _complete(row)  # while it is a draft: what is asked of one
        row.state, row.receipt = Response.State.SUBMITTED, receipt_code(row.pk)
        row.submitted_at, row.submitted_by, row.changed_at = at, by, at
        values = {name: getattr(row, name) for name in _SUBMITTED}
        # A save that came since the row was read has raised the revision: then it is read again.
        draft = Response.objects.filter(pk=row.pk, revision=row.revision, state=Response.State.DRAFT)
        if draft.update(**values):
            return row, True
    raise Busy


_SUBMITTED = ("state", "receipt", "submitted_at", "submitted_by", "changed_at", "answers")


def _asked_still(assignment: Assignment, at: datetime) -> None:
    if assignment.state == Assignment.State.WITHDRAWN or assignment.has_expired(at):
        raise NotAsked


def _consented(assignment: Assignment, by: User | None, agreed: bool, at: datetime) -> None:
    notice = missing_consent(assignment.client)
    if notice is None:
        return
    if not agreed:
        raise ConsentNeeded
    give_consent(by=by, client=assignment.client, notice=notice, at=at)


def _merge(
    row: Response, clean: Mapping[str, Any], key: str, base: int | None, by: User | None, at: datetime
) -> Saved | None:
    """Swap in the next revision; nothing when another change came first."""
    values, written = split_texts(row.version.definition, clean)
    merged = {name: value for name, value in {**row.answers, **values}.items() if value is not None}
    alarming = bool(risk_hits(row.version.definition, values))
    if alarming:
        hold(row.client_id)  # before the response's row, as everywhere
    swapped = Response.objects.filter(pk=row.pk, revision=row.revision, state=Response.State.DRAFT).update(
        answers=merged, revision=row.revision + 1, changed_at=at
    )
    if not swapped:
        return None
    revision = ResponseRevision.objects.create(
        response=row,
        number=row.revision + 1,
        key=key,
        base=row.revision if base is None else max(0, min(base, row.revision)),
        answers={**values, **dict.fromkeys(written, TEXT_MARK)},
        saved_at=at,
        saved_by=getattr(by, "pk", None),
    )
    conflicts = _conflicts(revision)
    texts.write(row, written, keep=conflicts, at=at)
    if alarming:  # at once, sent or not; whoever answers sees nothing of it
        raise_flag(client=row.client, response_id=row.pk, at=at)
    return Saved(revision.number, conflicts=conflicts)


def _conflicts(revision: ResponseRevision) -> list[str]:
    """The ids that other pages changed after this revision's base, to another value or to any text."""
    if revision.base + 1 == revision.number:
        return []
    between = ResponseRevision.objects.filter(
        response=revision.response_id, number__gt=revision.base, number__lt=revision.number
    )
    page, is_one, _rest = revision.key.partition(":")
    if is_one:
        between = between.exclude(key__startswith=f"{page}:")
    meanwhile: dict[str, Any] = {}
    for answers in between.order_by("number").values_list("answers", flat=True):
        meanwhile.update(answers)
    changed = revision.answers.items()
    return [name for name, value in changed if name in meanwhile and (value == TEXT_MARK or meanwhile[name] != value)]


def _close_assignment(row: Response, at: datetime) -> None:
    if row.assignment_id is None:
        return
    asked = Assignment.objects.filter(unexpired(at), pk=row.assignment_id, state=Assignment.State.OPEN)
    closed = asked.update(state=Assignment.State.SUBMITTED, closed_at=at)
    if not closed:
        raise NotAsked


def _complete(row: Response) -> dict[str, Any]:
    """A draft's snapshot with a key for every question that is asked, so that it says what was left open."""
    clean, errors = clean_answers(row.version.definition, row.answers, partial=False, asked=asked_for(row, row.answers))
    if errors:
        raise Refused(next(iter(errors.values())))
    return dict(clean)
