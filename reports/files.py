"""Reading a report's sealed file."""

import hashlib

from django.core.files.storage import default_storage

from practice.crypto import open_bytes
from reports.models import Report


class FileLost(Exception):
    """The row points to a file that is not there, or is not the one that was made."""


def seal_context(report: Report, fence: int) -> str:
    """What the sealed file is bound to: moved to another row or fence, it does not open."""
    return f"report|{report.pk}|{fence}"


def read(report: Report) -> bytes:
    """The opened file of a ready report. Raises ``FileLost``, or ``CannotOpen`` with a wrong key."""
    try:
        with default_storage.open(report.file) as stored:
            sealed = stored.read()
    except OSError:
        raise FileLost from None
    data = open_bytes(sealed, seal_context(report, report.fence))
    if hashlib.sha256(data).hexdigest() != report.digest:
        raise FileLost
    return data
