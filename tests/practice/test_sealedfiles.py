"""Files sealed piece by piece: what was written comes back; what was changed, cut, moved or swapped does not open."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.crypto import CannotOpen
from practice.sealedfiles import PIECE, Sealer, opened

LONG = bytes(range(256)) * 1000


def sealed(data: bytes, context: str = "import|1") -> bytes:
    target = io.BytesIO()
    sealer = Sealer(target, context)
    for start in range(0, len(data), 10_000):
        sealer.write(data[start : start + 10_000])
    sealer.close()
    return target.getvalue()


def read(data: bytes, context: str = "import|1") -> bytes:
    return b"".join(opened(io.BytesIO(data), context))


def pieces(data: bytes) -> list[bytes]:
    found = []
    while data:
        length = struct.unpack(">I", data[:4])[0] + 4
        found.append(data[:length])
        data = data[length:]
    return found


@given(st.integers(min_value=0, max_value=3 * PIECE + 5))
def test_what_was_written_comes_back(length):
    data = (LONG * 2)[:length]
    assert read(sealed(data)) == data


def test_no_plain_byte_is_in_it():
    assert b"canary" not in sealed(b"canary" * 50_000)


def test_memory_is_a_piece():
    assert max(map(len, opened(io.BytesIO(sealed(LONG)), "import|1"))) == PIECE


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts[:-1],
        lambda parts: parts[1:],
        lambda parts: [parts[1], parts[0], *parts[2:]],
        lambda parts: [*parts, parts[-1]],
        lambda parts: [*parts[:-1], parts[-1][:-1]],
        lambda parts: [parts[0][:50] + b"x" + parts[0][51:], *parts[1:]],
        lambda parts: [*parts, b"\x00\x00"],
        lambda parts: [b"\xff\xff\xff\xff" + parts[0][4:], *parts[1:]],
        lambda _parts: [],
    ],
    ids=["cut", "begun later", "swapped", "longer", "cut within", "changed", "rest", "length", "empty"],
)
def test_what_was_changed_does_not_open(change):
    with pytest.raises(CannotOpen):
        read(b"".join(change(pieces(sealed(LONG)))))


def test_a_file_of_another_place_does_not_open():
    with pytest.raises(CannotOpen):
        read(sealed(LONG), "import|2")
