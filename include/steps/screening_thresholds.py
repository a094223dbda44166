"""Parameters of screening rules as a campaign has approved them: what holds on a day, and changing one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from include.domain import screening
from include.domain.campaign import Campaign
from include.domain.desk import Outcome
from include.domain.errors import GiveUp
from include.domain.screening import Parameter, Rule, Threshold
from include.steps import named, screened_clues
from include.steps.ports import Gateways
from include.steps.slips import Slip


def in_force(campaign: Campaign, *, on: date, using: Gateways) -> dict[str, dict[str, Decimal]]:
    """Rule number → changed parameters that hold on the day; what is not named keeps its default."""
    return screening.in_force(using.ledger.screenings.thresholds(campaign.id), on=on)


def change(slip: Slip) -> Outcome:
    """Set a parameter (``S05.days``) to a value within its bounds, from the day of the slip on.

    The same value again changes nothing. Raise GiveUp for an unknown rule or parameter and a value out of bounds,
    ValueError for an unknown post.
    """
    rule, parameter = _asked(slip["parameter"])
    value = _value(rule, parameter, slip["value"])
    approved_by = named.post(slip.campaign, slip["approved_by"])
    if not slip.reason:
        raise GiveUp("请填写调整参数的理由，如依据的会议纪要或核查情况")
    held = in_force(slip.campaign, on=slip.on, using=slip.using).get(rule.number, {})
    before = held.get(parameter.name, parameter.default)
    what = f"筛查参数 {rule.number} {rule.title}：{parameter.title}"
    if before == value:
        return Outcome(what, (), (f"现行就是{value:f}{parameter.unit}，没有再登记",))
    changed = Threshold(rule.number, parameter.name, value, slip.on, slip.reason, approved_by)
    if not slip.dry_run:
        slip.using.ledger.screenings.change(
            slip.campaign.id, changed, actor=named.signed(approved_by, slip.by)
        )
    return Outcome(
        what,
        (f"{parameter.title} “{before:f}{parameter.unit}” → “{value:f}{parameter.unit}”",),
        (
            f"自{slip.on}起的筛查按新参数执行；以前登记的线索和筛查记录不变",
            f"可调范围{parameter.least:f}至{parameter.most:f}{parameter.unit}，默认{parameter.default:f}{parameter.unit}",
            *_said(slip, rule),
        ),
    )


def _asked(key: str) -> tuple[Rule, Parameter]:
    from include.screening import registry

    number, _, name = key.strip().partition(".")
    rules = {screen.RULE.number: screen.RULE for screen in registry.screens()}
    if (rule := rules.get(number.upper())) is None:
        raise GiveUp(f"没有编号为“{number}”的筛查规则；现有：{'、'.join(rules)}")
    for parameter in rule.parameters:
        if name in (parameter.name, parameter.title):
            return rule, parameter
    known = "、".join(f"{rule.number}.{each.name}（{each.title}）" for each in rule.parameters) or "（无）"
    raise GiveUp(f"规则{rule.number}“{rule.title}”没有参数“{name}”；可选：{known}")


def _value(rule: Rule, parameter: Parameter, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise GiveUp(f"新值填写的是“{text}”，请填写数字，如{parameter.default:f}") from None
    if not value.is_finite():
        raise GiveUp(f"新值填写的是“{text}”，请填写数字，如{parameter.default:f}")
    return rule.frozen({parameter.name: value})[parameter.name]


def _said(slip: Slip, rule: Rule) -> list[str]:
    """What verification has said of the rule so far, for whoever decides."""
    said = screened_clues.verified(slip.campaign, using=slip.using)
    return [each.sentence for each in said if each.number == rule.number and each.version == rule.version]
