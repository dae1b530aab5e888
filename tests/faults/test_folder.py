"""The embedded broker's folder: a message is seen whole or not at all."""

from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from config.folder import Channel


@pytest.fixture
def channel(tmp_path):
    with Connection("folder://localhost//", transport_options={"folder": str(tmp_path)}) as connection:
        assert isinstance(connection.default_channel, Channel)
        yield connection.default_channel


def test_first_in_first_out_by_queue(channel, tmp_path, monkeypatch):
    clock = iter((1, 2, 3))
    monkeypatch.setattr("config.folder.time.monotonic", lambda: next(clock))
    for queue, number in (("mail", 1), ("bulk", 2), ("mail", 3)):
        channel._put(queue, {"number": number})
    assert [channel._get("mail"), channel._get("mail"), channel._get("bulk")] == [
        {"number": 1},
        {"number": 3},
        {"number": 2},
    ]
    with pytest.raises(Empty):
        channel._get("mail")
    assert list(tmp_path.iterdir()) == []


def test_while_it_is_written_nobody_sees_it(channel, monkeypatch):
    written, seen = Path.write_text, []

    def slow(path, text):
        written(path, text[:5])
        with pytest.raises(Empty):
            channel._get("mail")
        seen.append(path.name)
        return written(path, text)

    monkeypatch.setattr(Path, "write_text", slow)
    channel._put("mail", {"number": 1})
    assert len(seen) == 1
    assert channel._get("mail") == {"number": 1}


@pytest.mark.parametrize("content", [b"", b'{"half', b"\xff\xfe"])
def test_what_is_no_message_is_dropped_and_the_next_is_taken(channel, tmp_path, caplog, content):
    (tmp_path / "0.mail.msg").write_bytes(content)
    channel._put("mail", {"number": 1})
    assert channel._get("mail") == {"number": 1}
    assert caplog.messages == ["a file in the folder of mail was no message"]
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(channel, tmp_path, monkeypatch):
    def full(path, text):
        path.write_bytes(b"half")
        raise OSError("no space")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="no space"):
        channel._put("mail", {"number": 1})
    assert list(tmp_path.iterdir()) == []


def test_who_takes_a_message_has_it_alone(channel, monkeypatch):
    """Two workers list the same file; the other one is quicker."""
    channel._put("mail", {"number": 1})
    listed = channel.waiting("mail")
    assert channel._get("mail") == {"number": 1}
    monkeypatch.setattr(Channel, "waiting", lambda self, queue: listed)
    with pytest.raises(Empty):
        channel._get("mail")


def test_size_and_purge(channel):
    for queue in ("mail", "mail", "bulk"):
        channel._put(queue, {})
    assert (channel._size("mail"), channel._purge("mail"), channel._size("mail"), channel._size("bulk")) == (2, 2, 0, 1)
