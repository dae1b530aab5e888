"""The embedded broker: a folder, a file a message, seen whole or not at all.

kombu's own folder transport creates a file in the queue and then writes it. A worker that looks in between, or after
the writer was killed or the disk was full, takes an empty file and ends with "Unrecoverable error"; its files of
bindings have the same fault. Here a message is written under another name and renamed, a file that is no message is
dropped (the row is the truth, and is rung again), and bindings live in memory: every process declares what it rings.
"""

import logging
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import virtual
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)


class Channel(virtual.Channel):
    """Queues of one folder (``transport_options["folder"]``), shared by every process of this machine."""

    @property
    def folder(self) -> Path:
        options: dict[str, str] = self.connection.client.transport_options  # type: ignore[assignment,union-attr]
        return Path(options["folder"])

    def waiting(self, queue: str) -> list[Path]:
        """The files of a queue, oldest first."""
        return sorted(self.folder.glob(f"*.{queue}.msg"))

    def _put(self, queue: str, message: Any, **_kwargs: Any) -> None:
        """Add a message. Raises ``OSError``, which the bell swallows."""
        path = self.folder / f"{round(time.monotonic() * 1000):015}-{uuid.uuid4()}.{queue}.msg"
        part = path.with_suffix(".part")
        try:
            part.write_text(dumps(message))
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)  # half written, on a full disk

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002 (kombu's)
        """The oldest message; whoever renames its file has it. Raises ``queue.Empty``."""
        for path in self.waiting(queue):
            taken = path.with_suffix(".taken")
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue
            try:
                return loads(taken.read_bytes())
            except ValueError:
                log.warning("a file in the folder of %s was no message", queue)
            finally:
                taken.unlink()
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self.waiting(queue))

    def _purge(self, queue: str) -> int:
        files = self.waiting(queue)
        for path in files:
            path.unlink(missing_ok=True)
        return len(files)


class Transport(virtual.Transport):
    Channel = Channel
    default_port = 0
    driver_type = driver_name = "folder"
    global_state = virtual.BrokerState()

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.state = self.global_state  # what one connection declared, the others of this process know

    def driver_version(self) -> str:
        return ""
