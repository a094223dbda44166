"""Files: where they arrive, where they are kept, what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from include.domain.batches import Batch
from include.domain.campaign import Campaign, Phase
from include.domain.forms import Form
from include.domain.returns import CheckContext, FileKind, Finding, Identity, InboxFile, Reading, Value
from include.domain.units import Unit


class Inbox(Protocol):
    """A folder or object store in which returns arrive, one part per campaign."""

    def files(self, campaign_id: str, *, received_until: datetime) -> Iterator[InboxFile]:
        """What lies there and arrived by then, oldest first, read one by one."""

    def lay(self, campaign_id: str, name: str, content: bytes, *, by: str) -> None:
        """A file somebody hands in: whole or not at all, the same of the same person once. Its channel names them."""

    def take(self, file: InboxFile) -> None:
        """Move it out of the way; it is in the archive by now."""


class Archive(Protocol):
    """Original files by their SHA-256, never changed."""

    def put(self, content: bytes) -> str: ...

    def get(self, sha256: str) -> bytes: ...


class Workbooks(Protocol):
    def prefilled(
        self,
        form: Form,
        campaign: Campaign,
        phase: Phase,
        unit: Unit,
        rows: Mapping[str, Sequence[Mapping[str, Value]]] | None = None,
    ) -> bytes:
        """The form's workbook with this unit's identity and token. Same arguments, same bytes.

        ``rows`` are filled in beforehand: sheet key → rows of values by field, amounts in 元; a card has one.
        """

    def register(self, form: Form, rows: Mapping[str, Sequence[Mapping[str, Value]]]) -> bytes:
        """The form's sheets alone with these rows, for the office itself: no identity, no instructions."""

    def read(self, content: bytes, forms: Mapping[str, Form], *, most_rows: int = ...) -> Reading:
        """Read whatever was sent. Never raises for a bad file: what is wrong is among the findings.

        ``most_rows`` of a sheet are read; unless told, as many as a unit may send.
        """

    def is_genuine(self, identity: Identity) -> bool:
        """Whether the token was issued by us for exactly this campaign, phase, form, version and unit."""

    def annotated(self, content: bytes, form: Form, findings: Sequence[Finding], *, unit_name: str) -> bytes:
        """The sender's own workbook, bad cells marked, with a first sheet listing every finding."""

    def put_right(self, earlier: bytes, page: bytes, form: Form) -> tuple[bytes, tuple[Finding, ...]]:
        """The earlier return with the rows of 仅错误行 written into its table, and what does not fit there.

        Same arguments, same bytes. Raise ValueError when either cannot be opened.
        """

    def file_kind(self, content: bytes) -> FileKind:
        """By content, never by name."""

    def unpack(self, name: str, content: bytes) -> list[tuple[str, bytes]]:
        """The files in a zip, named ``x.zip/inner.xlsx``; of anything else, itself."""

    def packed(self, files: Sequence[tuple[str, bytes]]) -> bytes:
        """A zip of named files. Same arguments, same bytes."""


class DataDocs(Protocol):
    def build(self, title: str, batches: Sequence[Batch], folder: Path) -> Path:
        """Pages of what validation makes of the batches, for staff; return the first page."""


class Quality(Protocol):
    def rules(self, form: Form) -> Mapping[str, str]:
        """Key of every rule → what it asks for, in the order of the form."""

    def judge(
        self, form: Form, readings: Mapping[int, Reading], contexts: Mapping[int, CheckContext]
    ) -> dict[int, list[Finding]]:
        """Findings per return id, all returns validated in one batch per sheet."""
