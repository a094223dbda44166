"""How totals of different tables and columns must stand to one another (domain.md names ten kinds)."""

from __future__ import annotations

from typing import NamedTuple

from include.domain.groups import REFUND_SOURCES, SOURCE, TOTAL, UNIT_KIND
from include.domain.model import UnitKind
from include.domain.reports import Scope

Place = tuple[str, str]
Side = tuple[tuple[str, Place], ...]

_TOTAL: Place = (TOTAL, "")
_BOTH = (Scope.CUMULATIVE, Scope.THIS)
_END = (Scope.CUMULATIVE,)


class Relation(NamedTuple):
    """Figures summed on either side, and how the two sums must stand."""

    key: str
    left: Side
    sign: str
    right: Side
    title: str
    scopes: tuple[Scope, ...] = _END
    only_with: tuple[str, Place] | None = None
    """Compared only where this figure exists: without its register there is nothing to compare."""


def _total(*keys: str) -> Side:
    return tuple((key, _TOTAL) for key in keys)


def _of(
    left: tuple[str, ...], sign: str, right: tuple[str, ...], title: str, scopes: tuple[Scope, ...] = _END
) -> Relation:
    word = "equals" if sign == "=" else "within"
    return Relation(
        f"{'_and_'.join(left)}__{word}__{right[0]}", _total(*left), sign, _total(*right), title, scopes
    )


_PARTS_OF_EXPECTED = (
    "units_accepted",
    "units_received",
    "units_returned",
    "units_partial",
    "units_missing",
    "units_waived",
)

_SELF_CHECK = (
    _of(
        ("units_expected",),
        "=",
        _PARTS_OF_EXPECTED,
        "应报单位＝已报＋已收待校验＋退回待重报＋材料不全＋未报＋免报（家）",
    ),
    _of(
        ("units_on_time", "units_late"), "=", ("units_accepted",), "按期报送＋逾期报送＝已报单位（家）", _BOTH
    ),
    _of(("units_on_time",), "≤", ("units_accepted",), "按期报送≤已报单位（家）"),
    _of(
        ("zero_returns", "units_with_problems"),
        "≤",
        ("units_accepted",),
        "零报告＋发现问题≤已报单位（家）",
        _BOTH,
    ),
    _of(
        ("units_overdue",),
        "≤",
        ("units_missing", "units_returned", "units_partial"),
        "逾期未完成≤未报＋退回待重报＋材料不全（家）",
    ),
    _of(("units_unreachable",), "≤", ("units_expected",), "无可用邮箱≤应报单位（家）"),
    _of(
        ("units_with_problems",),
        "=",
        ("units_involved",),
        "报送情况表的发现问题单位＝违规情况表的涉及机构数合计（家）",
        _BOTH,
    ),
    _of(
        ("units_with_problems",),
        "≤",
        ("problem_count",),
        "每家发现问题单位至少有一个问题：发现问题单位≤自查问题数",
    ),
    _of(("rectified_count",), "≤", ("problem_count",), "已整改问题数≤自查问题数（个）", _BOTH),
    _of(("fund_amt",), "≤", ("violation_amt",), "其中医保基金≤违规金额（元）", _BOTH),
    _of(("refunded_amt",), "≤", ("fund_amt",), "已退回金额≤其中医保基金（元）", _BOTH),
    _of(("refunded_amt", "outstanding_amt"), "=", ("fund_amt",), "已退回＋未退回＝其中医保基金（元）", _BOTH),
)
"""``visits`` and ``occurrences`` are different units and are not compared."""

_INSPECTION = (
    _of(
        ("medical_institutions", "retail_pharmacies"),
        "=",
        ("units_to_inspect",),
        "机构底数：定点医疗机构＋定点零售药店＝处理结果表的应检查数（家）",
    ),
    _of(
        ("units_inspected",), "≤", ("units_to_inspect",), "处理结果表：已检查数≤应检查数，合计行（家）", _BOTH
    ),
    _of(
        ("inspected_with_problems",),
        "≤",
        ("units_inspected",),
        "处理结果表：发现问题数≤已检查数，合计行（家）",
        _BOTH,
    ),
    *(
        Relation(
            f"units_inspected__within__units_to_inspect__{kind.value}",
            (("units_inspected", (UNIT_KIND, kind.value)),),
            "≤",
            (("units_to_inspect", (UNIT_KIND, kind.value)),),
            f"处理结果表：已检查数≤应检查数，{kind.zh}行（家）",
        )
        for kind in (UnitKind.MEDICAL_INSTITUTION, UnitKind.RETAIL_PHARMACY)
    ),
    _of(
        ("units_inspected",),
        "≤",
        ("inspection_count",),
        "处理结果表：已检查数（家）不多于检查家次",
        _BOTH,
    ),
    _of(
        ("inspection_fund_amt",),
        "≤",
        ("inspection_violation_amt",),
        "检查：其中医保基金≤违规金额（元）",
        _BOTH,
    ),
    _of(
        ("violation_amt", "inspection_violation_amt", "person_cases_amt"),
        "=",
        ("found_amt",),
        "违规行为表：自查发现＋检查发现＋参保人员案件＝违规金额合计（元）",
        _BOTH,
    ),
    _of(
        ("inspected_with_problems",),
        "≤",
        ("found_units",),
        "处理结果表的发现问题数≤违规行为表的涉及机构数合计（家）",
    ),
)

_REFUNDS = (
    _of(("refund_paid",), "≤", ("refund_payable",), "整改及退费：已退≤应退，合计行（元）"),
    *(
        Relation(
            f"refund_paid__within__refund_payable__{number}",
            (("refund_paid", (SOURCE, source)),),
            "≤",
            (("refund_payable", (SOURCE, source)),),
            f"整改及退费：追回不大于应退的基金金额，来源为“{source}”（元）",
        )
        for number, source in enumerate(REFUND_SOURCES)
    ),
    Relation(
        "refunded_amt__within__refund_paid__self_check",
        (("refunded_amt", _TOTAL),),
        "≤",
        (("refund_paid", (SOURCE, REFUND_SOURCES[0])),),
        "违法违规情况统计表的自查退回不大于整改及退费台账中来源为“自查”的已退金额（元）",
        _END,
        ("refund_payable", (SOURCE, REFUND_SOURCES[0])),
    ),
    Relation(
        "recouped_amt__equals__sources",
        (("recouped_amt", _TOTAL),),
        "=",
        tuple(("refund_paid", (SOURCE, source)) for source in REFUND_SOURCES[1:]),
        "处理结果表的追回医保基金＝整改及退费台账中检查、案件两项已退金额之和（元）",
        _BOTH,
    ),
)

_WAYS = (
    ("units_talked", "约谈"),
    ("units_circulated", "通报批评"),
    ("units_to_rectify", "责令限期整改"),
    ("units_refused", "拒付费用"),
    ("units_warned", "黄牌警告"),
    ("units_suspended", "暂停结算、中止协议"),
    ("units_terminated", "解除（终止）协议"),
    ("units_penalised", "行政处罚"),
)

_CASES = (
    *(
        _of((key,), "≤", ("units_handled",), f"处理结果表：{title}≤处理数，合计行（家）", _BOTH)
        for key, title in _WAYS
    ),
    _of(("units_penalised",), "≤", ("cases_decided",), "行政处罚（家）不多于作出决定的案件（件）", _BOTH),
    _of(("cases_decided",), "≤", ("cases_filed",), "案件：作出决定≤立案（件）"),
    _of(("cases_closed",), "≤", ("cases_filed",), "案件：结案≤立案（件）"),
    _of(("major_cases",), "≤", ("cases_filed",), "案件：重大案件≤立案（件）", _BOTH),
)

_SCREENING = (
    _of(
        ("screening_clues",),
        "≤",
        ("clues_received",),
        "筛查：登记线索≤线索核查表的接收线索，合计行（条）",
        _BOTH,
    ),
    _of(("screening_checked",), "≤", ("screening_clues",), "筛查：已核查≤登记线索（条）"),
    _of(
        ("screening_confirmed", "screening_wrong"),
        "≤",
        ("screening_checked",),
        "筛查：查实＋不属实≤已核查（条）",
        _BOTH,
    ),
)

_CLUES = (
    _of(
        ("clues_closed", "clues_in_progress"),
        "=",
        ("clues_received",),
        "线索核查表：已办结＋核查中＝接收线索，合计行（条）",
    ),
    _of(("clues_checked",), "≤", ("clues_received",), "线索核查表：已核查≤接收线索，合计行（条）"),
    _of(("clues_closed",), "≤", ("clues_checked",), "线索核查表：已办结≤已核查，合计行（条）"),
    _of(
        ("clues_confirmed", "clues_unfounded"),
        "≤",
        ("clues_checked",),
        "线索核查表：查实＋不属实≤已核查，合计行（条）",
        _BOTH,
    ),
    _of(("clues_overdue",), "≤", ("clues_in_progress",), "线索核查表：逾期≤核查中，合计行（条）"),
    _of(("clues_flying",), "≤", ("clues_in_progress",), "线索核查表：拟纳入飞检≤核查中，合计行（条）"),
    _of(("tips_accepted",), "≤", ("tips_received",), "举报：受理≤接收（件）", _BOTH),
    _of(("tips_closed",), "≤", ("tips_received",), "举报：办结≤接收（件）"),
    _of(("tips_confirmed",), "≤", ("tips_closed",), "举报：查实≤办结（件）", _BOTH),
    _of(("tips_replied",), "≤", ("tips_received",), "举报：回复≤接收（件）"),
)

RELATIONS: tuple[Relation, ...] = (*_SELF_CHECK, *_INSPECTION, *_REFUNDS, *_CASES, *_CLUES, *_SCREENING)
