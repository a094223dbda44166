"""What came in and what was decided on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from include.domain.notices import NewNotice
from include.domain.returns import FileKind, Finding, Judgement, ReturnFile, SelfCheckItem, Verdict
from include.domain.waivers import Waiver


class Returns(Protocol):
    def receive(
        self,
        campaign_id: str,
        *,
        name: str,
        sha256: str,
        kind: FileKind,
        channel: str,
        received_at: datetime,
        received_on: date,
    ) -> ReturnFile:
        """Enter an arrival. The same campaign, name and content entered before is returned as it is."""

    def pending(self, campaign_id: str, *, received_until: date) -> list[ReturnFile]:
        """Arrivals without a verdict, in order of arrival."""

    def judged(self, campaign_id: str, *, verdicts: Collection[Verdict]) -> list[ReturnFile]:
        """Workbooks with one of those verdicts, in order of arrival."""

    def same_content(self, campaign_id: str, sha256: str, *, before_id: int) -> ReturnFile | None:
        """An earlier arrival with the very same bytes."""

    def get(self, return_id: int) -> ReturnFile: ...

    def findings(self, return_id: int) -> tuple[Finding, ...]: ...

    def judge(
        self, judgements: Sequence[Judgement], notices: Sequence[NewNotice], *, on: date, actor: str
    ) -> None:
        """Apply verdicts, findings, items, obligation moves, answers and their audit in one transaction.

        An obligation already accepted is moved back by nothing but a later acceptance's new figures:
        a newer return that fails leaves the accepted one in force. Items of the newest accepted
        return replace those of an older one of the same obligation.
        """

    def of_obligation(self, obligation_id: int, *, verdict: Verdict) -> ReturnFile | None:
        """The obligation's newest workbook with that verdict."""

    def items(self, return_id: int) -> tuple[SelfCheckItem, ...]: ...

    def scans(self, campaign_id: str, unit_code: str) -> list[ReturnFile]:
        """Stamped scans kept for the unit, newest first."""

    def counts(self, campaign_id: str) -> dict[Verdict, int]: ...


class Waivers(Protocol):
    """Rules waived for single units."""

    def grant(self, campaign_id: str, granted: Waiver) -> None:
        """Enter a waiver; the same rule, unit and day again changes nothing."""

    def in_force(self, campaign_id: str, form: str, *, on: date) -> dict[str, tuple[Waiver, ...]]:
        """Unit code → the waivers that hold that day, for the units that have any."""
