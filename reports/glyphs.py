"""Which characters the shipped fonts can show. PDF/UA-1 refuses a missing glyph, so others are replaced and told.

Reads the fonts' ``cmap`` (formats 4 and 12 of the OpenType specification); no font library is needed for that.
"""

import struct
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
REPLACEMENT = "?"
_LINE_SPACE = {"\n": " ", "\r": " ", "\t": " ", "\u2028": " ", "\u2029": " ", "\x0b": " ", "\x0c": " "}


@lru_cache(maxsize=1)
def known() -> frozenset[int]:
    """Code points that every shipped text face has; without fonts there, plain Latin only."""
    faces = [frozenset(_codes(path.read_bytes())) for path in sorted(FONTS.rglob("*.ttf"))]
    sans = [face for face, path in zip(faces, sorted(FONTS.rglob("*.ttf")), strict=True) if "Sans" in path.name]
    return frozenset.intersection(*sans) if sans else frozenset(range(0x20, 0x17F))


def _codes(font: bytes) -> Iterator[int]:
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {font[12 + 16 * i : 16 + 16 * i]: struct.unpack_from(">I", font, 20 + 16 * i)[0] for i in range(count)}
    start = tables[b"cmap"]
    for index in range(struct.unpack_from(">H", font, start + 2)[0]):
        platform, _encoding, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * index)
        if platform in (0, 3):
            yield from _subtable(font, start + offset)


def _subtable(font: bytes, at: int) -> Iterator[int]:
    form = struct.unpack_from(">H", font, at)[0]
    if form == 12:
        for index in range(struct.unpack_from(">I", font, at + 12)[0]):
            first, last, _glyph = struct.unpack_from(">III", font, at + 16 + 12 * index)
            yield from range(first, last + 1)
    elif form == 4:
        double = struct.unpack_from(">H", font, at + 6)[0]
        ends, starts = at + 14, at + 16 + double
        for offset in range(0, double, 2):
            last, first = (struct.unpack_from(">H", font, where + offset)[0] for where in (ends, starts))
            if first <= last < 0xFFFF:
                yield from range(first, last + 1)


class Cleaner:
    """Makes texts safe to show and remembers what had to be replaced (``replaced``: U+ numbers)."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    @property
    def replaced(self) -> list[str]:
        """Characters that the fonts lack, as ``U+1F600``."""
        return sorted(f"U+{ord(char):04X}" for char in self._seen)

    def text(self, value: str) -> str:
        """One line: control and formatting characters removed, missing glyphs replaced."""
        if value.isascii() and value.isprintable():
            return value
        return "".join(self._char(char) for char in unicodedata.normalize("NFC", value))

    def _char(self, char: str) -> str:
        if char in _LINE_SPACE:
            return " "
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn"):
            return ""
        if ord(char) in known():
            return char
        self._seen.add(char)
        return REPLACEMENT

    def tree(self, value: Any) -> Any:
        """The same for every text in nested dicts and lists."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.tree(one) for key, one in value.items()}
        return [self.tree(one) for one in value] if isinstance(value, list | tuple) else value
