"""Bytes of a CSV file to records with their line numbers, in bounded memory whatever the file holds.

Comma or semicolon (the first line tells), UTF-8 with or without a byte order mark, CRLF or LF, quoted line breaks.
Anything that makes the rest unreadable (another encoding, a NUL, an open quotation mark) ends the reading with the
line at which it stands.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Final

from django.utils.translation import gettext as _

MAX_LINE: Final = 200_000
"""Bytes of one line, and characters of one record with its quoted line breaks."""
MAX_COLUMNS: Final = 600
"""More columns than any instrument can have answers and notes."""
_UTF8: Final = b"\xef\xbb\xbf"
OTHER_ENCODINGS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


class Unreadable(Exception):
    """The file cannot be read from this line on."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line, self.text = line, text


def records(chunks: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line, counted from 1. Raises ``Unreadable``."""
    feed = _Feed(chunks)
    reader = csv.reader(feed, delimiter=feed.delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        feed.taken = 0
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(first, _reason(str(error))) from None
        if len(row) > MAX_COLUMNS:
            raise Unreadable(first, _("There are more than %(most)s columns.") % {"most": MAX_COLUMNS})
        yield first, row


def _reason(error: str) -> str:
    """What the parser means, in words that help."""
    if "new-line" in error:
        return _("Line ends are mixed up: save the file with Windows or Unix line ends.")
    if "field larger" in error:
        return _("A field is too long. Is a quotation mark left open?")
    if "unexpected end" in error:
        return _("A quotation mark is opened here and never closed.")
    return _("The quotation marks do not match: a quotation mark inside quoted text is written twice.")


class _Feed:
    """Decoded lines for the parser, one at a time; never more of the file at once than a line and a chunk."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = _decoded(chunks)
        self._first = next(self._lines, "")
        self.delimiter = ";" if self._first.count(";") > self._first.count(",") else ","
        self.taken = 0
        self.number = 0

    def __iter__(self) -> "Iterator[str]":
        return self

    def __next__(self) -> str:
        line, self._first = self._first or next(self._lines), ""
        self.number += 1
        self.taken += len(line)
        if self.taken > MAX_LINE:
            raise Unreadable(self.number, _("A record is too long. Is a quotation mark left open?"))
        return line


def _decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    for number, raw in enumerate(_raw(chunks), 1):
        if number == 1:
            if raw.startswith(OTHER_ENCODINGS):
                raise Unreadable(1, _("This is not UTF-8: save the file as “CSV UTF-8”."))
            raw = raw.removeprefix(_UTF8)
        if b"\x00" in raw:
            raise Unreadable(number, _("There is a NUL character: this is not a text file."))
        try:
            yield raw.decode()
        except UnicodeDecodeError:
            raise Unreadable(number, _("This is not UTF-8: save the file as “CSV UTF-8”.")) from None


def _raw(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines of bytes with their ends."""
    kept, number = b"", 0
    for chunk in chunks:
        parts = (kept + chunk).split(b"\n")
        kept = parts.pop()
        for part in parts:
            number += 1
            yield _bounded(part, number) + b"\n"
        _bounded(kept, number + 1)
    if kept:
        yield kept


def _bounded(part: bytes, number: int) -> bytes:
    if len(part) > MAX_LINE:
        raise Unreadable(number, _("A line is too long to be one of this file."))
    return part
