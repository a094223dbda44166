"""What came in and what was decided on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from include.domain.inbound import Claim
from include.domain.notices import NewNotice
from include.domain.obligations import Obligation
from include.domain.red_flags import SelfCheck
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
        message_row_id: int | None = None,
        claim: Claim | None = None,
    ) -> ReturnFile:
        """Enter an arrival. The same campaign, name and content entered before is returned as it is.

        ``claim`` is what the mail it came in told about its unit.
        """

    def pending(self, campaign_id: str, *, received_until: date) -> list[ReturnFile]:
        """Arrivals without a verdict, in order of arrival."""

    def judged(self, campaign_id: str, *, verdicts: Collection[Verdict]) -> list[ReturnFile]:
        """Workbooks with one of those verdicts, in order of arrival."""

    def same_content(self, files: Collection[ReturnFile]) -> dict[int, ReturnFile]:
        """By file id the first arrival with the very same bytes, for the files that are not it."""

    def get(self, return_id: int) -> ReturnFile: ...

    def findings(self, return_id: int) -> tuple[Finding, ...]: ...

    def judge(
        self, judgements: Sequence[Judgement], notices: Sequence[NewNotice], *, on: date, actor: str
    ) -> None:
        """Apply verdicts, findings, items, obligation moves, answers and their audit in one transaction.

        An obligation already accepted is moved back by nothing but a later acceptance's new figures:
        a newer return that fails leaves the accepted one in force. Items of the newest accepted
        return replace those of an older one of the same obligation. What a return that waited for its
        scan holds stays as it was entered: completing it brings neither findings nor items.
        """

    def pass_review(self, return_id: int, *, on: date, actor: str, reason: str) -> None:
        """A person has read the return in force and lets it stand (已复核): no later file changes its figures.

        Raise IllegalMove when it is not, or no longer, in force.
        """

    def send_back(
        self, return_id: int, why: Finding, answer: NewNotice, *, on: date, actor: str, reason: str
    ) -> None:
        """A person sends back the return in force: the unit owes again, and is told why.

        What it reported stays in the ledger, but counts no more. Raise IllegalMove as above.
        """

    def put_together(self, page: Judgement, *, name: str, sha256: str, on: date, actor: str) -> ReturnFile:
        """Give a page of corrections its verdict and enter the workbook made of it, in one transaction.

        The workbook counts as having arrived when the page did. One made before is returned as it is.
        """

    def of_obligation(self, obligation_id: int, *, verdict: Verdict) -> ReturnFile | None:
        """The obligation's newest workbook with that verdict."""

    def newest(
        self, obligation_ids: Collection[int], *, verdicts: Collection[Verdict]
    ) -> dict[int, ReturnFile]:
        """By obligation its newest workbook with one of those verdicts; without any it is absent."""

    def items(self, return_id: int) -> tuple[SelfCheckItem, ...]: ...

    def scanned(self, campaign_id: str, unit_codes: Collection[str]) -> frozenset[str]:
        """Those of the units whose stamped scan is here."""

    def completed(self, campaign_id: str) -> list[tuple[Obligation, ReturnFile]]:
        """Obligations waiting for their stamped scan though it is here by now, each with the first to come."""

    def counts(self, campaign_id: str) -> dict[Verdict, int]: ...

    def of_unit(self, campaign_id: str, unit_code: str) -> list[ReturnFile]:
        """The unit's workbooks that were judged as its returns, in order of arrival."""

    def all_of_unit(self, campaign_id: str, unit_code: str) -> list[ReturnFile]:
        """Every file known to be the unit's, of whatever kind and verdict, in order of arrival."""

    def self_checks(self, campaign_id: str, form: str) -> list[SelfCheck]:
        """What the accepted return of every unit reports, by unit code."""

    def newest_checks(self, campaign_id: str, *, last: int) -> dict[date, list[ReturnFile]]:
        """Day → the workbooks judged on it as returns, for so many days with a check, the newest first."""


class Waivers(Protocol):
    """Rules waived for single units."""

    def grant(self, campaign_id: str, granted: Waiver, *, actor: str = "") -> None:
        """Enter a waiver, by its approver unless somebody else is named; the same rule, unit and day again changes nothing."""

    def in_force(self, campaign_id: str, form: str, *, on: date) -> dict[str, tuple[Waiver, ...]]:
        """Unit code → the waivers that hold that day, for the units that have any."""

    def all(self, campaign_id: str) -> list[Waiver]:
        """Everything granted, whether it still holds or not, in order of entry."""

    def of_unit(self, campaign_id: str, unit_code: str) -> list[Waiver]:
        """Everything granted to one unit, in order of entry."""

    def revoke(self, campaign_id: str, granted: Waiver, *, on: date, by: str, reason: str) -> None:
        """End a waiver the day before, or take out one that never held a day. Raise ValueError, KeyError."""
