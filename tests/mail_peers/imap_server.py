"""An IMAP server in this process, on a real socket: as much of RFC 3501 as the intake needs, and faults to order."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

LOGIN, PASSWORD = "office@duban.example", "k3-Geheim"
INBOX = "INBOX"
_WORDS = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|(\S+)')


@dataclass
class Lying:
    """A message in a folder."""

    uid: int
    raw: bytes
    received_at: datetime
    flags: set[str] = field(default_factory=set)


@dataclass
class Faults:
    """What goes wrong, and at which command."""

    drop_in_fetch_of: int | None = None
    vanish_after_search: int | None = None
    silent_at: str | None = None
    refuse: set[str] = field(default_factory=set)


class Post:
    """The mailbox itself. Folder names are as they stand on the wire (modified UTF-7)."""

    def __init__(self, *, capabilities: str = "IMAP4rev1 ID UIDPLUS MOVE STARTTLS") -> None:
        self.capabilities = capabilities
        self.folders: dict[str, list[Lying]] = {INBOX: []}
        self.uidvalidity = 7_000_000_001 % 2**32
        self.heard: list[str] = []
        self.faults = Faults()
        self.lock = threading.RLock()
        self.over = threading.Event()
        self._next = 1

    def deliver(self, raw: bytes, received_at: datetime) -> int:
        with self.lock:
            uid, self._next = self._next, self._next + 1
            self.folders[INBOX].append(Lying(uid, raw, received_at))
            return uid

    def rebuild(self) -> None:
        """What a server does when its index is lost: new UIDVALIDITY, all UIDs anew."""
        with self.lock:
            self.uidvalidity += 1
            for message in self.folders[INBOX]:
                message.uid, self._next = self._next, self._next + 1

    def raws(self, folder: str) -> list[bytes]:
        return [message.raw for message in self.folders.get(folder, [])]

    def count(self, verb: str) -> int:
        return sum(verb in command.upper() for command in self.heard)

    def shift(self, uid: int, folder: str) -> None:
        """One atomic copy into another folder."""
        message = next(each for each in self.folders[INBOX] if each.uid == uid)
        self.folders[folder].append(Lying(self._next, message.raw, message.received_at))
        self._next += 1


class _Dropped(Exception):
    pass


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, post: Post, tls: ssl.SSLContext | None, *, at_once: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.post = post
        self.tls = tls
        self.at_once = at_once

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up, or distrusts the certificate, is what many tests are about."""


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def setup(self) -> None:
        if self.server.tls and self.server.at_once:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        post = self.server.post
        if post.faults.silent_at == "CONNECT":
            post.over.wait(10)
            return
        self._say("* OK ready")
        try:
            while line := self.rfile.readline():
                post.heard.append(line.decode("utf-8", "replace").strip())
                tag, verb, words = _parsed(line)
                if post.faults.silent_at == verb:
                    post.over.wait(10)
                    return
                if verb in post.faults.refuse:
                    self._say(f"{tag} NO refused")
                    continue
                with post.lock:
                    said = self._answer(verb, words)
                self._say(f"{tag} {said}")
                if verb == "STARTTLS":
                    assert self.server.tls is not None
                    self.request = self.server.tls.wrap_socket(self.request, server_side=True)
                    super().setup()
                if verb == "LOGOUT":
                    return
        except _Dropped:
            return

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.request.close()

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _answer(self, verb: str, words: list[str]) -> str:
        known: dict[str, Callable[[list[str]], str]] = {
            "CAPABILITY": self._capability,
            "LOGIN": self._login,
            "SELECT": self._select,
            "LIST": self._list,
            "CREATE": self._create,
            "UID SEARCH": self._search,
            "UID FETCH": self._fetch,
            "UID STORE": self._store,
            "UID COPY": self._copy,
            "UID MOVE": self._move,
            "UID EXPUNGE": self._expunge,
        }
        if verb in known:
            return known[verb](words)
        return "OK done" if verb in ("NOOP", "ID", "STARTTLS", "LOGOUT") else "BAD unknown"

    def _capability(self, _words: list[str]) -> str:
        self._say(f"* CAPABILITY {self.server.post.capabilities}")
        return "OK done"

    def _login(self, words: list[str]) -> str:
        return "OK in" if words == [LOGIN, PASSWORD] else "NO [AUTHENTICATIONFAILED] wrong"

    def _select(self, words: list[str]) -> str:
        if words[0] not in self.server.post.folders:
            return "NO no such folder"
        self._say(f"* {len(self.server.post.folders[words[0]])} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.server.post.uidvalidity}] valid")
        return "OK [READ-WRITE] open"

    def _list(self, words: list[str]) -> str:
        if words[-1] in self.server.post.folders:
            self._say(f'* LIST () "/" "{words[-1]}"')
        return "OK done"

    def _create(self, words: list[str]) -> str:
        self.server.post.folders.setdefault(words[0], [])
        return "OK made"

    def _search(self, words: list[str]) -> str:
        post = self.server.post
        only = {int(words[words.index("UID") + 1])} if "UID" in words else None
        found = [
            str(each.uid)
            for each in post.folders[INBOX]
            if r"\Deleted" not in each.flags and (only is None or each.uid in only)
        ]
        self._say(" ".join(["* SEARCH", *found]))
        return "OK found"

    def _fetch(self, words: list[str]) -> str:
        post = self.server.post
        asked = _uids(words[0])
        if "BODY.PEEK[]" in words[1] and post.faults.vanish_after_search in asked:
            post.folders[INBOX] = [each for each in post.folders[INBOX] if each.uid not in asked]
        for number, each in enumerate(post.folders[INBOX], start=1):
            if each.uid not in asked:
                continue
            facts = f'UID {each.uid} INTERNALDATE "{each.received_at:%d-%b-%Y %H:%M:%S %z}"'
            if "BODY.PEEK[]" not in words[1]:
                self._say(f"* {number} FETCH ({facts})")
                continue
            self.wfile.write(f"* {number} FETCH ({facts} BODY[] {{{len(each.raw)}}}\r\n".encode())
            if post.faults.drop_in_fetch_of == each.uid:
                self.wfile.write(each.raw[: len(each.raw) // 2])
                raise _Dropped
            self.wfile.write(each.raw + b")\r\n")
        return "OK fetched"

    def _store(self, words: list[str]) -> str:
        for each in self.server.post.folders[INBOX]:
            if each.uid in _uids(words[0]):
                each.flags.add(words[2].strip("()"))
        return "OK stored"

    def _copy(self, words: list[str]) -> str:
        post = self.server.post
        if words[1] not in post.folders:
            return "NO [TRYCREATE] no such folder"
        for each in list(post.folders[INBOX]):
            if each.uid in _uids(words[0]):
                post.shift(each.uid, words[1])
        return "OK copied"

    def _move(self, words: list[str]) -> str:
        if "MOVE" not in self.server.post.capabilities.split():
            return "BAD unknown"
        said = self._copy(words)
        if said.startswith("OK"):
            self._remove(_uids(words[0]), marked=False)
        return said

    def _expunge(self, words: list[str]) -> str:
        if "UIDPLUS" not in self.server.post.capabilities.split():
            return "BAD unknown"
        self._remove(_uids(words[0]), marked=True)
        return "OK expunged"

    def _remove(self, uids: set[int], *, marked: bool) -> None:
        folder = self.server.post.folders[INBOX]
        for number, each in reversed(list(enumerate(folder, start=1))):
            if each.uid in uids and (not marked or r"\Deleted" in each.flags):
                folder.remove(each)
                self._say(f"* {number} EXPUNGE")


def _parsed(line: bytes) -> tuple[str, str, list[str]]:
    words = [
        (quoted.replace(b'\\"', b'"').replace(b"\\\\", b"\\") or bracket or bare).decode()
        for quoted, bracket, bare in _WORDS.findall(line)
    ]
    tag, verb, *rest = words
    if verb.upper() == "UID":
        return tag, f"UID {rest[0].upper()}", rest[1:]
    return tag, verb.upper(), rest


def _uids(text: str) -> set[int]:
    found: set[int] = set()
    for piece in text.split(","):
        first, _, last = piece.partition(":")
        found.update(range(int(first), int(last or first) + 1))
    return found


@contextmanager
def serving(post: Post, *, certificate: Path | None = None, at_once: bool = True) -> Iterator[int]:
    """The port of a server for that mailbox; with a certificate it speaks TLS at once, or after STARTTLS."""
    tls = None
    if certificate is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
    with _Server(post, tls, at_once=at_once) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            post.over.set()
            server.shutdown()
            thread.join()
