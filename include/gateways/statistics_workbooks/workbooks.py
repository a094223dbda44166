"""The statistics workbook of one edition: cover, tables, the rows behind them, charts, checks and notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path

from openpyxl import Workbook

from include.domain.campaign import Campaign, UpwardReport
from include.domain.reports import CrossCheck, Figure, Snapshot
from include.domain.tables import TableLayout
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.chart_sheet import add_chart_sheet
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.cover_sheet import add_cover_sheet
from include.gateways.statistics_workbooks.fixed_bytes import saved
from include.gateways.statistics_workbooks.layouts import BadLayout, load_layout
from include.gateways.statistics_workbooks.list_sheets import (
    add_checks_sheet,
    add_items_sheet,
    add_not_reported_sheet,
)
from include.gateways.statistics_workbooks.notes_sheet import add_notes_sheet
from include.gateways.statistics_workbooks.table_sheets import add_table_sheet

TABLES = Path(__file__).resolve().parents[2] / "tables"


class StatisticsWorkbooks:
    """Workbooks after the layouts in one folder, by default the project's own."""

    def __init__(self, tables: Path = TABLES) -> None:
        self._tables = tables

    def build(
        self,
        campaign: Campaign,
        report: UpwardReport,
        *,
        edition: int,
        snapshot: Snapshot,
        figures: Sequence[Figure],
        checks: Sequence[CrossCheck],
    ) -> bytes:
        """The .xlsx. Same arguments, same bytes; a failed check is shown in red and stops nothing.

        Raise BadLayout for a layout that is unknown or cannot be printed, GiveUp for a missing figure.
        """
        compilation = Compilation(campaign, report, edition, snapshot, figures, checks)
        layouts = [self._layout(report, key) for key in report.table_layouts]
        book = Workbook()
        book.remove(book.worksheets[0])
        book.properties.creator = book.properties.lastModifiedBy = campaign.lead.name
        book.properties.title = paper.neutral(report.title)
        book.properties.created = datetime.combine(snapshot.taken_on, time())
        paper.add_styles(book)
        for layout in layouts:
            add_table_sheet(book, compilation, layout)
        add_not_reported_sheet(book, compilation)
        add_items_sheet(book, compilation)
        add_chart_sheet(book, compilation)
        add_checks_sheet(book, compilation)
        add_notes_sheet(book, compilation)
        add_cover_sheet(book, compilation)
        return saved(book, on=snapshot.taken_on)

    def _layout(self, report: UpwardReport, key: str) -> TableLayout:
        try:
            return load_layout(self._tables, key)
        except BadLayout as fault:
            raise BadLayout(f"报送事项“{report.title}”不能编制：{fault}") from fault
