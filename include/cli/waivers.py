"""Rules waived for single units: granted, listed, revoked."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from include.cli.common import AsJson, By, CampaignId, On, Reason, at_work, campaign_of, day
from include.cli.output import listed, print_json, say
from include.domain.waivers import Waiver
from include.steps import waive as step

app = typer.Typer(help="规则豁免：个别单位、个别规则，有批准、有理由、有期限。", no_args_is_help=True)

FormKey = Annotated[str, typer.Option("--form", help="报送表，如 self_check", metavar="报送表")]
UnitCode = Annotated[str, typer.Option("--unit", help="机构编码", metavar="编码")]
RuleKey = Annotated[str, typer.Option("--rule", help="规则代号，见 waivers rules", metavar="规则")]


@app.command()
def rules(form: FormKey, as_json: AsJson = False) -> None:
    """列出一张报送表可以豁免的规则：代号和要求。"""
    with at_work() as using:
        known = step.rules(step.form_of(form, using), using)
    if as_json:
        print_json(known)
    else:
        listed(list(known.items()))


@app.command()
def grant(
    campaign_id: CampaignId,
    form: FormKey,
    unit: UnitCode,
    rule: RuleKey,
    reason: Reason,
    approved_by: Annotated[
        str, typer.Option("--approved-by", help="批准岗位，写岗位代号或名称", metavar="岗位")
    ],
    until: Annotated[str, typer.Option("--until", help="最后一天（含当天），如 2024-06-30", metavar="日期")],
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """批准一项豁免：该单位的这条规则在期限内只作告知，不退回。"""
    campaign, asked, last = campaign_of(campaign_id), day(on), day(until)
    with at_work() as using:
        granted = step.grant(
            campaign,
            form,
            unit,
            rule,
            reason=reason,
            approved_by=approved_by,
            until=last,
            on=asked,
            using=using,
        )
    _done(
        granted,
        f"已批准：{granted.unit_code}的规则“{granted.rule}”豁免至{granted.expires_on}",
        as_json=as_json,
    )


@app.command("list")
def list_(campaign_id: CampaignId, on: On = None, as_json: AsJson = False) -> None:
    """列出批准过的豁免，标明当天是否有效。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        granted = step.granted(campaign, using)
    if as_json:
        print_json([_facts(each, asked) for each in granted])
        return
    say(f"豁免{len(granted)}项" if granted else "没有批准过豁免")
    listed(
        [
            (
                _state(each, asked),
                each.unit_code,
                each.form,
                each.rule,
                f"{each.granted_on}至{each.expires_on}",
                each.approved_by,
                each.reason,
            )
            for each in granted
        ]
    )


@app.command()
def revoke(
    campaign_id: CampaignId,
    form: FormKey,
    unit: UnitCode,
    rule: RuleKey,
    by: By,
    reason: Reason,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """撤销一项豁免，自当天起不再有效；此前的校验结论不变。"""
    campaign, asked = campaign_of(campaign_id), day(on)
    with at_work() as using:
        revoked = step.revoke(campaign, form, unit, rule, reason=reason, by=by, on=asked, using=using)
    _done(revoked, f"已撤销：自{asked}起{revoked.unit_code}的规则“{revoked.rule}”照常校验", as_json=as_json)


def _done(waiver: Waiver, said: str, *, as_json: bool) -> None:
    if as_json:
        print_json(waiver)
    else:
        say(said)


def _facts(each: Waiver, on: date) -> dict[str, object]:
    return {
        "unit": each.unit_code,
        "form": each.form,
        "rule": each.rule,
        "granted_on": each.granted_on,
        "expires_on": each.expires_on,
        "approved_by": each.approved_by,
        "reason": each.reason,
        "holds": each.holds(on),
    }


def _state(each: Waiver, on: date) -> str:
    if each.holds(on):
        return "有效"
    return "未生效" if on < each.granted_on else "已截止"
