"""The rows behind reporting and inspection: units, self-check problems, roster, inspections and their problems."""

from __future__ import annotations

from include.domain.groups import counted_items, standings
from include.domain.indicators import Source
from include.domain.reports import SnapshotItem, SnapshotUnit
from include.domain.snapshot_records import Inspection, InspectionProblem, RosterUnit
from include.domain.violations import in_article_order, violation_article, violation_zh
from include.gateways.statistics_workbooks import paper
from include.gateways.statistics_workbooks.compilation import Compilation
from include.gateways.statistics_workbooks.detail_list import CODE, NAME, NUMBER, THIS, Cells, List, in_period


def units(edition: Compilation) -> List:
    def cells(unit: SnapshotUnit) -> Cells:
        return (
            unit.unit_code,
            unit.unit_name,
            unit.unit_kind.zh,
            unit.level,
            unit.state.reported_zh,
            "是" if unit.is_zero else "否",
            unit.due_on,
            unit.received_on,
            unit.accepted_on,
            unit.days_late,
        )

    columns = (
        CODE,
        NAME,
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


def items(edition: Compilation) -> List:
    names = {unit.unit_code: unit.unit_name for unit in edition.snapshot.units}
    counted = counted_items(edition.snapshot)
    order = {code: at for at, code in enumerate(in_article_order({item.violation_type for item in counted}))}
    counted.sort(key=lambda item: (item.unit_code, order[item.violation_type]))

    def cells(item: SnapshotItem) -> Cells:
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
    rows = [cells(item) for item in counted]
    unit_line = "单位：例次、人次、元"
    return List(Source.ITEMS, "自查问题明细", unit_line, columns, rows, ("例次", "人次", *money))


def roster(edition: Compilation) -> List:
    def cells(unit: RosterUnit) -> Cells:
        return unit.code, unit.name, unit.kind.zh, unit.level, unit.ownership, unit.region_code, unit.branch

    columns = (
        CODE,
        NAME,
        ("单位类别", paper.CENTRED, 16),
        ("等级", paper.CENTRED, 12),
        ("经济性质", paper.CENTRED, 10),
        ("区划", paper.CENTRED, 10),
        ("管辖经办机构", paper.WORDS, 30),
    )
    return List(Source.ROSTER, "冻结名册", "", columns, [cells(unit) for unit in edition.snapshot.roster])


def inspections(edition: Compilation) -> List:
    said = in_period(edition)

    def cells(row: Inspection) -> Cells:
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
        NUMBER,
        CODE,
        NAME,
        ("检查类型", paper.CENTRED, 12),
        ("检查结束日期", paper.DAY, 17),
        ("发现问题数", paper.COUNT, 12),
        ("违规金额（元）", paper.MONEY, 18),
        ("其中医保基金（元）", paper.MONEY, 20),
        ("检查结论", paper.CENTRED, 12),
        THIS,
    )
    rows = [cells(row) for row in edition.snapshot.inspections]
    sums = ("发现问题数", "违规金额（元）", "其中医保基金（元）")
    return List(Source.INSPECTIONS, "已完成的检查", "单位：个、元", columns, rows, sums)


def problems(edition: Compilation) -> List:
    said = in_period(edition)
    by_number = {row.number: row for row in edition.snapshot.inspections}

    def cells(row: InspectionProblem) -> Cells:
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
        NUMBER,
        CODE,
        NAME,
        ("违规类型", paper.WORDS, 34),
        ("条例条款", paper.CENTRED, 24),
        ("例次", paper.COUNT, 10),
        ("违规金额（元）", paper.MONEY, 18),
        ("其中医保基金（元）", paper.MONEY, 20),
        THIS,
    )
    rows = [cells(row) for row in edition.snapshot.problems]
    sums = ("例次", "违规金额（元）", "其中医保基金（元）")
    return List(Source.PROBLEMS, "检查发现问题明细", "单位：例次、元", columns, rows, sums)
