"""Tips (举报): what the rules have against a row. Who reported it is never among these values.

Sources: 《医疗保障基金使用监督管理举报处理暂行办法》 (NHSA Order 5) and 《违法违规使用医疗保障基金举报奖励办法》
(医保办发〔2022〕22号). Amounts are 元.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from include.domain.cases import Fault
from include.domain.model import Severity
from include.domain.penalties import Rewards
from include.domain.registers import STATE
from include.domain.returns import Value

Values = Mapping[str, Value]

TELL_WITHIN = 5
"""Working days (工作日) from the decision to file, or not to, until a real-name tipster is told."""
TRUE = ("属实", "部分属实")
REPLIED = "已回复"
_HANDLING = "《医疗保障基金使用监督管理举报处理暂行办法》"
_REWARDS = "医保办发〔2022〕22号"


def faults(values: Values, rewards: Rewards) -> Iterator[Fault]:
    """What is wrong with a tip as it is written."""
    yield from _ended(values)
    yield from _reward(values, rewards)


def _ended(values: Values) -> Iterator[Fault]:
    """Nothing ends without a result and a reply; a tip that was not accepted has its reason instead of a result."""
    if values.get(STATE) != REPLIED:
        return
    if values.get("accepted") != "不予受理" and not values.get("result"):
        yield Fault(
            "result", "tip_concluded", f"办理状态是“{REPLIED}”，请选择核查结果；没有核查结果的不得办结"
        )
    if values.get("real_name") is True and values.get("filed_on") and not values.get("told_on"):
        yield Fault(
            "told_on",
            "tip_told",
            f"实名举报已决定“{values.get('filed')}”，依{_HANDLING}须自决定之日起{TELL_WITHIN}个工作日内告知举报人，请填写告知举报人日期",
        )


def _reward(values: Values, rewards: Rewards) -> Iterator[Fault]:
    amount, result = _money(values, "reward_amt"), values.get("result")
    if values.get("reward") is True and result not in TRUE:
        yield Fault(
            "reward",
            "reward_only_true",
            f"依{_REWARDS}，举报查证属实的才予奖励，核查结果是“{result or '空白'}”，请改正核查结果或把是否奖励改为“否”",
        )
    base = _money(values, "reward_base")
    if amount is not None and rewards.share is not None:
        if base is None:
            yield Fault("reward_base", "reward_base_missing", "本地规定按案值的比例奖励，请填写案值")
        elif amount > (most := max(min(base * rewards.share, rewards.most), rewards.least)):
            yield Fault(
                "reward_amt",
                "reward_share",
                f"奖励金额{amount:.2f}元，按案值{base:.2f}元的{rewards.share * 100:f}%计算不超过{most:.2f}元（{_REWARDS}），请核对",
            )
    told, paid = _day(values, "reward_told_on"), _day(values, "paid_on")
    if paid is not None and told is None and values.get("reward") is True:
        yield Fault(
            "reward_told_on",
            "reward_notice",
            f"奖励已于{paid}发放，请填写领奖通知日期（{_REWARDS}：自接到通知之日起{rewards.collect_months}个月内领取）",
            Severity.WARNING,
        )
    if told is not None and paid is not None and not told <= paid <= rewards.last_day(told):
        yield Fault(
            "paid_on",
            "reward_collected",
            f"奖励发放日期（{paid}）不在领奖通知（{told}）之日起{rewards.collect_months}个月内（至{rewards.last_day(told)}），依{_REWARDS}应在期限内领取，请核对两个日期",
        )


def _day(values: Values, name: str) -> date | None:
    value = values.get(name)
    return value if isinstance(value, date) else None


def _money(values: Values, name: str) -> Decimal | None:
    value = values.get(name)
    return value if isinstance(value, Decimal) else None
