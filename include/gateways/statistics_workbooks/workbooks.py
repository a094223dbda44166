"""The statistics workbook of one edition: cover, tables, the rows behind them, charts, checks and notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path

from openpyxl import Workbook

from include.domain.campaign import Campaign, UpwardReport
from include.domain.indicators import Source
from include.domain.reports import CrossCheck, Figure, RowsBehind, Snapshot
from include.domain.tables import IndicatorTable, ListTable, TableLayout
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.chart_sheet import add_chart_sheet
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.cover_sheet import add_cover_sheet
from include.gateways.statistics_workbooks.detail_sheets import add_detail_sheets
from include.gateways.statistics_workbooks.drill_down import sources_behind
from include.gateways.statistics_workbooks.fixed_bytes import saved
from include.gateways.statistics_workbooks.indicator_sheets import add_indicator_sheet
from include.gateways.statistics_workbooks.layouts import BadLayout, load_layout
from include.gateways.statistics_workbooks.list_sheets import add_checks_sheet, add_not_reported_sheet
from include.gateways.statistics_workbooks.notes_sheet import add_notes_sheet
from include.gateways.statistics_workbooks.override_sheet import add_overrides_sheet
from include.gateways.statistics_workbooks.problem_list import add_problem_list
from include.gateways.statistics_workbooks.rows_behind import rows_behind
from include.gateways.statistics_workbooks.table_sheets import add_table_sheet
from include.gateways.statistics_workbooks.templates import filled, load_map

AnyTable = TableLayout | IndicatorTable | ListTable

_INCLUDE = Path(__file__).resolve().parents[2]
TABLES, CAMPAIGNS = _INCLUDE / "tables", _INCLUDE / "campaigns"


class StatisticsWorkbooks:
    """Workbooks after the layouts in one folder, and after the templates in the folder of each campaign."""

    def __init__(self, tables: Path = TABLES, campaigns: Path = CAMPAIGNS) -> None:
        self._tables = tables
        self._campaigns = campaigns

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
        """The .xlsx. Same arguments, same bytes; a failed check is shown in red and stops nothing.

        Raise BadLayout for a layout that is unknown or cannot be printed, GiveUp for a missing figure.
        """
        compilation = Compilation(campaign, report, edition, snapshot, figures, checks, previous)
        templates = self._templates(campaign, report)
        layouts = [self._layout(report, key) for key in report.table_layouts if key not in templates]
        sources = sources_behind(
            (
                *(key for layout in layouts for key in layout.indicators),
                *(
                    cell.indicator
                    for path in templates.values()
                    for cell in load_map(path.with_suffix(".yaml")).cells
                ),
            )
        )
        book = Workbook()
        book.remove(book.worksheets[0])
        book.properties.creator = book.properties.lastModifiedBy = campaign.lead.name
        book.properties.title = paper.neutral(report.title)
        book.properties.created = datetime.combine(snapshot.taken_on, time())
        paper.add_styles(book)
        for layout in layouts:
            _add_table(book, compilation, layout)
        if Source.UNITS in sources:
            add_not_reported_sheet(book, compilation)
        add_detail_sheets(book, compilation, sources)
        add_chart_sheet(book, compilation, sources)
        add_checks_sheet(book, compilation)
        add_overrides_sheet(book, compilation)
        add_notes_sheet(book, compilation, sources)
        add_cover_sheet(book, compilation, sources)
        return saved(book, on=snapshot.taken_on, blocks=compilation.blocks)

    def filled_templates(
        self,
        campaign: Campaign,
        report: UpwardReport,
        *,
        snapshot: Snapshot,
        figures: Sequence[Figure],
        previous: Sequence[Figure] = (),
    ) -> tuple[tuple[str, bytes], ...]:
        """The upper bureau's own workbooks among the report's tables, each with its title. Same arguments, same bytes.

        Raise BadLayout for a template that would lose something, or whose mapping is wrong.
        """
        return tuple(
            filled(path, figures, on=snapshot.taken_on, previous=previous)
            for path in self._templates(campaign, report).values()
        )

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
        """The rows a figure counts, as the workbook's sheets list them; all of them."""
        compilation = Compilation(campaign, report, edition, snapshot, figures, ())
        return rows_behind(compilation, indicator)

    def _templates(self, campaign: Campaign, report: UpwardReport) -> dict[str, Path]:
        """Of the report's tables those the campaign has a template for: key → workbook."""
        folder = self._campaigns / campaign.id / "tables"
        paths = {key: folder / f"{key}.xlsx" for key in report.table_layouts}
        return {key: path for key, path in paths.items() if path.is_file()}

    def _layout(self, report: UpwardReport, key: str) -> AnyTable:
        try:
            return load_layout(self._tables, key)
        except BadLayout as fault:
            raise BadLayout(f"报送事项“{report.title}”不能编制：{fault}") from fault


def _add_table(book: Workbook, compilation: Compilation, layout: AnyTable) -> None:
    match layout:
        case IndicatorTable():
            add_indicator_sheet(book, compilation, layout)
        case ListTable():
            add_problem_list(book, compilation, layout)
        case _:
            add_table_sheet(book, compilation, layout)
