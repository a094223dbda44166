"""The office's registers (台账)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from include.domain.forms import Form
from include.domain.registers import Change, Record


class Registers(Protocol):
    """Every form the office keeps as a register, each in tables of its own."""

    @property
    def can_seal(self) -> bool:
        """Whether personal data can be kept: there is a key to encrypt it with."""

    def records(
        self, campaign_id: str, form: Form, *, confidential: bool = False, entered_until: date | None = None
    ) -> dict[str, dict[str, Record]]:
        """Table → number → record, in the order of entry; confidential parts are empty unless asked for.

        Raise GiveUp when personal data is asked for and cannot be decrypted.
        """

    def of_all_campaigns(self, form: Form) -> list[Record]:
        """The records of every campaign, in the order of entry, without details and confidential parts."""

    def of_unit(self, campaign_id: str, form: Form, unit_code: str) -> list[tuple[date, Record]]:
        """The records about one unit with the day each was entered, in the order of entry; nothing confidential."""

    def counts(self, campaign_id: str, form: Form) -> dict[str, dict[str, int]]:
        """Records (条) by the values of each field the form counts by: header → value → number."""

    def enter(
        self,
        campaign_id: str,
        form: Form,
        changes: Sequence[Change],
        *,
        on: date,
        actor: str,
        source_sha256: str,
        reason: str = "",
    ) -> None:
        """Add and change records in one transaction with its audit. All or none; nothing is ever deleted.

        ``reason`` stands in the audit in place of 台账导入. Raise RegisterMoved when a record is no longer as the change says it was.
        """

    def changed_by(self, campaign_id: str, form: Form, number: str) -> set[str]:
        """Who has changed that record so far."""

    def disclosed(
        self, campaign_id: str, form: Form, facts: Mapping[str, object], *, on: date, actor: str, reason: str
    ) -> None:
        """Put on record that personal data was taken out, by whom and what for."""

    def resealed(self, form: Form, *, on: date, actor: str) -> int:
        """Encrypt the personal data of all campaigns anew with the newest key; return how many records (条)."""
