"""The indicators of cases and how parties were dealt with (案件查处和处理). 家 never counts persons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from include.domain.groups import CONDUCT_DIMENSIONS, OBJECT, UNIT_DIMENSIONS
from include.domain.indicators.definition import Distinct, Indicator, IndicatorUnit, Source, Sum
from include.domain.indicators.facts import PartyCase
from include.domain.snapshot_records import Blacklisting

CASES, BLACKLISTINGS = Source.CASES, Source.BLACKLISTINGS
_DIMENSIONS = (*UNIT_DIMENSIONS, *CONDUCT_DIMENSIONS)
_PERSON_WORDS = frozenset({"参保人员", "医疗机构工作人员"})
"""涉嫌犯罪 among the natures of a problem."""


def _dealt_with(*ways: str) -> Callable[[PartyCase], date | None]:
    """The day a unit was dealt with in one of these ways."""

    def when(row: PartyCase) -> date | None:
        if not row.is_of_unit or not (set(ways) & set(row.row.dispositions) or not ways):
            return None
        return row.handled_on

    return when


def _units(key: str, title: str, words: str, *ways: str) -> Indicator:
    definition = (
        f"案件查处台账中{words}的单位数，一家单位多个案件的只计一家，不含个人；"
        "以决定日期计入，没有决定的以解除、暂停、曝光或结案日期计入。"
    )
    measure = Distinct(CASES, _dealt_with(*ways), lambda row: row.party)
    return Indicator(key, title, "家", definition, measure, _DIMENSIONS, CONDUCT_DIMENSIONS)


def _amount(key: str, title: str, definition: str, amount: Callable[[PartyCase], Decimal]) -> Indicator:
    measure = Sum(CASES, _decided, amount)
    return Indicator(key, title, "元", definition, measure, _DIMENSIONS)


def _decided(row: PartyCase) -> date | None:
    return row.handled_on


def _refused(row: PartyCase) -> Decimal:
    """What was claimed against the rules and never paid."""
    if "REFUSE_PAY" not in row.row.dispositions:
        return Decimal(0)
    return max(row.row.violation_amt - row.row.recoup_due, Decimal(0))


def _of_cases(
    key: str,
    title: str,
    unit: IndicatorUnit,
    definition: str,
    when: Callable[[PartyCase], date | None],
) -> Indicator:
    return Indicator(key, title, unit, definition, Sum(CASES, when), _DIMENSIONS)


def _penalised(row: PartyCase) -> date | None:
    return row.row.decided_on if row.is_of_unit and "ADMIN_PENALTY" in row.row.dispositions else None


def _listed_unit(row: Blacklisting) -> date | None:
    return None if row.subject in _PERSON_WORDS else row.listed_on


DISPOSITION: tuple[Indicator, ...] = (
    _units("units_handled", "处理数", "已作出处理（不予处理的除外）"),
    _units("units_talked", "约谈", "被约谈", "TALK"),
    _units("units_circulated", "通报批评", "被通报批评", "CIRCULAR"),
    _units("units_to_rectify", "责令限期整改", "被责令限期整改", "ORDER_RECTIFY"),
    _units("units_refused", "拒付费用", "被拒付费用", "REFUSE_PAY"),
    _units("units_warned", "黄牌警告", "被黄牌警告", "YELLOW_CARD"),
    _units(
        "units_suspended",
        "暂停结算、中止协议",
        "被暂停结算、中止协议或暂停相关责任部门服务",
        "SUSPEND_SETTLEMENT",
        "SUSPEND_AGREEMENT",
        "SUSPEND_DEPT",
    ),
    _units("units_terminated", "解除（终止）协议", "被解除（终止）协议", "TERMINATE_AGREEMENT"),
    Indicator(
        "units_penalised",
        "行政处罚",
        "家",
        "案件查处台账中已作出行政处罚决定的单位数，一家单位只计一家，不含个人；以决定日期计入。",
        Distinct(CASES, _penalised, lambda row: row.party),
        _DIMENSIONS,
        CONDUCT_DIMENSIONS,
    ),
    _amount(
        "refused_amt",
        "拒付金额",
        "处理方式含拒付费用的案件，违规金额中未予支付的部分，即违规金额减去责令退回金额。",
        _refused,
    ),
    _amount(
        "damages_amt",
        "违约金",
        "按协议收取的违约金；与罚款、退回医保基金分属不同款项，不相加。",
        lambda row: row.row.damages_amt,
    ),
    Indicator(
        "fine_amt",
        "罚款",
        "元",
        "已作出行政处罚决定的罚款金额，以决定日期计入；上缴国库，不是追回的医保基金。",
        Sum(CASES, lambda row: row.row.decided_on, lambda row: row.row.fine_amt),
        _DIMENSIONS,
    ),
    _of_cases(
        "licences_revoked",
        "吊销执业资格",
        "人",
        "处理方式含吊销执业资格的案件，一案计一人。",
        lambda row: row.handled_on if "REVOKE_LICENSE" in row.row.dispositions else None,
    ),
    Indicator(
        "units_blacklisted",
        "列入黑名单单位",
        "家",
        "列入医疗保障“黑名单”的定点医药机构数，以列入日期计入；此后移出的不减。",
        Distinct(BLACKLISTINGS, _listed_unit, lambda row: row.unit_code or row.basis_doc_no),
        UNIT_DIMENSIONS,
        (OBJECT,),
    ),
    Indicator(
        "persons_blacklisted",
        "列入黑名单人员",
        "人",
        "列入医疗保障“黑名单”的参保人员和医疗机构工作人员人数，以列入日期计入；此后移出的不减。",
        Sum(BLACKLISTINGS, lambda row: row.listed_on if row.subject in _PERSON_WORDS else None),
        UNIT_DIMENSIONS,
    ),
    _of_cases(
        "cases_exposed",
        "公开曝光",
        "例",
        "已公开曝光或通报的案件数，以曝光通报日期计入。",
        lambda row: row.row.published_on,
    ),
    _of_cases(
        "staff_disciplined",
        "处分人员",
        "人",
        "当事人为医疗机构工作人员、已作出处理的案件，一案计一人。",
        lambda row: row.handled_on if row.object == "staff" else None,
    ),
)

CASE_PROGRESS: tuple[Indicator, ...] = (
    _of_cases(
        "cases_filed", "立案", "件", "立案查处的案件数，以立案日期计入。", lambda row: row.row.filed_on
    ),
    _of_cases(
        "cases_decided",
        "作出决定",
        "件",
        "已作出处理决定的案件数，以决定日期计入。",
        lambda row: row.row.decided_on,
    ),
    _of_cases(
        "cases_closed", "结案", "件", "已结案的案件数，以结案日期计入。", lambda row: row.row.closed_on
    ),
    _of_cases(
        "major_cases",
        "重大案件",
        "件",
        "问题性质为涉嫌犯罪或已移送公安机关的案件数，以立案日期计入。",
        lambda row: row.row.filed_on if row.row.is_major else None,
    ),
)
