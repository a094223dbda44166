"""专项整治工作问题清单: every problem of self-checks and inspections, a row each, as an upper bureau reads it."""

from __future__ import annotations

from openpyxl import Workbook

from include.domain.groups import counted_items
from include.domain.tables import ListTable
from include.domain.violations import in_article_order, violation_article, violation_zh
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.detail_sheets import MOST_ITEMS
from include.gateways.statistics_workbooks.list_sheets import ListColumn, put_block, start_list
from include.gateways.statistics_workbooks.row_blocks import Row

_COLUMNS = (
    ListColumn("序号", paper.CENTRED, 8),
    ListColumn("单位编码", paper.CENTRED, 17),
    ListColumn("单位名称", paper.WORDS, 34),
    ListColumn("问题来源", paper.CENTRED, 12),
    ListColumn("问题（违规行为）", paper.WORDS, 38),
    ListColumn("条例条款", paper.CENTRED, 24),
    ListColumn("例次", paper.COUNT, 9),
    ListColumn("违规金额\n（元）", paper.MONEY, 17),
    ListColumn("其中医保基金\n（元）", paper.MONEY, 17),
    ListColumn("整改情况", paper.CENTRED, 12),
)


def add_problem_list(book: Workbook, edition: Compilation, layout: ListTable) -> None:
    sheet, row = start_list(
        book, edition, layout.sheet, layout.title, _COLUMNS, unit_line=layout.unit_line, both_periods=True
    )
    problems = _problems(edition)
    listed: list[Row] = [(number, *cells) for number, cells in enumerate(problems[:MOST_ITEMS], 1)]
    row = put_block(sheet, edition, row, _COLUMNS, listed)
    note = layout.note or "注：自查问题取自校验通过的自查表，检查问题取自已完成的检查。"
    more = f"共{len(problems):,}个问题" + (
        f"，本表列出前{MOST_ITEMS:,}个" if len(problems) > MOST_ITEMS else ""
    )
    row = paper.put_note(sheet, row, len(_COLUMNS), f"{note}{more}。")
    paper.put_foot(sheet, row + 1, len(_COLUMNS))


def _problems(edition: Compilation) -> list[tuple[paper.Value, ...]]:
    snapshot = edition.snapshot
    names = {unit.unit_code: unit.unit_name for unit in snapshot.units}
    inspections = {row.number: row for row in snapshot.inspections}
    items = counted_items(snapshot)
    types = {row.violation_type for row in (*items, *snapshot.problems)}
    order = {code: at for at, code in enumerate(in_article_order(types))}
    found: list[tuple[str, int, tuple[paper.Value, ...]]] = [
        (
            item.unit_code,
            order[item.violation_type],
            (
                item.unit_code,
                names[item.unit_code],
                "自查",
                violation_zh(item.violation_type),
                violation_article(item.violation_type),
                item.occurrences,
                item.violation_amt,
                item.fund_amt,
                item.rectify_status,
            ),
        )
        for item in items
    ]
    for problem in snapshot.problems:
        of = inspections[problem.inspection]
        cells = (
            of.unit_code,
            of.unit_name,
            of.kind,
            violation_zh(problem.violation_type),
            violation_article(problem.violation_type),
            problem.occurrences,
            problem.violation_amt,
            problem.fund_amt,
            "见整改台账",
        )
        found.append((of.unit_code, order[problem.violation_type], cells))
    return [cells for _, _, cells in sorted(found, key=lambda each: each[:2])]
