"""Gateways that touch nothing and remember everything. Each runs through the contract of the real one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from include.domain.batches import Batch
from include.domain.forms import Form
from include.domain.letters import DueDate, Letter
from include.domain.notices import Handed, Message, NoticeKind, NoticeState, Rendered, SendMode
from include.domain.quota import Quota
from include.domain.returns import CheckContext, FileKind, Finding, Identity, InboxFile, Reading


class FakeArchive:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.files[digest] = content
        return digest

    def get(self, sha256: str) -> bytes:
        if sha256 not in self.files:
            raise FileNotFoundError(sha256)
        return self.files[sha256]


class FakeInbox:
    def __init__(self) -> None:
        self.lying: dict[str, list[InboxFile]] = {}
        self.taken: list[InboxFile] = []

    def drop(self, campaign_id: str, name: str, content: bytes, received_at: datetime) -> InboxFile:
        file = InboxFile(name, content, received_at, "folder", f"{campaign_id}/{name}")
        self.lying.setdefault(campaign_id, []).append(file)
        return file

    def files(self, campaign_id: str, *, received_until: datetime) -> Iterator[InboxFile]:
        lying = [f for f in self.lying.get(campaign_id, []) if f.received_at <= received_until]
        yield from sorted(lying, key=lambda file: (file.received_at, file.name))

    def lay(self, campaign_id: str, name: str, content: bytes, *, by: str) -> None:
        laid = self.lying.setdefault(campaign_id, [])
        if not any((file.name, file.content) == (name, content) for file in laid):
            now = datetime.now(UTC)
            laid.append(InboxFile(name, content, now, f"desk:{by}", f"{campaign_id}/by_hand/{by}/{name}"))

    def take(self, file: InboxFile) -> None:
        for lying in self.lying.values():
            if file in lying:
                lying.remove(file)
        self.taken.append(file)


@dataclass
class FakeMailServer:
    """``answers`` maps an address to the error its mail meets; ``down`` is the error of connecting."""

    mode: SendMode = SendMode.LIVE
    sent: list[Message] = field(default_factory=list)
    answers: dict[str, Exception] = field(default_factory=dict)
    down: Exception | None = None
    sessions: int = 0
    quota: Quota = field(default_factory=Quota)

    @contextmanager
    def session(self, *, sent_today: int = 0) -> Iterator[FakeMailServer]:
        if self.down is not None:
            raise self.down
        self.sessions += 1
        yield self

    def ready(self, *, at_most: float) -> bool:
        return True

    def send(self, message: Message) -> Handed:
        if message.to in self.answers:
            raise self.answers[message.to]
        self.sent.append(message)
        return Handed(NoticeState.ACCEPTED, "250 OK")

    def to(self, address: str) -> list[Message]:
        return [message for message in self.sent if message.to == address]


@dataclass
class FakeWorkbooks:
    """A workbook is ``xlsx:`` and a name; ``readings`` says what reading it finds."""

    readings: dict[bytes, Reading] = field(default_factory=dict)
    unopenable: set[bytes] = field(default_factory=set)
    archives: dict[bytes, list[tuple[str, bytes]]] = field(default_factory=dict)

    def prefilled(
        self, form: Form, campaign: object, phase: object, unit: object, rows: object = None
    ) -> bytes:
        return f"xlsx:prefilled:{form.key}:{unit.code}".encode()  # type: ignore[attr-defined]

    def register(self, form: Form, rows: Mapping[str, Sequence[Mapping[str, object]]]) -> bytes:
        return f"xlsx:register:{form.key}:{sum(map(len, rows.values()))}".encode()

    def read(self, content: bytes, forms: Mapping[str, Form], *, most_rows: int = 0) -> Reading:
        return self.readings[content]

    def is_genuine(self, identity: Identity) -> bool:
        return identity.token == "genuine"

    def annotated(self, content: bytes, form: Form, findings: Sequence[Finding], *, unit_name: str) -> bytes:
        if content in self.unopenable:
            raise ValueError("cannot be opened")
        return b"xlsx:annotated:" + content

    def put_right(self, earlier: bytes, page: bytes, form: Form) -> tuple[bytes, tuple[Finding, ...]]:
        return b"xlsx:put right:" + earlier + b"+" + page, ()

    def file_kind(self, content: bytes) -> FileKind:
        kinds = {b"xlsx": FileKind.WORKBOOK, b"%PDF": FileKind.SCAN}
        return kinds.get(content[:4], FileKind.OTHER)

    def unpack(self, name: str, content: bytes) -> list[tuple[str, bytes]]:
        return self.archives.get(content, [(name, content)])

    def packed(self, files: Sequence[tuple[str, bytes]]) -> bytes:
        return b"zip:" + b"|".join(content for _, content in files)


@dataclass
class FakeQuality:
    """Findings by the unit a reading is about; ``batches`` counts how often it was asked."""

    findings: dict[str, list[Finding]] = field(default_factory=dict)
    batches: list[tuple[str, int]] = field(default_factory=list)

    def rules(self, form: Form) -> dict[str, str]:
        return {rule.key: rule.text for rule in form.rules}

    def judge(
        self, form: Form, readings: Mapping[int, Reading], contexts: Mapping[int, CheckContext]
    ) -> dict[int, list[Finding]]:
        self.batches.append((form.key, len(readings)))
        return {key: list(self.findings.get(contexts[key].unit_code, [])) for key in readings}


@dataclass
class FakeDataDocs:
    """Remembers what it was asked to show."""

    built: list[tuple[str, list[Batch], Path]] = field(default_factory=list)

    def build(self, title: str, batches: Sequence[Batch], folder: Path) -> Path:
        self.built.append((title, list(batches), folder))
        return folder / "index.html"


@dataclass
class FakeLetters:
    """``broken`` kinds cannot be rendered."""

    written: list[tuple[NoticeKind, Letter]] = field(default_factory=list)
    broken: set[NoticeKind] = field(default_factory=set)

    def render(self, kind: NoticeKind, letter: Letter) -> Rendered:
        if kind in self.broken:
            raise RuntimeError("template")
        self.written.append((kind, letter))
        return Rendered(subject=kind.zh, text=kind.zh, html=f"<p>{kind.zh}</p>")

    def calendar_file(self, entries: Sequence[DueDate]) -> bytes:
        return "\n".join(f"ics:{entry.key}:{entry.due_on}:{entry.revision}" for entry in entries).encode()


class FakeStatistics:
    def build(
        self, campaign: object, report: object, *, edition: int, snapshot: object, **_: object
    ) -> bytes:
        return f"xlsx:statistics:{edition}:{snapshot.sha256}".encode()  # type: ignore[attr-defined]

    def filled_templates(
        self, campaign: object, report: object, **_: object
    ) -> tuple[tuple[str, bytes], ...]:
        return ()


@dataclass
class FakeDocuments:
    """``pages`` is whether documents can be turned into pages (PDF) here."""

    pages: bool = True
    prints: frozenset[str] = frozenset()

    def printed(self, report: object) -> frozenset[str]:
        return self.prints

    def build(
        self,
        campaign: object,
        report: object,
        occasion: object,
        *,
        edition: int,
        snapshot: object,
        issue: object = None,
        **_: object,
    ) -> bytes:
        mark = "送审稿" if issue is None else "印发"
        return f"docx:{mark}:{edition}:{snapshot.sha256}".encode()  # type: ignore[attr-defined]

    def pdf(self, document: bytes) -> bytes | None:
        return b"pdf:" + document if self.pages else None


@dataclass
class FakeWatermark:
    number: int = 0
    left: set[str] = field(default_factory=set)
    lost_until: date | None = None

    def note(self, key: str) -> None:
        self.left.add(key)

    def has_left(self, key: str) -> bool:
        return key in self.left

    def forget(self, key: str) -> None:
        self.left.discard(key)

    def read(self) -> int:
        return self.number

    def write(self, number: int) -> None:
        self.number = max(self.number, number)

    def lower(self, number: int) -> None:
        self.number = number

    def lose(self, *, until: date) -> None:
        self.lost_until = until

    def is_unknown(self, key: str, *, planned_on: date) -> bool:
        return self.lost_until is not None and planned_on <= self.lost_until
