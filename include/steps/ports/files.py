"""Files: where they arrive, where they are kept, what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from include.domain.campaign import Campaign, Phase
from include.domain.forms import Form
from include.domain.returns import CheckContext, FileKind, Finding, Identity, InboxFile, Reading, Value
from include.domain.units import Unit


class Inbox(Protocol):
    """A folder or object store in which returns arrive, one part per campaign."""

    def files(self, campaign_id: str, *, received_until: datetime) -> Iterator[InboxFile]:
        """What lies there and arrived by then, oldest first, read one by one."""

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

    def read(self, content: bytes, forms: Mapping[str, Form]) -> Reading:
        """Read whatever was sent. Never raises for a bad file: what is wrong is among the findings."""

    def is_genuine(self, identity: Identity) -> bool:
        """Whether the token was issued by us for exactly this campaign, phase, form, version and unit."""

    def annotated(self, content: bytes, form: Form, findings: Sequence[Finding], *, unit_name: str) -> bytes:
        """The sender's own workbook, bad cells marked, with a first sheet listing every finding."""

    def file_kind(self, content: bytes) -> FileKind:
        """By content, never by name."""

    def unpack(self, name: str, content: bytes) -> list[tuple[str, bytes]]:
        """The files in a zip, named ``x.zip/inner.xlsx``; of anything else, itself."""


class Quality(Protocol):
    def judge(
        self, form: Form, readings: Mapping[int, Reading], contexts: Mapping[int, CheckContext]
    ) -> dict[int, list[Finding]]:
        """Findings per return id, all returns validated in one batch per sheet."""
