"""Asking for a report: a row in the request's transaction, and a ring once it is committed."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from practice import audit, jobs
from practice.errors import Refused
from practice.models import User
from reports.builders.options import ProgressOptions
from reports.models import Report

MAKE = "reports.make"
QUEUE = "interactive"


def ask_progress(
    *,
    by: User,
    client: Client,
    options: Mapping[str, Any] | None = None,
    key: uuid.UUID | None = None,
    at: datetime | None = None,
) -> Report:
    """Ask for a progress report of a client that was loaded through access.

    ``key`` is made by the form that asks: sending the form twice gives the same row. Without one each call asks anew.
    Raises ``Refused`` for options that are not offered, and for a key that was used about another client.
    """
    try:
        chosen = ProgressOptions.read(options or {})
    except ValueError as error:
        raise Refused(error) from None
    unique = f"{by.pk.hex}:{(key or uuid.uuid4()).hex}"
    at = at or timezone.now()
    try:
        with transaction.atomic():
            report = Report.objects.create(
                client=client, kind=Report.Kind.PROGRESS, key=unique, options=chosen.write(), asked_by=by, asked_at=at
            )
            audit.write("report-asked", by=by, record=report, at=at, kind=report.kind)
            jobs.ring(MAKE, report.pk, queue=QUEUE)
    except IntegrityError:
        found = Report.objects.filter(key=unique, client=client).first()
        if found is None:
            raise Refused(_("This form was already used. Please open it again.")) from None
        return found
    return report


def retry(*, by: User, report: Report, at: datetime | None = None) -> Report:
    """Queue a failed or withheld report again, as asked by whoever presses the button.

    Raises ``Refused`` when it is not in such a state: two presses make one try.
    """
    at = at or timezone.now()
    stopped = (Report.State.FAILED, Report.State.WITHHELD)
    with transaction.atomic():
        changed = Report.objects.filter(pk=report.pk, state__in=stopped).update(
            state=Report.State.QUEUED,
            attempts=0,
            progress=0,
            step="",
            error="",
            lease_until=None,
            finished_at=None,
            asked_by=by,
            asked_at=at,
        )
        if not changed:
            raise Refused(_("This report is not waiting for another try."))
        audit.write("report-retried", by=by, record=report, at=at)
        jobs.ring(MAKE, report.pk, queue=QUEUE)
    report.refresh_from_db()
    return report
