"""The indicators of a self-check (自查自纠), in the words printed under a table.

家 counts units, 个 problems, 例次 occurrences, 人次 visits; they are never added to one another.
"""

from __future__ import annotations

from datetime import date

from include.domain.groups import CONDUCT_DIMENSIONS, ITEM_DIMENSIONS, NOT_REPORTED, UNIT_DIMENSIONS
from include.domain.indicators.definition import (
    Distinct,
    Indicator,
    IndicatorUnit,
    Measure,
    Rate,
    Source,
    State,
    Sum,
)
from include.domain.indicators.facts import Item, Standing
from include.domain.obligations import ObligationState

RECTIFIED = "已整改"

UNITS, ITEMS = Source.UNITS, Source.ITEMS


def _of_units(key: str, title: str, definition: str, measure: Measure) -> Indicator:
    return Indicator(key, title, "家", definition, measure, UNIT_DIMENSIONS)


def _rate(key: str, title: str, definition: str, measure: Rate) -> Indicator:
    return Indicator(key, title, "%", definition, measure, UNIT_DIMENSIONS)


def _of_items(key: str, title: str, unit: IndicatorUnit, definition: str, measure: Measure) -> Indicator:
    return Indicator(key, title, unit, definition, measure, ITEM_DIMENSIONS)


def _in_state(state: ObligationState) -> State:
    return State(UNITS, lambda row, moment: row.unit.state is state)


def _reported(row: Standing) -> date | None:
    return row.reported_on


def _counted(row: Item) -> date:
    return row.on


def _unit(row: Item) -> str:
    return row.row.unit_code


SELF_CHECK: tuple[Indicator, ...] = (
    _of_units(
        "units_expected",
        "应报单位",
        "本阶段负有报送任务的单位数，含免报单位，不含任务已终止的单位；一家单位须报多张表的只计一家。",
        State(UNITS, lambda row, moment: 1),
    ),
    _of_units(
        "units_accepted",
        "已报单位",
        "全部报送件均已校验通过（含已复核）的单位数；仅收到而未校验通过的不计入。",
        Sum(UNITS, _reported),
    ),
    _of_units(
        "zero_returns",
        "零报告单位",
        "已报单位中，自查未发现问题、按零报告报送的单位数。",
        Sum(UNITS, lambda row: row.reported_on if row.unit.is_zero else None),
    ),
    _of_units(
        "units_with_problems",
        "发现问题单位",
        "已报单位中，自查问题明细至少有一条的单位数。",
        Distinct(ITEMS, _counted, _unit),
    ),
    _of_units(
        "units_on_time",
        "按期报送单位",
        "已报单位中，不晚于截止日报送的单位数。",
        Sum(UNITS, lambda row: row.reported_on if row.unit.days_late <= 0 else None),
    ),
    _of_units(
        "units_late",
        "逾期报送单位",
        "已报单位中，晚于截止日报送的单位数。",
        Sum(UNITS, lambda row: row.reported_on if row.unit.days_late > 0 else None),
    ),
    _of_units(
        "units_received",
        "已收待校验单位",
        "已收到报送件、尚未得出校验结论的单位数。",
        _in_state(ObligationState.RECEIVED),
    ),
    _of_units(
        "units_returned",
        "退回待重报单位",
        "报送件校验不通过、已退回而尚未重新报送的单位数。",
        _in_state(ObligationState.RETURNED),
    ),
    _of_units(
        "units_partial",
        "材料不全单位",
        "表格校验通过、尚缺盖章扫描件的单位数。",
        _in_state(ObligationState.PARTIAL),
    ),
    _of_units(
        "units_missing",
        "未报单位",
        "至数据截止日尚未收到任何报送件的单位数。",
        _in_state(ObligationState.OPEN),
    ),
    _of_units(
        "units_waived",
        "免报单位",
        "经批准免于报送的单位数。",
        _in_state(ObligationState.WAIVED),
    ),
    _of_units(
        "units_overdue",
        "逾期未完成单位",
        "数据截止日已过其截止日，仍未报、退回待重报或材料不全的单位数。",
        State(UNITS, lambda row, moment: row.unit.state in NOT_REPORTED and row.unit.due_on < moment.on),
    ),
    _of_units(
        "units_unreachable",
        "无可用邮箱单位",
        "应报单位中没有可用邮箱、须电话联系的单位数。",
        State(UNITS, lambda row, moment: not row.unit.has_address),
    ),
    _rate(
        "return_rate",
        "报送率",
        "已报单位数÷应报单位数×100%；没有应报单位时记为0。",
        Rate("units_accepted", "units_expected"),
    ),
    _rate(
        "on_time_rate",
        "按期报送率",
        "按期报送单位数÷应报单位数×100%；没有应报单位时记为0。",
        Rate("units_on_time", "units_expected"),
    ),
    Indicator(
        "units_involved",
        "涉及机构数",
        "家",
        "存在该类自查问题的单位数；一家单位涉及多类问题的，各类分别计一家，合计只计一家，故各类之和可大于合计。",
        Distinct(ITEMS, _counted, _unit),
        ITEM_DIMENSIONS,
        CONDUCT_DIMENSIONS,
    ),
    _of_items(
        "problem_count",
        "自查问题数",
        "个",
        "已报单位自查问题明细的条数。",
        Sum(ITEMS, _counted),
    ),
    _of_items(
        "occurrences",
        "涉及例次",
        "例次",
        "各条自查问题发生次数之和。",
        Sum(ITEMS, _counted, lambda row: row.row.occurrences),
    ),
    _of_items(
        "visits",
        "涉及人次",
        "人次",
        "各条自查问题涉及就诊人次之和；与例次是不同的计量单位，不相加。",
        Sum(ITEMS, _counted, lambda row: row.row.visits),
    ),
    _of_items(
        "violation_amt",
        "违规金额",
        "元",
        "各条自查问题涉及的违规金额之和。",
        Sum(ITEMS, _counted, lambda row: row.row.violation_amt),
    ),
    _of_items(
        "fund_amt",
        "其中医保基金",
        "元",
        "违规金额中由医保基金支付的部分，即应退回金额。",
        Sum(ITEMS, _counted, lambda row: row.row.fund_amt),
    ),
    _of_items(
        "refunded_amt",
        "已退回金额",
        "元",
        "已退回医保基金的金额；不含违约金和罚款。",
        Sum(ITEMS, _counted, lambda row: row.row.refunded_amt),
    ),
    _of_items(
        "outstanding_amt",
        "未退回金额",
        "元",
        "由医保基金支付的部分减去已退回金额。",
        Sum(ITEMS, _counted, lambda row: row.row.fund_amt - row.row.refunded_amt),
    ),
    _of_items(
        "rectified_count",
        "已整改问题数",
        "个",
        "整改状态为“已整改”的自查问题条数。",
        Sum(ITEMS, lambda row: row.on if row.row.rectify_status == RECTIFIED else None),
    ),
)
