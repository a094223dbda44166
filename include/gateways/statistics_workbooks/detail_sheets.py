"""The rows behind the numbers, a sheet per ledger. A person appears by the number of a case, never by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from openpyxl import Workbook

from include.domain.groups import CLUE_SOURCES, counted_items, standings
from include.domain.indicators import Source
from include.domain.indicators.facts import handled_on
from include.domain.reports import SnapshotItem, SnapshotUnit
from include.domain.snapshot_records import (
    Blacklisting,
    Case,
    Clue,
    Inspection,
    InspectionProblem,
    Rectification,
    Referral,
    RosterUnit,
    Tip,
)
from include.domain.violations import in_article_order, violation_article, violation_zh
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.drill_down import SHEETS
from include.gateways.statistics_workbooks.list_sheets import ListColumn, put_block, start_list
from include.gateways.statistics_workbooks.register_words import (
    CASE_STATES,
    CLUE_STATES,
    DISPOSITIONS,
    ORGANISATIONS,
    RECTIFICATION_STATES,
    TIP_STATES,
)
from include.gateways.statistics_workbooks.row_blocks import Row

MOST_ITEMS = 100_000
"""Rows a list has at most: more make a workbook that office machines no longer open."""

_Cells = tuple[paper.Value | None, ...]

_CODE, _NAME = ("机构编码", paper.CENTRED, 17), ("机构名称", paper.WORDS, 34)
_NUMBER = ("编号", paper.CENTRED, 28)
_THIS = ("计入本期", paper.CENTRED, 10)


class List(NamedTuple):
    """What a detail sheet prints: ``sums`` name the columns that have a total."""

    source: Source
    title: str
    unit_line: str
    columns: tuple[tuple[str, str, float], ...]
    rows: Sequence[_Cells]
    sums: tuple[str, ...] = ()


def add_detail_sheets(book: Workbook, edition: Compilation, sources: Iterable[Source]) -> None:
    """A sheet for each of the sources, in the order of the ledgers."""
    wanted = set(sources)
    for source, made in _LISTS.items():
        if source in wanted:
            _add(book, edition, made(edition))


def _add(book: Workbook, edition: Compilation, of: List) -> None:
    columns = [ListColumn("序号", paper.CENTRED, 8), *(ListColumn(*column) for column in of.columns)]
    sheet, row = start_list(book, edition, SHEETS[of.source], of.title, columns, unit_line=of.unit_line)
    listed: list[Row] = [(number, *cells) for number, cells in enumerate(of.rows[:MOST_ITEMS], 1)]
    row = put_block(sheet, edition, row, columns, listed)
    if of.sums:
        for number, column in enumerate(columns, 1):
            total = _total(of, number - 2) if column.title in of.sums else "合计" if number == 3 else "—"
            style = column.style if not isinstance(total, str) else paper.CENTRED
            paper.put(sheet, row, number, total, style + paper.BOLD)
        row += 1
    paper.put_note(sheet, row, len(columns), _about(len(of.rows), of.title))


def _total(of: List, column: int) -> paper.Value:
    return sum((cells[column] for cells in of.rows), Decimal(0))  # type: ignore[misc]


def _about(count: int, title: str) -> str:
    if count > MOST_ITEMS:
        return (
            f"注：{title}共{count:,}条，本表列出前{MOST_ITEMS:,}条，其余{count - MOST_ITEMS:,}条未列出；"
            "合计行及各统计表包含全部记录。"
        )
    return f"注：共{count:,}条。" if count else "没有记录。"


def _in_period(edition: Compilation) -> Callable[[date | None], str]:
    period = edition.snapshot.period

    def said(day: date | None) -> str:
        if day is None or day > period.end:
            return "未计入"
        return "是" if day >= period.start else "否"

    return said


def _units(edition: Compilation) -> List:
    def cells(unit: SnapshotUnit) -> _Cells:
        return (
            unit.unit_code,
            unit.unit_name,
            unit.unit_kind.zh,
            unit.level,
            unit.state.zh,
            "是" if unit.is_zero else "否",
            unit.due_on,
            unit.received_on,
            unit.accepted_on,
            unit.days_late,
        )

    columns = (
        _CODE,
        _NAME,
        ("单位类别", paper.CENTRED, 16),
        ("等级", paper.CENTRED, 12),
        ("报送状态", paper.CENTRED, 16),
        ("零报告", paper.CENTRED, 9),
        ("截止日期", paper.DAY, 17),
        ("收到日期", paper.DAY, 17),
        ("校验通过日期", paper.DAY, 17),
        ("逾期天数", paper.COUNT, 10),
    )
    return List(
        Source.UNITS, "报送单位", "单位：天", columns, [cells(each) for each in standings(edition.snapshot)]
    )


def _items(edition: Compilation) -> List:
    names = {unit.unit_code: unit.unit_name for unit in edition.snapshot.units}
    items = counted_items(edition.snapshot)
    order = {code: at for at, code in enumerate(in_article_order({item.violation_type for item in items}))}
    items.sort(key=lambda item: (item.unit_code, order[item.violation_type]))

    def cells(item: SnapshotItem) -> _Cells:
        return (
            item.unit_code,
            names[item.unit_code],
            item.unit_kind.zh,
            violation_zh(item.violation_type),
            violation_article(item.violation_type),
            item.occurrences,
            item.visits,
            item.violation_amt,
            item.fund_amt,
            item.refunded_amt,
            item.fund_amt - item.refunded_amt,
            item.rectify_status,
        )

    money = ("违规金额\n（元）", "其中医保基金\n（元）", "已退回\n（元）", "未退回\n（元）")
    columns = (
        ("单位编码", paper.CENTRED, 17),
        ("单位名称", paper.WORDS, 30),
        ("单位类别", paper.CENTRED, 14),
        ("违规类型", paper.WORDS, 32),
        ("条例条款", paper.CENTRED, 23),
        ("例次", paper.COUNT, 9),
        ("人次", paper.COUNT, 9),
        *((title, paper.MONEY, 16.0) for title in money),
        ("整改状态", paper.CENTRED, 10),
    )
    rows = [cells(item) for item in items]
    unit_line = "单位：例次、人次、元"
    return List(Source.ITEMS, "自查问题明细", unit_line, columns, rows, ("例次", "人次", *money))


def _roster(edition: Compilation) -> List:
    def cells(unit: RosterUnit) -> _Cells:
        return unit.code, unit.name, unit.kind.zh, unit.level, unit.ownership, unit.region_code, unit.branch

    columns = (
        _CODE,
        _NAME,
        ("单位类别", paper.CENTRED, 16),
        ("等级", paper.CENTRED, 12),
        ("经济性质", paper.CENTRED, 10),
        ("区划", paper.CENTRED, 10),
        ("管辖经办机构", paper.WORDS, 30),
    )
    return List(Source.ROSTER, "冻结名册", "", columns, [cells(unit) for unit in edition.snapshot.roster])


def _inspections(edition: Compilation) -> List:
    said = _in_period(edition)

    def cells(row: Inspection) -> _Cells:
        return (
            row.number,
            row.unit_code,
            row.unit_name,
            row.kind,
            row.end_on,
            row.problem_count,
            row.violation_amt,
            row.fund_amt,
            row.conclusion,
            said(row.end_on),
        )

    columns = (
        _NUMBER,
        _CODE,
        _NAME,
        ("检查类型", paper.CENTRED, 12),
        ("检查结束日期", paper.DAY, 17),
        ("发现问题数", paper.COUNT, 12),
        ("违规金额（元）", paper.MONEY, 18),
        ("其中医保基金（元）", paper.MONEY, 20),
        ("检查结论", paper.CENTRED, 12),
        _THIS,
    )
    rows = [cells(row) for row in edition.snapshot.inspections]
    sums = ("发现问题数", "违规金额（元）", "其中医保基金（元）")
    return List(Source.INSPECTIONS, "已完成的检查", "单位：个、元", columns, rows, sums)


def _problems(edition: Compilation) -> List:
    said = _in_period(edition)
    by_number = {row.number: row for row in edition.snapshot.inspections}

    def cells(row: InspectionProblem) -> _Cells:
        of = by_number[row.inspection]
        return (
            row.inspection,
            of.unit_code,
            of.unit_name,
            violation_zh(row.violation_type),
            violation_article(row.violation_type),
            row.occurrences,
            row.violation_amt,
            row.fund_amt,
            said(of.end_on),
        )

    columns = (
        _NUMBER,
        _CODE,
        _NAME,
        ("违规类型", paper.WORDS, 34),
        ("条例条款", paper.CENTRED, 24),
        ("例次", paper.COUNT, 10),
        ("违规金额（元）", paper.MONEY, 18),
        ("其中医保基金（元）", paper.MONEY, 20),
        _THIS,
    )
    rows = [cells(row) for row in edition.snapshot.problems]
    sums = ("例次", "违规金额（元）", "其中医保基金（元）")
    return List(Source.PROBLEMS, "检查发现问题明细", "单位：例次、元", columns, rows, sums)


def _refunds(edition: Compilation) -> List:
    said = _in_period(edition)

    def cells(row: Rectification) -> _Cells:
        return (
            row.number,
            row.source,
            row.unit_code,
            row.unit_name,
            RECTIFICATION_STATES.get(row.state, row.state),
            row.payable,
            row.paid,
            row.payable - row.paid,
            row.paid_on,
            row.case_no,
            said(row.paid_on) if row.paid else "未计入",
        )

    money = ("应退（元）", "已退（元）", "未退（元）")
    columns = (
        _NUMBER,
        ("来源", paper.CENTRED, 10),
        _CODE,
        _NAME,
        ("整改状态", paper.CENTRED, 10),
        *((title, paper.MONEY, 17.0) for title in money),
        ("退回日期", paper.DAY, 17),
        ("案件编号", paper.CENTRED, 22),
        ("已退计入本期", paper.CENTRED, 13),
    )
    rows = [cells(row) for row in edition.snapshot.rectifications]
    return List(Source.REFUNDS, "整改及退费明细", "单位：元", columns, rows, money)


def _cases(edition: Compilation) -> List:
    said = _in_period(edition)

    def cells(row: Case) -> _Cells:
        return (
            row.number,
            row.party,
            row.unit_code,
            row.unit_name,
            violation_zh(row.conduct),
            CASE_STATES.get(row.state, row.state),
            "；".join(DISPOSITIONS.get(code, code) for code in row.dispositions),
            row.filed_on,
            row.decided_on,
            row.violation_amt,
            row.recoup_paid,
            row.damages_amt,
            row.fine_amt,
            said(handled_on(row)),
        )

    money = ("违规金额（元）", "已退回基金（元）", "违约金（元）", "罚款（元）")
    columns = (
        _NUMBER,
        ("当事人类型", paper.CENTRED, 16),
        _CODE,
        _NAME,
        ("案由", paper.WORDS, 30),
        ("办案阶段", paper.CENTRED, 10),
        ("处理方式", paper.WORDS, 30),
        ("立案日期", paper.DAY, 17),
        ("决定日期", paper.DAY, 17),
        *((title, paper.MONEY, 17.0) for title in money),
        ("处理计入本期", paper.CENTRED, 13),
    )
    rows = [cells(row) for row in edition.snapshot.cases]
    return List(Source.CASES, "案件查处明细", "单位：元（退回基金与罚款不相加）", columns, rows, money)


def _clues(edition: Compilation) -> List:
    said = _in_period(edition)

    def cells(row: Clue) -> _Cells:
        return (
            row.number,
            CLUE_SOURCES.get(row.source, row.source),
            row.batch,
            row.subject,
            row.unit_code,
            row.unit_name,
            row.risk,
            CLUE_STATES.get(row.state, row.state),
            row.received_on,
            row.due_on,
            row.checked_on,
            row.closed_on,
            row.result,
            row.suspect_amt,
            row.confirmed_amt,
            said(row.received_on),
        )

    money = ("疑点金额（元）", "查实金额（元）")
    columns = (
        _NUMBER,
        ("线索来源", paper.CENTRED, 14),
        ("批次", paper.CENTRED, 16),
        ("对象类型", paper.CENTRED, 10),
        _CODE,
        _NAME,
        ("风险", paper.CENTRED, 7),
        ("核查进度", paper.CENTRED, 10),
        ("接收日期", paper.DAY, 17),
        ("核查期限", paper.DAY, 17),
        ("核查完毕日期", paper.DAY, 17),
        ("办结日期", paper.DAY, 17),
        ("核查结论", paper.CENTRED, 20),
        *((title, paper.MONEY, 17.0) for title in money),
        ("接收计入本期", paper.CENTRED, 13),
    )
    rows = [cells(row) for row in edition.snapshot.clues]
    return List(Source.CLUES, "疑点线索明细", "单位：元", columns, rows, money)


def _tips(edition: Compilation) -> List:
    said = _in_period(edition)

    def cells(row: Tip) -> _Cells:
        return (
            row.number,
            row.received_on,
            row.subject,
            row.unit_code,
            TIP_STATES.get(row.state, row.state),
            "是" if row.accepted else "否",
            row.result,
            "是" if row.is_replied else "否",
            row.reward_amt,
            row.reward_on,
            said(row.received_on),
        )

    columns = (
        ("登记编号", paper.CENTRED, 10),
        ("接收日期", paper.DAY, 17),
        ("被举报对象类型", paper.CENTRED, 18),
        _CODE,
        ("办理状态", paper.CENTRED, 12),
        ("是否受理", paper.CENTRED, 10),
        ("核查结果", paper.CENTRED, 12),
        ("是否回复", paper.CENTRED, 10),
        ("奖励金额（元）", paper.MONEY, 16),
        ("发放日期", paper.DAY, 17),
        ("接收计入本期", paper.CENTRED, 13),
    )
    rows = [cells(row) for row in edition.snapshot.tips]
    return List(Source.TIPS, "举报明细（不含举报人信息）", "单位：元", columns, rows, ("奖励金额（元）",))


def _referrals(edition: Compilation) -> List:
    said = _in_period(edition)

    def cells(row: Referral) -> _Cells:
        return (
            row.number,
            row.direction,
            ORGANISATIONS.get(row.from_org, row.from_org),
            ORGANISATIONS.get(row.to_org, row.to_org),
            row.case_no,
            row.amount,
            row.sent_on,
            row.decision,
            row.returned_on,
            said(row.sent_on),
        )

    columns = (
        _NUMBER,
        ("方向", paper.CENTRED, 8),
        ("移出单位", paper.CENTRED, 22),
        ("接收单位", paper.CENTRED, 22),
        ("案件编号", paper.CENTRED, 22),
        ("涉案金额（元）", paper.MONEY, 17),
        ("移送日期", paper.DAY, 17),
        ("接收单位决定", paper.CENTRED, 14),
        ("退回日期", paper.DAY, 17),
        _THIS,
    )
    rows = [cells(row) for row in edition.snapshot.referrals]
    return List(Source.REFERRALS, "移送明细", "单位：元", columns, rows, ("涉案金额（元）",))


def _blacklistings(edition: Compilation) -> List:
    said = _in_period(edition)

    def cells(row: Blacklisting) -> _Cells:
        return (
            row.subject,
            row.unit_code,
            row.basis_doc_no,
            row.listed_on,
            row.removed_on,
            said(row.listed_on),
        )

    columns = (
        ("对象类型", paper.CENTRED, 18),
        _CODE,
        ("依据文书号", paper.WORDS, 32),
        ("列入日期", paper.DAY, 17),
        ("移出日期", paper.DAY, 17),
        _THIS,
    )
    rows = [cells(row) for row in edition.snapshot.blacklistings]
    return List(Source.BLACKLISTINGS, "黑名单明细", "", columns, rows)


_LISTS: dict[Source, Callable[[Compilation], List]] = {
    Source.UNITS: _units,
    Source.ITEMS: _items,
    Source.ROSTER: _roster,
    Source.INSPECTIONS: _inspections,
    Source.PROBLEMS: _problems,
    Source.REFUNDS: _refunds,
    Source.CASES: _cases,
    Source.CLUES: _clues,
    Source.TIPS: _tips,
    Source.REFERRALS: _referrals,
    Source.BLACKLISTINGS: _blacklistings,
}
