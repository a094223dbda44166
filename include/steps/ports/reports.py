"""What the office owes upward."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from include.domain.campaign import Campaign, UpwardReport
from include.domain.documents import Issue
from include.domain.occasions import Occasion, Period
from include.domain.reports import (
    CrossCheck,
    Edition,
    EditionFile,
    EditionState,
    Event,
    Figure,
    FigureNote,
    RowsBehind,
    Snapshot,
)
from include.domain.sign_off import Hand, Signing


class Snapshots(Protocol):
    def take(
        self, campaign_id: str, report_key: str, phase_key: str, *, period: Period, on: date
    ) -> Snapshot:
        """Freeze what the report counts; the same content gives the same snapshot.

        The phase's obligations, every self-check with its accepted problems, the frozen roster, the registers
        without any personal data, and what was written about the figures.
        """

    def look(self, campaign_id: str, phase_key: str, *, period: Period, on: date) -> Snapshot:
        """What ``take`` would freeze at this moment, without keeping it and without notes; its id is 0."""

    def get(self, snapshot_id: int) -> Snapshot: ...

    def save_figures(self, snapshot_id: int, figures: Sequence[Figure]) -> None: ...

    def figures(self, snapshot_id: int) -> list[Figure]: ...

    def annotate(
        self, campaign_id: str, report_key: str, period: Period, note: FigureNote, *, on: date
    ) -> None:
        """Write a note about a figure, in place of an earlier one. The next snapshot has it."""

    def notes(self, campaign_id: str, report_key: str, period: Period) -> tuple[FigureNote, ...]:
        """What was written about the figures of the report for that period."""


class Editions(Protocol):
    def add(
        self,
        campaign_id: str,
        report_key: str,
        snapshot_id: int,
        *,
        occasion: str,
        number: int,
        files: Sequence[EditionFile],
        state: EditionState = EditionState.DRAFTED,
        correction: int = 0,
        reason: str = "",
        event: Event | None = None,
        on: date,
    ) -> Edition:
        """Enter an edition and supersede what was under sign-off for that occasion; the same again changes nothing."""

    def get(self, edition_id: int) -> Edition: ...

    def latest(self, campaign_id: str, report_key: str, *, occasion: str) -> Edition | None:
        """The one with the highest number; None before the first."""

    def all(
        self, campaign_id: str, report_key: str | None = None, *, occasion: str | None = None
    ) -> list[Edition]:
        """The editions of a campaign, of one report, of one occasion: occasions as first compiled, then by number."""

    def signings(self, edition_id: int) -> list[Signing]:
        """The hands the edition was laid before, in their order."""

    def ask(
        self,
        edition_id: int,
        hand: Hand,
        *,
        post_key: str,
        run: str,
        page: str,
        at: datetime,
        until: datetime,
    ) -> None:
        """Note before whom the edition lies, in which run, until when."""

    def release(self, edition_id: int, hand: Hand, *, run: str) -> None:
        """That run waits for the hand no longer; another may ask."""

    def sign(
        self,
        edition_id: int,
        hand: Hand,
        *,
        approved: bool,
        by: str,
        user: str,
        reason: str,
        at: datetime,
    ) -> Edition:
        """Write down what a hand decided. Raise IllegalMove, with a sentence, for an answer that cannot stand."""

    def mark_sent(self, edition_id: int, *, at: datetime) -> None: ...

    def mark_received(self, edition_id: int, *, on: date, note: str, by: str) -> bool:
        """The bureau above has signed for it; return whether that is news."""


class StatisticsWorkbooks(Protocol):
    def build(
        self,
        campaign: Campaign,
        report: UpwardReport,
        *,
        edition: int,
        snapshot: Snapshot,
        figures: Sequence[Figure],
        checks: Sequence[CrossCheck],
        previous: Sequence[Figure] = (),
    ) -> bytes:
        """The statistics workbook; ``previous`` are the figures of the occasion before. Same arguments, same bytes."""

    def filled_templates(
        self,
        campaign: Campaign,
        report: UpwardReport,
        *,
        snapshot: Snapshot,
        figures: Sequence[Figure],
        previous: Sequence[Figure] = (),
    ) -> tuple[tuple[str, bytes], ...]:
        """The upper bureau's own workbooks among the report's tables, filled in, each with its title."""

    def rows_behind(
        self,
        campaign: Campaign,
        report: UpwardReport,
        *,
        edition: int,
        snapshot: Snapshot,
        figures: Sequence[Figure],
        indicator: str,
    ) -> tuple[RowsBehind, ...]:
        """The rows a figure counts, as the workbook's sheets list them."""


class Documents(Protocol):
    def build(
        self,
        campaign: Campaign,
        report: UpwardReport,
        occasion: Occasion,
        *,
        edition: int,
        snapshot: Snapshot,
        figures: Sequence[Figure],
        previous: Sequence[Figure] = (),
        issue: Issue | None = None,
        event: Event | None = None,
    ) -> bytes:
        """The written report (.docx), a draft (送审稿) while ``issue`` is None. Same arguments, same bytes."""

    def printed(self, report: UpwardReport) -> frozenset[str]:
        """The indicators its table of main figures prints; none where it has no document."""

    def pdf(self, document: bytes) -> bytes | None:
        """The document as pages; None where LibreOffice is not installed."""
