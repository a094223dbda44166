"""The indicators of the roster and of inspections (现场检查): 家 counts units once, 家次 every inspection."""

from __future__ import annotations

from datetime import date

from include.domain.groups import CONDUCT_DIMENSIONS, UNIT_DIMENSIONS
from include.domain.indicators.definition import Distinct, Indicator, Rate, Source, State, Sum
from include.domain.indicators.facts import SUPERVISED, Problem, Violation, Visit
from include.domain.model import UnitKind

ROSTER, INSPECTIONS, PROBLEMS, FOUND = Source.ROSTER, Source.INSPECTIONS, Source.PROBLEMS, Source.FOUND

_PROBLEM_DIMENSIONS = (*UNIT_DIMENSIONS, *CONDUCT_DIMENSIONS)


def _done(row: Visit) -> date:
    return row.row.end_on


def _counted(row: Visit) -> date | None:
    return row.row.end_on if row.counted else None


def _found(row: Problem) -> date:
    return row.visit.row.end_on


def _on(row: Violation) -> date:
    return row.on


BASE: tuple[Indicator, ...] = (
    Indicator(
        "medical_institutions",
        "定点医疗机构",
        "家",
        "专项行动开始时冻结的名册中的定点医疗机构数；此后新增、退出的不改变本数。",
        State(ROSTER, lambda row, moment: row.kind is UnitKind.MEDICAL_INSTITUTION),
        UNIT_DIMENSIONS,
    ),
    Indicator(
        "retail_pharmacies",
        "定点零售药店",
        "家",
        "专项行动开始时冻结的名册中的定点零售药店数；此后新增、退出的不改变本数。",
        State(ROSTER, lambda row, moment: row.kind is UnitKind.RETAIL_PHARMACY),
        UNIT_DIMENSIONS,
    ),
)

INSPECTION: tuple[Indicator, ...] = (
    Indicator(
        "units_to_inspect",
        "应检查数",
        "家",
        "冻结名册中的定点医疗机构和定点零售药店数，是检查覆盖率的分母。",
        State(ROSTER, lambda row, moment: row.kind in SUPERVISED),
        UNIT_DIMENSIONS,
    ),
    Indicator(
        "units_inspected",
        "已检查数",
        "家",
        "应检查单位中，至少有一次检查已完成的单位数；一家检查多次的只计一家，以检查结束日期计入。",
        Distinct(INSPECTIONS, _counted, lambda row: row.row.unit_code),
        UNIT_DIMENSIONS,
    ),
    Indicator(
        "inspection_coverage",
        "检查覆盖率",
        "%",
        "已检查数÷应检查数×100%；没有应检查单位时记为0。",
        Rate("units_inspected", "units_to_inspect"),
        UNIT_DIMENSIONS,
    ),
    Indicator(
        "agencies_inspected",
        "检查经办机构数",
        "家",
        "冻结名册中至少有一次检查已完成的医保经办机构数；不计入检查覆盖率。",
        Distinct(
            INSPECTIONS,
            lambda row: row.row.end_on if row.kind is UnitKind.HANDLING_AGENCY else None,
            lambda row: row.row.unit_code,
        ),
        UNIT_DIMENSIONS,
    ),
    Indicator(
        "inspection_count",
        "检查家次",
        "家次",
        "已完成的检查次数；一家单位检查两次计两家次，名册外的单位也计入。",
        Sum(INSPECTIONS, _done),
        UNIT_DIMENSIONS,
    ),
    Indicator(
        "inspected_with_problems",
        "检查发现问题数",
        "家",
        "已检查单位中，至少有一次检查发现问题的单位数；一家只计一家。",
        Distinct(
            INSPECTIONS,
            lambda row: row.row.end_on if row.counted and row.has_problems else None,
            lambda row: row.row.unit_code,
        ),
        UNIT_DIMENSIONS,
    ),
    Indicator(
        "inspection_problems",
        "检查发现问题",
        "个",
        "已完成的检查所登记的发现问题数之和；按违规类型分列时，未列明细的单列。",
        Sum(PROBLEMS, _found, lambda row: row.count),
        _PROBLEM_DIMENSIONS,
    ),
    Indicator(
        "inspection_units_involved",
        "检查违规机构数",
        "家",
        "检查发现存在该类问题的单位数；一家涉及多类问题的，各类分别计一家，合计只计一家。",
        Distinct(
            PROBLEMS,
            lambda row: row.visit.row.end_on if row.visit.has_problems else None,
            lambda row: row.visit.row.unit_code,
        ),
        _PROBLEM_DIMENSIONS,
        CONDUCT_DIMENSIONS,
    ),
    Indicator(
        "inspection_occurrences",
        "检查发现例次",
        "例次",
        "检查发现问题明细所登记的例次之和。",
        Sum(PROBLEMS, _found, lambda row: row.occurrences),
        _PROBLEM_DIMENSIONS,
    ),
    Indicator(
        "inspection_violation_amt",
        "检查违规金额",
        "元",
        "已完成的检查所登记的违规金额之和；已由自查报告并退回的金额不再登记。",
        Sum(PROBLEMS, _found, lambda row: row.amount),
        _PROBLEM_DIMENSIONS,
    ),
    Indicator(
        "inspection_fund_amt",
        "检查违规金额中医保基金",
        "元",
        "检查违规金额中由医保基金支付的部分。",
        Sum(PROBLEMS, _found, lambda row: row.fund),
        _PROBLEM_DIMENSIONS,
    ),
)

VIOLATIONS: tuple[Indicator, ...] = (
    Indicator(
        "found_units",
        "违规涉及机构数",
        "家",
        "自查或检查发现违规的单位数；自查和检查都发现的只计一家，涉及多类行为的各类分别计一家、合计只计一家。",
        Distinct(
            FOUND, lambda row: row.on if row.unit_code and not row.person else None, lambda row: row.unit_code
        ),
        _PROBLEM_DIMENSIONS,
        CONDUCT_DIMENSIONS,
    ),
    Indicator(
        "found_persons",
        "违规涉及人数",
        "人",
        "已立案查处的参保人员人数，一案计一人，以立案日期计入。",
        Sum(FOUND, lambda row: row.on if row.person else None),
        _PROBLEM_DIMENSIONS,
    ),
    Indicator(
        "found_occurrences",
        "违规例次",
        "例次",
        "自查、检查发现的例次之和；查处参保人员的案件一案计一例次。",
        Sum(FOUND, _on, lambda row: row.occurrences),
        _PROBLEM_DIMENSIONS,
    ),
    Indicator(
        "found_amt",
        "违规金额合计",
        "元",
        "自查违规金额、检查违规金额与查处参保人员案件的违规金额之和。",
        Sum(FOUND, _on, lambda row: row.amount),
        _PROBLEM_DIMENSIONS,
    ),
    Indicator(
        "found_fund_amt",
        "违规金额合计中医保基金",
        "元",
        "违规金额合计中由医保基金支付的部分；参保人员案件为责令退回金额。",
        Sum(FOUND, _on, lambda row: row.fund),
        _PROBLEM_DIMENSIONS,
    ),
    Indicator(
        "person_cases_amt",
        "参保人员案件违规金额",
        "元",
        "已立案查处的参保人员案件的违规金额之和。",
        Sum(FOUND, lambda row: row.on if row.person else None, lambda row: row.amount),
        _PROBLEM_DIMENSIONS,
    ),
)
