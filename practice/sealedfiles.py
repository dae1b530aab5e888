"""Large files sealed piece by piece, so that neither plain bytes lie on a disk nor a whole file in memory.

A file is a row of pieces: four bytes of length, then a sealed value. Each is bound to the file's context and its place,
the last says that it is the last: pieces that are missing, moved or swapped do not open.
"""

import struct
from collections.abc import Iterator
from typing import IO, Any

from practice.crypto import CannotOpen, open_bytes, seal_bytes

PIECE = 64 * 1024
_LENGTH = struct.Struct(">I")
_LONGEST = PIECE * 2


class Sealer:
    """Writes what it is given sealed into ``target``; ``close`` ends the file and leaves the target open."""

    def __init__(self, target: IO[bytes], context: str) -> None:
        self.target, self.context = target, context
        self.place, self.kept = 0, b""

    def write(self, data: bytes) -> None:
        self.kept += data
        while len(self.kept) >= PIECE:
            self._piece(self.kept[:PIECE], "more")
            self.kept = self.kept[PIECE:]

    def close(self) -> None:
        self._piece(self.kept, "last")
        self.kept = b""

    def _piece(self, data: bytes, kind: str) -> None:
        sealed = seal_bytes(data, _context(self.context, self.place, kind))
        self.target.write(_LENGTH.pack(len(sealed)) + sealed)
        self.place += 1


def opened(source: IO[Any], context: str) -> Iterator[bytes]:
    """The plain pieces of a sealed file. Raises ``CannotOpen`` when anything is missing or changed."""
    place, sealed = 0, _piece(source)
    while True:
        following = _piece(source)
        yield open_bytes(sealed, _context(context, place, "more" if following else "last"))
        if not following:
            return
        place, sealed = place + 1, following


def _piece(source: IO[Any]) -> bytes:
    head = source.read(_LENGTH.size)
    if not head:
        return b""
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    data = bytes(source.read(length)) if 0 < length <= _LONGEST else b""
    if not data or len(data) != length:
        raise CannotOpen("the file ends in the middle of a piece")
    return data


def _context(context: str, place: int, kind: str) -> str:
    return f"{context}|{place}|{kind}"
