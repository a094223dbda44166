"""What the office owes upward."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from include.domain.campaign import Campaign, UpwardReport
from include.domain.occasions import Occasion, Period
from include.domain.reports import CrossCheck, Edition, Figure, FigureNote, Snapshot


class Snapshots(Protocol):
    def take(
        self, campaign_id: str, report_key: str, phase_key: str, *, period: Period, on: date
    ) -> Snapshot:
        """Freeze what the report counts; the same content gives the same snapshot.

        The phase's obligations, every self-check with its accepted problems, the frozen roster, the registers
        without any personal data, and what was written about the figures.
        """

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
    def next_number(self, campaign_id: str, report_key: str, snapshot_id: int, *, occasion: str) -> int:
        """The number this snapshot's edition has, or would get."""

    def add(
        self,
        campaign_id: str,
        report_key: str,
        snapshot_id: int,
        *,
        occasion: str,
        file_name: str,
        sha256: str,
        on: date,
    ) -> Edition:
        """The same snapshot and file give the same edition."""

    def get(self, edition_id: int) -> Edition: ...

    def latest(self, campaign_id: str, report_key: str, *, occasion: str) -> Edition | None:
        """The one with the highest number; None before the first."""

    def decide(self, edition_id: int, *, approved: bool, by: str, reason: str, at: datetime) -> Edition:
        """Write down a person's decision. A decided edition is not decided again."""

    def mark_sent(self, edition_id: int, *, at: datetime) -> None: ...


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
    ) -> bytes:
        """The written report (.docx). Same arguments, same bytes."""

    def pdf(self, document: bytes) -> bytes | None:
        """The document as pages; None where LibreOffice is not installed."""
