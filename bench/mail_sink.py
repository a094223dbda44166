"""A mail server for benchmarks, in a process of its own: STARTTLS, AUTH, a latency, and a count of what came in.

It accepts everything and keeps nothing but how often each Message-ID came.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import re
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

LOGIN, PASSWORD = "office@duban.example", "bench-only"
LARGEST_LINE = 64 * 1024 * 1024
END_OF_TEXT = b"\r\n.\r\n"
MESSAGE_ID = re.compile(rb"^Message-ID: *(<[^>\r\n]*>)", re.IGNORECASE | re.MULTILINE)
READY = b"220 sink.example ready\r\n"
PLAIN_OFFER = b"250-sink.example\r\n250 STARTTLS\r\n"
FULL_OFFER = b"250-sink.example\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n"
REPLIES = {
    b"AUTH": b"235 2.7.0 ok\r\n",
    b"MAIL": b"250 2.1.0 ok\r\n",
    b"RCPT": b"250 2.1.5 ok\r\n",
    b"RSET": b"250 2.0.0 ok\r\n",
    b"DATA": b"354 go ahead\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}


class Sink:
    """The running server as its users see it."""

    def __init__(self, port: int, pipe: Connection) -> None:
        self.port = port
        self._pipe = pipe

    def taken(self) -> Counter[str]:
        """How often each Message-ID came since the last time this was asked."""
        self._pipe.send("taken")
        counts: Counter[str] = self._pipe.recv()
        return counts

    def latency(self, seconds: float) -> None:
        """Every reply from now on comes so much later."""
        self._pipe.send(seconds)
        self._pipe.recv()


@contextmanager
def sink(certificate: Path) -> Iterator[Sink]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(certificate, theirs), daemon=True
    )
    process.start()
    try:
        yield Sink(ours.recv(), ours)
    finally:
        process.terminate()
        process.join()


def _run(certificate: Path, pipe: Connection) -> None:
    asyncio.run(_Server(certificate, pipe).serve())


class _Server:
    def __init__(self, certificate: Path, pipe: Connection) -> None:
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(certificate)
        self._pipe = pipe
        self._taken: Counter[str] = Counter()
        self._latency = 0.0

    async def serve(self) -> None:
        asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._answer)
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, limit=LARGEST_LINE, backlog=200)
        self._pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    def _answer(self) -> None:
        asked = self._pipe.recv()
        if isinstance(asked, float):
            self._latency = asked
        self._pipe.send(self._taken)
        if asked == "taken":
            self._taken = Counter()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        encrypted = False
        try:
            await self._reply(writer, READY)
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"STAR":
                    await self._reply(writer, b"220 go ahead\r\n")
                    await writer.start_tls(self._tls)
                    encrypted = True
                elif verb == b"EHLO":
                    await self._reply(writer, FULL_OFFER if encrypted else PLAIN_OFFER)
                else:
                    await self._reply(writer, REPLIES.get(verb, b"502 5.5.1 unknown\r\n"))
                if verb == b"DATA":
                    self._keep(await reader.readuntil(END_OF_TEXT))
                    await self._reply(writer, b"250 2.0.0 ok\r\n")
                if verb == b"QUIT":
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # whoever hangs up without QUIT does so here
        finally:
            writer.close()

    def _keep(self, text: bytes) -> None:
        found = MESSAGE_ID.search(text)
        self._taken[found.group(1).decode() if found else "none"] += 1

    async def _reply(self, writer: asyncio.StreamWriter, words: bytes) -> None:
        if self._latency:
            await asyncio.sleep(self._latency)
        writer.write(words)
