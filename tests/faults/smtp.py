"""A mail server that keeps what it was given, and falls silent at a chosen moment."""

import socketserver
import threading
from email import message_from_bytes
from email.message import Message


class Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP as a sender needs. Ends when the sender hangs up, so a killed one leaves nothing behind."""

    server: "MailServer"
    timeout = 60

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        if self.server.silent_at == "greeting":
            self.fall_silent()
            return
        self.say("220 test")
        while line := self.rfile.readline():
            command = line.decode().strip().upper()
            if command == "DATA":
                self.say("354 go on")
                self.server.received.append(message_from_bytes(self.body()))
                if self.server.silent_at == "receipt":
                    self.fall_silent()
                    return
            self.say("221 bye" if command == "QUIT" else "250 ok")
            if command == "QUIT":
                return

    def body(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(lines)

    def fall_silent(self) -> None:
        self.server.waiting += 1
        self.rfile.read(1)


class MailServer(socketserver.ThreadingTCPServer):
    """``silent_at``: "greeting" (nothing was sent yet), "receipt" (it has the message, and does not say so), or ""."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received: list[Message] = []
        self.silent_at, self.waiting = "", 0
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that was killed is no error here."""

    def __enter__(self) -> "MailServer":
        self.thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.shutdown()
        self.thread.join(5)
        self.server_close()
