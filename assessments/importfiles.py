"""The sealed file of a run, and the file that an operator names to the command."""

from collections.abc import Iterator
from pathlib import Path

from django.core.files.storage import default_storage

from assessments.models import ImportRun
from practice.sealedfiles import PIECE, opened

FOLDER = "imports"


def context(pk: object) -> str:
    """What the sealed file is bound to: under another run it does not open."""
    return f"import|{pk}"


def name(pk: object) -> str:
    """Where a run's file lies in the storage."""
    return f"{FOLDER}/{pk}"


def stored(run: ImportRun) -> Iterator[bytes]:
    """The plain pieces of a run's file. Raises ``OSError`` where it is gone."""
    with default_storage.open(run.file) as source:
        yield from opened(source, context(run.pk))


def local(path: Path) -> Iterator[bytes]:
    """The pieces of a file on this machine."""
    with path.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece
