"""Counting how a practice's measures behave. Derived rows, as trajectories are: no audit, the answers are the truth.

One row of a version (``MARKER``) says that something was sent since it was counted; a submission sets it in its own
transaction, and a task counts again. Reading takes no lock: on SQLite a long transaction would stop everybody.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from assessments.models import InstrumentVersion, Reference
from assessments.queries.library import published
from assessments.queries.psychometrics import MARKER
from practice.models import Practice

log = logging.getLogger(__name__)

SOON = timedelta(minutes=1)
"""A version is counted at most once in this time; it is also how long a worker has before another takes over."""
MANY, LATER = 2000, timedelta(minutes=15)
"""With more responses than this it is counted less often: one more changes little."""
ANYWAY = timedelta(days=1)
"""Counted again after this time in any case: life events and couples change the figures too."""
AT_A_TIME, SECONDS = 50, 60.0

FIGURES = (
    "people", "mean", "sd", "alpha", "alpha_low", "alpha_high", "omega", "pairs", "retest", "retest_low", "retest_high",
    "floor", "ceiling", "missing", "facts",
)  # fmt: skip


def mark_stale(practice_id: uuid.UUID, version_ids: Iterable[uuid.UUID]) -> None:
    """Something that counts was sent, corrected or taken out. One statement, in the caller's transaction.

    ``stale_at`` is the clock's time and never a past one: what was sent while a worker counted must look new to it.
    """
    now = timezone.now()
    rows = [
        Reference(practice_id=practice_id, version_id=version, scale=MARKER, stale_at=now, counted_at=now - SOON)
        for version in sorted(set(version_ids))
    ]
    Reference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["practice", "version", "scale"], update_fields=["stale_at"]
    )


def count(practice: Practice, version: InstrumentVersion, *, at: datetime | None = None) -> list[Reference]:
    """Count all scales of one version in one practice from the stored answers, afresh; the saved rows.

    Memory grows with the clients, not with their answers: 100,000 responses of 5,000 clients take some 50 MB.
    """
    from assessments.actions import counting  # numpy: not for a process that only answers pages

    at = at or timezone.now()
    place = {"practice": practice, "version": version}
    seen = Reference.objects.filter(**place, scale=MARKER).values_list("stale_at", flat=True).first()
    sent, found = counting.counted(practice, version)
    slug = version.definition.slug
    rows = [
        Reference(**place, scale=f"{slug}.{key}", counted_at=at, **{name: getattr(one, name) for name in FIGURES})
        for key, one in found.items()
    ]
    with transaction.atomic():
        Reference.objects.bulk_create(
            [*rows, Reference(**place, scale=MARKER, people=sent, counted_at=at)],
            update_conflicts=True,
            unique_fields=["practice", "version", "scale"],
            update_fields=[*FIGURES, "counted_at"],
        )
        # Nobody sent anything meanwhile: otherwise the mark is another one and stays.
        if seen is not None:
            Reference.objects.filter(**place, scale=MARKER, stale_at=seen).update(stale_at=None)
    return rows


def count_stale(*, at: datetime | None = None) -> int:
    """Count what is stale, the longest waiting first, for a minute at most; how many versions were counted."""
    at, until, done = at or timezone.now(), monotonic() + SECONDS, 0
    for marker in _due(at).select_related("practice").order_by(F("stale_at").asc(nulls_last=True), "pk")[:AT_A_TIME]:
        if monotonic() > until:
            break
        if not _claimed(marker, at):
            continue
        try:
            count(marker.practice, published(marker.version_id), at=at)
            done += 1
        except Exception as error:
            # It stays stale and is tried again; texts of exceptions may hold what must not be logged.
            log.warning("measure not counted (%s)", type(error).__name__)
    return done


def _due(at: datetime) -> "QuerySet[Reference]":
    waited = Q(people__lt=MANY, counted_at__lte=at - SOON) | Q(counted_at__lte=at - LATER)
    return Reference.objects.filter(scale=MARKER).filter(
        (Q(stale_at__isnull=False) & waited) | Q(counted_at__lte=at - ANYWAY)
    )


def _claimed(marker: Reference, at: datetime) -> bool:
    """Whether this worker may count it: of several at once one moves the time on."""
    mine = Reference.objects.filter(pk=marker.pk, counted_at=marker.counted_at)
    return mine.update(counted_at=at) == 1
