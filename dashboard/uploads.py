"""Taking a large file from the browser: sealed piece by piece as it comes, never whole in memory or plain on a disk."""

import tempfile
import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from assessments.importfiles import context
from practice.sealedfiles import PIECE, Sealer


def pass_over(request: HttpRequest, most: int) -> None:
    """Read a body and keep nothing of it, so that the browser gets to see the answer; not more than ``most`` bytes."""
    while most > 0 and (piece := request.read(PIECE)):
        most -= len(piece)


class SealedUpload(FileUploadHandler):
    """Takes the one file of the field ``file``, sealed for the run ``pk``; ``lines`` counts its lines."""

    chunk_size = PIECE

    def __init__(self, request: HttpRequest, pk: uuid.UUID) -> None:
        super().__init__(request)
        self.pk, self.ends, self.last = pk, 0, b"\n"
        self.sealer: Sealer | None = None

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name != "file" or self.sealer is not None:
            raise SkipFile
        self.sealer = Sealer(tempfile.TemporaryFile(), context(self.pk))  # noqa: SIM115 - the request closes it

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django calls it so
        assert self.sealer is not None
        self.ends, self.last = self.ends + raw_data.count(b"\n"), raw_data[-1:] or self.last
        self.sealer.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        assert self.sealer is not None
        self.sealer.close()
        self.sealer.target.seek(0)
        return UploadedFile(self.sealer.target, self.file_name, self.content_type, file_size)

    def upload_interrupted(self) -> None:
        if self.sealer is not None:
            self.sealer.target.close()

    @property
    def lines(self) -> int:
        """The lines of the file, the last one with or without its end."""
        return self.ends + (self.last != b"\n")
