"""A mail server that misbehaves to order, on a real socket, and remembers everything it was told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

DROP = "drop"
SILENCE = "silence"

OBLIGING = {
    "CONNECT": "220 mail.example ready",
    "EHLO": "250-mail.example\r\n250-SIZE 50000000\r\n250 AUTH PLAIN",
    "AUTH": "235 2.7.0 ok",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    "TEXT": "250 2.0.0 OK queued as 4F2A",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


@dataclass
class Heard:
    """What reached the server: commands in order, and every message text it took in, accepted or not."""

    commands: list[str] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    connections: int = 0

    def count(self, verb: str) -> int:
        return sum(command.split()[0].upper() == verb for command in self.commands)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, replies: Mapping[str, str | list[str]]) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.replies = {**OBLIGING, **replies}
        self.heard = Heard()
        self.over = threading.Event()

    def reply_to(self, verb: str) -> str:
        """A list is used up one reply at a time; afterwards the server obliges."""
        reply = self.replies.get(verb, "502 unknown")
        if isinstance(reply, list):
            return reply.pop(0) if reply else OBLIGING[verb]
        return reply


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.heard.connections += 1
        if not self._answer("CONNECT"):
            return
        for line in self.rfile:
            command = line.decode().strip()
            verb = command.split()[0].upper()
            self.server.heard.commands.append(command)
            if not self._answer(verb) or verb == "QUIT":
                return
            if verb == "DATA" and self._said.startswith("354"):
                self.server.heard.texts.append(self._text())
                if not self._answer("TEXT"):
                    return

    def _answer(self, verb: str) -> bool:
        """Whether the conversation goes on."""
        self._said = self.server.reply_to(verb)
        if self._said == SILENCE:
            self.server.over.wait(5)
        if self._said in (DROP, SILENCE):
            return False
        self.wfile.write(f"{self._said}\r\n".encode("utf-8", "surrogateescape"))
        return not self._said.startswith("421")

    def _text(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


@contextmanager
def scripted_server(**replies: str | list[str]) -> Iterator[tuple[int, Heard]]:
    """The port of a running server that answers as told, and what it hears."""
    with _Server(replies) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1], server.heard
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
