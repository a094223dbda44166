"""The indicators of clues (疑点线索), tips (举报) and referrals (移送). A clue is a suspicion, not a violation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from include.domain.groups import BATCH, CLUE_SOURCE, UNIT_DIMENSIONS
from include.domain.indicators.definition import (
    Day,
    Indicator,
    IndicatorUnit,
    Measure,
    Moment,
    Rate,
    Source,
    State,
    Sum,
)
from include.domain.snapshot_records import Clue, Referral, Tip

CLUES, TIPS, REFERRALS = Source.CLUES, Source.TIPS, Source.REFERRALS
_DIMENSIONS = (*UNIT_DIMENSIONS, CLUE_SOURCE, BATCH)
_CONFIRMED = ("查实", "部分查实")
_UNFOUNDED = ("不属实", "正常（有合理解释）", "无法核实")
_TRUE = ("属实", "部分属实")
_DISCIPLINE = ("DISCIPLINE", "DISCIPLINE_GROUP")


def _of_clues(key: str, title: str, unit: IndicatorUnit, definition: str, measure: Measure) -> Indicator:
    return Indicator(key, title, unit, definition, measure, _DIMENSIONS)


def _concluded(*results: str) -> Callable[[Clue], date | None]:
    return lambda row: row.checked_on if row.result in results else None


def _is_open(row: Clue, moment: Moment) -> bool:
    closed = row.closed_on is not None and row.closed_on <= moment.as_of
    return row.received_on <= moment.as_of and not closed


def _is_overdue(row: Clue, moment: Moment) -> bool:
    unchecked = row.checked_on is None or row.checked_on > moment.as_of
    return _is_open(row, moment) and unchecked and row.due_on is not None and row.due_on < moment.as_of


def _is_slow(row: Clue, moment: Moment) -> bool:
    """High risk and overdue, or untouched with half of the time gone (days of the calendar)."""
    if row.risk != "高" or row.due_on is None or not _is_open(row, moment):
        return False
    half_gone = 2 * (moment.as_of - row.received_on).days >= (row.due_on - row.received_on).days
    return _is_overdue(row, moment) or (row.state == "NOT_STARTED" and half_gone)


CLUE_CHECKS: tuple[Indicator, ...] = (
    _of_clues(
        "clues_received",
        "接收线索",
        "条",
        "接收的疑点线索条数，以接收日期计入。",
        Sum(CLUES, lambda row: row.received_on),
    ),
    _of_clues(
        "clues_checked",
        "已核查",
        "条",
        "已核查完毕（待复核、已办结、已反馈）的线索条数，以核查完毕日期计入。",
        Sum(CLUES, lambda row: row.checked_on),
    ),
    _of_clues(
        "clue_check_rate",
        "核查率",
        "%",
        "已核查÷接收线索×100%；没有接收线索时记为0。",
        Rate("clues_checked", "clues_received"),
    ),
    _of_clues(
        "clues_closed",
        "已办结",
        "条",
        "已办结的线索条数，以办结日期计入。",
        Sum(CLUES, lambda row: row.closed_on),
    ),
    _of_clues(
        "clues_confirmed",
        "查实",
        "条",
        "核查结论为查实或部分查实的线索条数，以核查完毕日期计入。",
        Sum(CLUES, _concluded(*_CONFIRMED)),
    ),
    _of_clues(
        "clue_confirm_rate",
        "查实率",
        "%",
        "查实÷已核查×100%；没有已核查线索时记为0。",
        Rate("clues_confirmed", "clues_checked"),
    ),
    _of_clues(
        "clues_unfounded",
        "不属实",
        "条",
        "核查结论为不属实、有合理解释或无法核实的线索条数，以核查完毕日期计入。",
        Sum(CLUES, _concluded(*_UNFOUNDED)),
    ),
    _of_clues(
        "clues_in_progress", "核查中", "条", "至期末已接收、尚未办结的线索条数。", State(CLUES, _is_open)
    ),
    _of_clues(
        "clues_overdue",
        "逾期",
        "条",
        "至期末已过核查期限、尚未核查完毕的线索条数。",
        State(CLUES, _is_overdue),
    ),
    _of_clues(
        "clues_flying",
        "拟纳入飞检",
        "条",
        "至期末尚未办结的高风险线索中，已逾期或期限过半仍未启动核查的条数。",
        State(CLUES, _is_slow),
    ),
    _of_clues(
        "clue_suspect_amt",
        "疑点金额",
        "元",
        "接收的疑点线索所列疑点金额之和；疑点金额不是违规金额。",
        Sum(CLUES, lambda row: row.received_on, lambda row: row.suspect_amt),
    ),
    _of_clues(
        "clue_confirmed_amt",
        "查实违规金额",
        "元",
        "核查查实的违规金额之和，以核查完毕日期计入。",
        Sum(CLUES, lambda row: row.checked_on, lambda row: row.confirmed_amt),
    ),
)


def _of_tips(
    key: str,
    title: str,
    definition: str,
    when: Day,
    *,
    unit: IndicatorUnit = "件",
    amount: Callable[[Tip], Decimal | int] = lambda row: 1,
) -> Indicator:
    return Indicator(key, title, unit, definition, Sum(TIPS, when, amount), UNIT_DIMENSIONS)


def _closed(row: Tip) -> date | None:
    if row.state not in ("CLOSED", "REPLIED") or not row.result:
        return None
    return row.decided_on or row.replied_on or row.received_on


TIP_WORK: tuple[Indicator, ...] = (
    _of_tips("tips_received", "接收举报", "登记的举报件数，以接收日期计入。", lambda row: row.received_on),
    _of_tips(
        "tips_accepted",
        "受理举报",
        "审查后受理的举报件数，以接收日期计入。",
        lambda row: row.received_on if row.accepted else None,
    ),
    _of_tips(
        "tips_closed",
        "办结举报",
        "受理后已有核查结果并办结的举报件数，以立案与否的决定日期计入，没有的以告知日期、接收日期计入。",
        _closed,
    ),
    _of_tips(
        "tips_confirmed",
        "举报查实",
        "办结的举报中，核查结果为属实或部分属实的件数。",
        lambda row: _closed(row) if row.result in _TRUE else None,
    ),
    _of_tips(
        "tips_replied",
        "回复举报",
        "已向举报人回复的件数，匿名无法回复而已注明的也计入；以告知日期计入，没有的以接收日期计入。",
        lambda row: (row.replied_on or row.received_on) if row.is_replied else None,
    ),
    _of_tips(
        "tip_reward_amt",
        "举报奖励",
        "已发放的举报奖励金额，以发放日期计入。",
        lambda row: row.reward_on,
        unit="元",
        amount=lambda row: row.reward_amt,
    ),
)


def _handed_to(*organisations: str) -> Callable[[Referral], date | None]:
    return lambda row: row.sent_on if row.direction == "移出" and row.to_org in organisations else None


def _handed_back(row: Referral) -> date | None:
    if row.direction == "移入":
        return row.sent_on if row.from_org == "POLICE" else None
    return row.returned_on if row.to_org == "POLICE" else None


def _of_referrals(key: str, title: str, definition: str, when: Day) -> Indicator:
    return Indicator(key, title, "件", definition, Sum(REFERRALS, when), UNIT_DIMENSIONS)


HANDED_ON: tuple[Indicator, ...] = (
    _of_referrals(
        "referred_police", "移送公安机关", "向公安机关移送的件数，以移送日期计入。", _handed_to("POLICE")
    ),
    _of_referrals(
        "referred_discipline",
        "移送纪检监察机关",
        "向纪委监委和派驻纪检监察组移送的件数，以移送日期计入。",
        _handed_to(*_DISCIPLINE),
    ),
    _of_referrals(
        "referred_health",
        "移送卫生健康部门",
        "向卫生健康部门移送的件数，以移送日期计入。",
        _handed_to("HEALTH"),
    ),
    _of_referrals(
        "referred_market",
        "移送市场监管部门",
        "向市场监管（药监）部门移送的件数，以移送日期计入。",
        _handed_to("MARKET"),
    ),
    _of_referrals(
        "referred_back",
        "公安机关移回",
        "公安机关退回作行政处理或移交医保部门处理的件数，以退回或移送日期计入。",
        _handed_back,
    ),
)
